"""Exports: what one may see, as a file, whole, harmless, to who asked for it."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import openpyxl
import pytest
from tortoise.exceptions import TransactionManagementError

from actions import exports
from actions import tramites as desk
from models.people import Post
from models.register import ReadEntry
from models.searches import Export
from models.tramites import Tramite
from rules.access import Role
from rules.exports import COLUMNS
from rules.reads import ReadKind
from tests.api import execute_as_owner, in_process, make_feed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database

OPENED = "export { id url format expiresAt }"
HEADS = [column.head for column in COLUMNS]
SUBJECT = HEADS.index("Asunto")


@pytest.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield made


async def opened(api: Api, format_: str = "CSV", **given: Any) -> str:
    return (await api.mutate("openExport", OPENED, format=format_, **given))["export"]["id"]


async def fetch(api: Api, export_id: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {api.token}"} if api.token else {}
    return await api.http.get(f"/exports/{export_id}", headers=headers)


def rows_of(response: httpx.Response) -> list[list[str]]:
    assert response.status_code == 200, response.text
    assert response.content.startswith(b"\xef\xbb\xbf")
    heads, *rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""))
    assert heads == HEADS
    return rows


async def exported(api: Api, **given: Any) -> list[str]:
    return [row[SUBJECT] for row in rows_of(await fetch(api, await opened(api, **given)))]


async def test_a_list_goes_out_as_csv(counter: Counter, api: Api, database: Database) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    maria = await counter.register()
    filed = await counter.file(maria, subject="«Pido», dijo", office_code="PUNO", folios=3)
    await execute_as_owner(database, f"UPDATE tramites SET owner_id = '{clerk.viewer.user_id}'")

    response = await fetch(clerk, await opened(clerk))

    assert rows_of(response) == [[
        filed.number, "pendiente de validación", "2026-03-09 10:00:00", "2026-03-09", "2026-03-09", "no",
        "Oficina Regional Altiplano Puno", "mesa de partes digital", "Solicitud", "", "«Pido», dijo", "3",
        "María de los Ángeles Ñaupari Quispe", "", "", "María de los Ángeles Ñaupari Quispe", "no", "",
    ]]  # fmt: skip
    assert response.content.count(b"\r\n") == 2
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="tramites-2026-03-09-1000.csv"' in response.headers["content-disposition"]
    assert response.headers["cache-control"] == "no-store"


async def test_a_list_goes_out_as_a_spreadsheet_of_texts_and_dates(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    maria = await counter.register()
    await counter.file(maria, subject="=HYPERLINK(A1)", document_number="https://example.pe/", office_code="PUNO")
    counter.clock.advance(seconds=1)
    await counter.file(maria, subject="Otro", office_code="PUNO")

    response = await fetch(clerk, await opened(clerk, "XLSX", order="SENT_EARLIEST_FIRST"))

    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    heads, first, second = sheet.iter_rows()
    cells = dict(zip(HEADS, first, strict=True))
    assert [cell.value for cell in heads] == HEADS
    assert (cells["Asunto"].value, cells["Asunto"].data_type) == ("=HYPERLINK(A1)", "s")
    assert cells["Número de documento"].hyperlink is None
    assert cells["Enviado (hora de Lima)"].value == datetime(2026, 3, 9, 10, 0)  # noqa: DTZ001 - as a sheet has it
    assert cells["Fecha de presentación"].value == datetime(2026, 3, 9)  # noqa: DTZ001 - as a sheet has it
    assert cells["Folios"].value == 3
    assert second[SUBJECT].value == "Otro"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "'", " ="])
async def test_no_cell_is_a_formula(counter: Counter, api: Api, database: Database, start: str) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    filed = await counter.file(await counter.register(), subject="Pedido", office_code="PUNO")
    await Tramite.filter(id=filed.id).update(subject=f"{start}1+1")

    assert await exported(clerk) == [f"'{start}1+1"]


async def test_each_role_exports_what_it_may_see(counter: Counter, api: Api) -> None:
    maria = await counter.register()
    for office in ("PUNO", "LIMA"):
        await counter.file(maria, subject=office, office_code=office)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    await counter.file(clerk.viewer, subject="Propio", office_code="CUSCO")
    supervisor = await api.signed_in(counter, role=Role.SUPERVISOR)
    auditor = await api.signed_in(counter, role=Role.AUDITOR)
    others = [await api.signed_in(counter, role=role) for role in (Role.APPLICANT, Role.ADMINISTRATOR)]

    assert sorted(await exported(clerk)) == ["PUNO", "Propio"]
    assert sorted(await exported(clerk, filter={"officeCodes": ["LIMA", "PUNO"]})) == ["PUNO"]
    assert [sorted(await exported(each)) for each in (supervisor, auditor)] == [["LIMA", "PUNO", "Propio"]] * 2
    for other in others:
        refused = await other.mutate("openExport", OPENED, format="CSV")
        assert refused["code"] == "NOT_YOUR_DUTY"
    assert (await api.mutate("openExport", OPENED, format="CSV"))["code"] == "NOT_SIGNED_IN"
    assert await Export.filter(owner_id__in=[other.viewer.user_id for other in others]).count() == 0


async def test_of_ones_own_nothing_is_told_that_is_the_desks(counter: Counter, api: Api, database: Database) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    await counter.file(clerk.viewer, subject="Propio", office_code="PUNO")
    await execute_as_owner(database, f"UPDATE tramites SET owner_id = '{clerk.viewer.user_id}'")

    [row] = rows_of(await fetch(clerk, await opened(clerk)))

    told = dict(zip(HEADS, row, strict=True))
    assert {told[head] for head in ("Vence", "Atrasado", "Responsable", "Archivo recibido antes")} == {""}


async def test_somebody_elses_export_is_none(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    other = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    mine = await opened(clerk)

    answers = [
        await fetch(other, mine), await fetch(other, str(uuid4())), await fetch(other, "nada"), await fetch(api, mine),
    ]  # fmt: skip

    assert [(each.status_code, each.json()["code"]) for each in answers] == [
        *[(404, "EXPORT_NOT_FOUND")] * 3, (401, "NOT_SIGNED_IN"),
    ]  # fmt: skip


@pytest.mark.parametrize("format_", ["CSV", "XLSX"])
async def test_who_lost_the_office_since_they_asked_gets_a_list_of_nothing(
    counter: Counter, api: Api, format_: str
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    await counter.file(await counter.register(), office_code="PUNO")
    asked = await opened(clerk, format_)
    await Post.filter(user_id=clerk.viewer.user_id).delete()

    response = await fetch(clerk, asked)

    if format_ == "CSV":
        assert rows_of(response) == []
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
        assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [HEADS]


async def test_each_export_is_a_sensitive_read_noted_before_a_byte_goes(
    counter: Counter, api: Api, database: Database
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    await counter.file(await counter.register(), office_code="PUNO")
    mine = await opened(clerk, "XLSX")

    assert (await fetch(clerk, mine)).status_code == 200
    [read] = await ReadEntry.all()
    await execute_as_owner(database, "DROP FUNCTION reads_append(text)")
    unnoted = await fetch(clerk, mine)

    assert (read.kind, read.viewer_id, str(read.subject_id)) == (ReadKind.EXPORT, clerk.viewer.user_id, mine)
    assert read.detail == {"format": "XLSX", "rows": 1}
    assert unnoted.status_code == 500


async def test_an_export_expires_and_is_forgotten(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    mine = await opened(clerk)

    assert (await fetch(clerk, mine)).status_code == 200
    assert (await fetch(clerk, mine)).status_code == 200, "a download that broke off is tried again"
    counter.clock.advance(minutes=10)
    assert (await fetch(clerk, mine)).status_code == 404
    assert await exports.forget_exports(counter.tools) == 0
    counter.clock.advance(minutes=10)
    assert await exports.forget_exports(counter.tools) == 1
    assert await Export.all().count() == 0


async def test_a_person_fetches_one_at_a_time(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    other = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    first, second, of_other = await opened(clerk), await opened(clerk), await opened(other)

    async with exports.running(counter.tools, clerk.viewer, (await Export.get(id=first)).id):
        refused, allowed = await fetch(clerk, second), await fetch(other, of_other)
        counter.clock.advance(minutes=9, seconds=59)
        still = await fetch(clerk, second)
    afterwards = await fetch(clerk, second)

    assert [(each.status_code, each.json()["code"]) for each in (refused, still)] == [(409, "EXPORT_RUNNING")] * 2
    assert (allowed.status_code, afterwards.status_code) == (200, 200)


async def test_of_two_at_once_one_is_refused(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    ids = [(await Export.get(id=await opened(clerk))).id for _ in range(2)]
    begun = asyncio.Barrier(2)

    async def run(export_id: Any) -> str:
        try:
            async with exports.running(counter.tools, clerk.viewer, export_id):
                await begun.wait()
        except exports.ExportRunning:
            await begun.wait()
            return "refused"
        return "done"

    assert sorted(await asyncio.gather(*(run(export_id) for export_id in ids))) == ["done", "refused"]


async def test_too_many_wait_to_be_fetched(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    for _ in range(exports.MOST_WAITING):
        await opened(clerk)

    refused = await clerk.mutate("openExport", OPENED, format="CSV")

    assert refused["code"] == "TOO_MANY_EXPORTS"


async def test_a_list_that_is_too_long_is_refused_before_a_byte_goes(
    counter: Counter, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    for _ in range(3):
        await counter.file(clerk.viewer)
    monkeypatch.setattr(exports, "MOST_ROWS", 2)

    for format_ in ("CSV", "XLSX"):
        answer = await fetch(clerk, await opened(clerk, format_))
        assert (answer.status_code, answer.json()["code"]) == (422, "EXPORT_TOO_LARGE")
    assert await Export.filter(runs_until__isnull=False).count() == 0


async def test_a_saved_search_is_exported(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    maria = await counter.register()
    for subject in ("Uno", "Dos"):
        await counter.file(maria, subject=subject, office_code="PUNO")
    saved = await clerk.mutate("saveSearch", "savedSearch { id }", name="Dos", filter={"text": "dos"})
    search = saved["savedSearch"]["id"]

    assert await exported(clerk, savedSearch=search) == ["Dos"]
    both = await clerk.mutate("openExport", OPENED, format="CSV", savedSearch=search, filter={})
    assert both["code"] == "FILTER_TWICE"


async def test_all_rows_are_of_one_instant(counter: Counter, api: Api, database: Database) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    maria = await counter.register()
    await counter.file(maria, subject="0", office_code="PUNO")
    gone = await counter.file(maria, subject="1", office_code="PUNO")
    export = await Export.get(id=await opened(clerk, order="SENT_EARLIEST_FIRST"))

    async with exports.reading_rows(counter.tools, clerk.viewer, export) as rows:
        assert await Tramite.all().count() == 2
        await execute_as_owner(database, f"UPDATE tramites SET status = 'VOIDED' WHERE id = '{gone.id}'")
        read = [str(row[SUBJECT]) async for row in rows]
        with pytest.raises(TransactionManagementError, match="read-only"):
            await Tramite.filter(id=gone.id).update(subject="2")

    assert sorted(map(str, read)) == ["0", "1"]
    assert await exported(clerk) == ["0"]


async def test_a_tramite_seen_for_several_reasons_goes_out_once(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    await counter.file(clerk.viewer, subject="Propio", office_code="PUNO")
    filed = await counter.file(await counter.register(), subject="Derivado", office_code="PUNO")
    await desk.refer_tramite(counter.tools, clerk.viewer, filed.id, office_code="PUNO", text=None)

    assert sorted(await exported(clerk)) == ["Derivado", "Propio"]
