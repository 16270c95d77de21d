"""Corrections by the API, and what may be done before and after them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from actions.lapsing import GRACE, lapse_overdue
from models.receipts import Notice, Receipt
from models.register import Entry
from rules.access import Role
from rules.notices import NoticeKind
from rules.register import Act
from tests.api import Api, in_process, make_feed
from tests.counter import PDF, Counter
from tests.database.desk import fetch
from tests.database.following import file, seen
from tests.statements import Statements

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.postgres import Database

THURSDAY = datetime(2026, 3, 12, 5, 0, tzinfo=UTC)
"""Its first instant in Lima. What was observed on Monday 9 March 2026 may be corrected until Wednesday."""


PNG = b"\x89PNG\r\n\x1a\n"


STATUS = """query($number: String!, $lookupKey: String!) {
    publicStatus(number: $number, lookupKey: $lookupKey) { number status statusLabel filedOn officeName } }"""


@pytest_asyncio.fixture
async def maria(api: Api, counter: Counter) -> Api:
    return await api.signed_in(counter)


@pytest_asyncio.fixture
async def clerk(api: Api, counter: Counter) -> Api:
    return await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")


async def observe(clerk: Api, tramite: dict[str, Any]) -> None:
    answer = await clerk.mutate("observeTramite", id=tramite["id"], text="Falta la firma.")
    assert answer["__typename"] == "ObserveTramiteSuccess"


async def correct(person: Api, tramite: dict[str, Any], **given: Any) -> dict[str, Any]:
    asked = {"clientKey": str(uuid4()), "text": "Ya está firmada.", **given}
    return await person.mutate("correctTramite", "tramite { status filedOn }", id=tramite["id"], **asked)


async def corrected(maria: Api, clerk: Api, counter: Counter) -> dict[str, Any]:
    """Return a trámite whose main document and second annex were corrected a day after its filing."""
    annexes = [await counter.upload(maria.viewer, name=f"{name}.png", data=PNG + name.encode()) for name in "ab"]
    tramite = await file(maria, counter, annexUploads=[str(each.id) for each in annexes])
    await observe(clerk, tramite)
    signed = await counter.upload(maria.viewer, name="firmada.pdf", data=PDF + b"signed")
    other = await counter.upload(maria.viewer, name="b nueva.png", data=PNG + b"B")
    counter.clock.advance(hours=11)
    answer = await correct(
        maria, tramite, mainUpload=str(signed.id), annexes=[{"upload": str(other.id), "replaces": 2}]
    )
    assert answer["tramite"] == {"status": "PENDING", "filedOn": "2026-03-09"}
    return tramite


async def test_a_correction_is_a_version_of_its_own_and_the_first_one_stays(
    api: Api, maria: Api, clerk: Api, counter: Counter
) -> None:
    tramite = await corrected(maria, clerk, counter)

    shown = await seen(maria, tramite)

    old, foto, b = [
        {"name": name, "version": 1, "position": place}
        for place, name in enumerate(("solicitud.pdf", "a.png", "b.png"))
    ]
    signed, new = (
        {"name": "firmada.pdf", "version": 2, "position": 0},
        {"name": "b nueva.png", "version": 2, "position": 2},
    )
    assert [{name: each[name] for name in old} for each in shown["now"]] == [signed, foto, new]
    assert [{name: each[name] for name in old} for each in shown["filed"]] == [old, foto, b]
    assert (shown["none"], shown["all"]) == ([], [old, foto, b, signed, new])
    assert shown["versions"] == [
        {"number": 1, "at": "2026-03-09T15:00:00+00:00", "act": "FILED"},
        {"number": 2, "at": "2026-03-10T02:00:00+00:00", "act": "CORRECTED"},
    ]
    stranger = await api.signed_in(counter)
    for person in (maria, clerk):
        assert (await fetch(person, shown["filed"][2]["url"]), await fetch(person, shown["now"][2]["url"])) == (
            PNG + b"b",
            PNG + b"B",
        )
    assert [await fetch(stranger, shown[which][0]["url"]) for which in ("filed", "now")] == [b"", b""]


async def test_a_correction_has_a_receipt_of_its_own(
    maria: Api, clerk: Api, counter: Counter, tmp_path: Path, pdf_text: Callable[[Path], str]
) -> None:
    tramite = await corrected(maria, clerk, counter)

    shown = await seen(maria, tramite)

    first, second = shown["receipts"]
    assert [(each["kind"], each["version"]) for each in (first, second)] == [("SUBMISSION", 1), ("SUBMISSION", 2)]
    assert second["issuedAt"] == shown["versions"][1]["at"]
    [notice] = await Notice.filter(kind=NoticeKind.CORRECTED)
    receipt = await Receipt.get(tramite_id=tramite["id"], version=2)
    assert notice.detail["receipt"] == str(receipt.id)
    (tmp_path / "receipt.pdf").write_bytes(await fetch(maria, second["url"]))
    text = " ".join(pdf_text(tmp_path / "receipt.pdf").split())
    for printed in (
        tramite["number"],
        "Subsanación ingresada por la mesa de partes digital",
        "SUBSANADO",
        "09/03/2026 21:00:00",
        "Ya está firmada.",
        "Archivos recibidos (2)",
        "b nueva.png Anexo 2",
        *(each["sha256"] for each in shown["now"] if each["version"] == 2),
    ):
        assert printed in text
    page = await maria.http.get(f"/verificar/{receipt.verification_code}")
    assert "Subsanado" in page.text
    assert "Ya está firmada" not in page.text


async def test_words_alone_are_a_version_with_a_receipt_too(maria: Api, clerk: Api, counter: Counter) -> None:
    tramite = await file(maria, counter)
    await observe(clerk, tramite)

    await correct(maria, tramite)

    shown = await seen(maria, tramite)
    assert [each["number"] for each in shown["versions"]] == [1, 2]
    assert [each["version"] for each in shown["receipts"]] == [1, 2]
    assert [each["version"] for each in shown["now"]] == [1]


@pytest.mark.parametrize(("keeps", "filed_on"), [(True, "2026-03-09"), (False, "2026-03-16")])
async def test_a_corrected_tramite_keeps_its_date_or_is_dated_anew_with_its_rule(
    counter: Counter, database: Database, keeps: bool, filed_on: str
) -> None:
    institution = replace(counter.tools.institution, correction_keeps_date=keeps)
    other = Counter(replace(counter.tools, institution=institution), counter.clock)
    async with in_process(other, make_feed(database)) as api:
        maria = await api.signed_in(other)
        clerk = await api.signed_in(other, role=Role.CLERK, office="SEDE-CENTRAL")
        tramite = await file(maria, other)
        counter.clock.at = datetime(2026, 3, 13, 15, 0, tzinfo=UTC)  # a Friday
        clerk, maria = await api.signed_in_again(other, clerk), await api.signed_in_again(other, maria)
        await observe(clerk, tramite)
        counter.clock.advance(days=1)
        maria = await api.signed_in_again(other, maria)

        answer = await correct(maria, tramite)

        assert answer["tramite"] == {"status": "PENDING", "filedOn": filed_on}
        document = """query($number: String!) { tramite(number: $number) {
            filingRule { skipped { day } } datesExplained { filing { filedOn } } } }"""
        shown = (await maria.data(document, number=tramite["number"]))["tramite"]
        skipped = [] if keeps else [{"day": "2026-03-14"}, {"day": "2026-03-15"}]
        assert shown == {
            "filingRule": {"skipped": skipped},
            "datesExplained": {"filing": {"filedOn": filed_on}},
        }
    assert (await Entry.get(act=Act.CORRECTED)).detail["filedOn"] == filed_on
    facts = {receipt.version: receipt.facts["filed_on"] for receipt in await Receipt.filter(tramite_id=tramite["id"])}
    assert facts == {1: "2026-03-09", 2: filed_on}


async def test_the_steps_that_are_offered_are_those_that_would_be_taken(
    api: Api, maria: Api, clerk: Api, counter: Counter
) -> None:
    tramite = await file(maria, counter)
    assert (await seen(maria, tramite))["allowedSteps"] == ["UPDATE", "VOID"]

    await observe(clerk, tramite)
    await counter.deliver()
    offered: list[list[str]] = []
    for at in (counter.clock(), THURSDAY - timedelta(seconds=1), THURSDAY):
        counter.clock.at = at
        maria, clerk = await api.signed_in_again(counter, maria), await api.signed_in_again(counter, clerk)
        offered += [(await seen(person, tramite))["allowedSteps"] for person in (maria, clerk)]

    assert offered == [["CORRECT"], [], ["CORRECT"], [], [], []]
    late = await correct(maria, tramite)
    assert (late["__typename"], late["code"]) == ("WrongStep", "CORRECTION_LATE")
    counter.clock.at = THURSDAY + GRACE
    assert await lapse_overdue(counter.tools) == 1
    lapsed = await seen(maria, tramite)
    assert (lapsed["status"], lapsed["allowedSteps"]) == ("LAPSED", [])
    assert lapsed["history"][-1] == {
        "act": "LAPSED",
        "actorRole": "SYSTEM",
        "fromStatus": "OBSERVED",
        "toStatus": "LAPSED",
        "text": None,
    }


async def test_a_list_of_observed_ones_takes_as_many_statements_for_three_as_for_one(
    maria: Api, clerk: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = "{ tramites { edges { node { allowedSteps versions { number } attachments(version: 1) { name } } } } }"
    await observe(clerk, await file(maria, counter))
    await maria.data(document)
    statements = Statements(monkeypatch)

    await maria.data(document)
    taken, statements.count = statements.count, 0
    for _ in range(2):
        await observe(clerk, await file(maria, counter))
    statements.count = 0
    answer = await maria.data(document)

    assert [edge["node"]["allowedSteps"] for edge in answer["tramites"]["edges"]] == [["CORRECT"]] * 3
    assert statements.count == taken


@pytest.mark.parametrize(("end", "label"), [("VOIDED", "anulado"), ("LAPSED", "tenido por no presentado")])
async def test_number_and_key_tell_also_of_the_end_and_nothing_of_the_person(
    api: Api, maria: Api, clerk: Api, counter: Counter, end: str, label: str
) -> None:
    tramite = await file(maria, counter)
    if end == "VOIDED":
        await maria.mutate("voidTramite", id=tramite["id"])
    else:
        await observe(clerk, tramite)
        await counter.deliver()
        counter.clock.advance(days=9)
        await lapse_overdue(counter.tools)

    answer = await api.data(STATUS, number=tramite["number"], lookupKey=tramite["lookupKey"])

    assert answer["publicStatus"] == {
        "number": tramite["number"],
        "status": end,
        "statusLabel": label,
        "filedOn": "2026-03-09",
        "officeName": "Sede Central",
    }
