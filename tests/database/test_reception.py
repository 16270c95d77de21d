"""Reception (recepción): the desk has a document, and the cargo attests it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.receipts import Notice, Receipt
from models.tramites import Tramite
from rules.access import Role
from rules.notices import NoticeKind
from tests.database.desk import THERE, fetch, mails

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.database.desk import Desk


async def test_the_desk_records_once_when_it_has_a_document(desk: Desk) -> None:
    desk.counter.clock.advance(minutes=5)

    received = await desk.do(desk.clerk, "receiveTramite")

    assert (received["status"], received["dates"]["receivedAt"]) == ("PENDING", "2026-03-09T10:05:00-05:00")
    assert received["allowedSteps"] == ["OBSERVE", "REFER", "RESOLVE", "CORRECT_FOLIOS"]
    assert received["history"][-1] == {"act": "RECEIVED", "text": None, "actorRole": "CLERK"}
    assert await Notice.all().count() == 3  # two welcomes and the constancia: receiving tells by the history alone
    again = await desk.refused(desk.clerk, "receiveTramite")
    assert (again["__typename"], again["code"]) == ("WrongStep", "RECEIVED_BEFORE")


async def test_the_cargo_attests_when_the_document_was_received_and_not_when_it_was_referred(desk: Desk) -> None:
    desk.counter.clock.advance(minutes=5)
    await desk.do(desk.clerk, "receiveTramite")
    desk.counter.clock.advance(hours=1)

    referred = await desk.do(desk.clerk, "referTramite", officeCode=THERE)

    assert referred["dates"]["receivedAt"] == "2026-03-09T10:05:00-05:00"
    assert (await Receipt.get(kind="RECEPTION")).facts["acted_at"] == "2026-03-09T15:05:00+00:00"


@pytest.mark.parametrize("first", ["referTramite", "resolveTramite"])
async def test_the_first_validation_issues_the_cargo_and_mails_it(
    desk: Desk, first: str, tmp_path: Path, pdf_text: Callable[[Path], str]
) -> None:
    given = {"officeCode": THERE} if first == "referTramite" else {"text": "Se entregó la copia."}
    desk.counter.clock.advance(minutes=1)

    shown = await desk.do(desk.clerk, first, **given)

    assert [receipt["kind"] for receipt in shown["receipts"]] == ["SUBMISSION", "RECEPTION"]
    cargo = await Receipt.get(kind="RECEPTION")
    [told] = await mails(NoticeKind.REFERRED if first == "referTramite" else NoticeKind.RESOLVED)
    assert told["receipt"] == str(cargo.id)
    (tmp_path / "cargo.pdf").write_bytes(await fetch(desk.maria, shown["receipts"][1]["url"]))
    text = " ".join(pdf_text(tmp_path / "cargo.pdf").split())
    for printed in ("Cargo de recepción", desk.tramite["number"], "RECEPCIONADO", "09/03/2026", "10:01:00"):
        assert printed in text
    assert ("la respuesta está en su trámite" in text) is (first == "resolveTramite")


async def test_there_is_one_cargo_however_often_a_tramite_is_validated(desk: Desk) -> None:
    there = await desk.person(Role.SUPERVISOR, THERE)
    await desk.do(desk.clerk, "referTramite", officeCode=THERE)
    await desk.do(there, "referTramite", officeCode="PUNO")
    await Tramite.filter(id=desk.tramite["id"]).update(office_id=next(iter(there.viewer.office_ids)))
    await desk.do(there, "resolveTramite", text="Atendido.")
    await desk.do(there, "reopenTramite", reason="Faltó una hoja.")

    await desk.do(there, "resolveTramite", text="Atendido, completo.")

    assert await Receipt.filter(kind="RECEPTION").count() == 1
    assert [("receipt" in told) for told in await mails(NoticeKind.REFERRED)] == [True, False]
    assert [("receipt" in told) for told in await mails(NoticeKind.RESOLVED)] == [False, False]


async def test_what_came_by_mail_and_belongs_to_nobody_has_a_cargo_too(desk: Desk) -> None:
    await Tramite.filter(id=desk.tramite["id"]).update(applicant_id=None)

    await desk.do(desk.clerk, "referTramite", officeCode=THERE)

    assert (await Receipt.get(kind="RECEPTION")).facts["identity_number"] is None


async def test_a_refused_referral_leaves_no_cargo_and_no_reception(desk: Desk) -> None:
    answer = await desk.refused(desk.clerk, "referTramite", officeCode="LUNA")

    assert (answer["code"], answer["path"]) == ("OFFICE_UNKNOWN", ["input", "officeCode"])
    assert (await Tramite.get(id=desk.tramite["id"])).received_at is None
