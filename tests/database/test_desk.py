"""The staff's half of the life cycle: receive, observe by points, refer on, answer with files, count folios, reopen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from actions import tramites
from actions.lapsing import lapse_overdue
from models.receipts import Notice, Receipt
from models.register import Entry
from models.tramites import Tramite
from rules.access import Role
from rules.chain import facts_digest
from rules.notices import NoticeKind
from rules.register import Act
from tests.database.desk import HERE, THERE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.api import Api
    from tests.database.desk import Desk


async def fetch(person: Api, url: str) -> bytes:
    response = await person.http.get(
        url.removeprefix("https://mesa.example.pe"), headers={"authorization": f"Bearer {person.token}"}
    )
    return response.content if response.status_code == 200 else b""


async def mails(kind: NoticeKind) -> list[dict[str, Any]]:
    return [notice.detail for notice in await Notice.filter(kind=kind).order_by("created_at")]


# Receive


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


# The cargo


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
    for printed in ("Cargo de recepción", desk.tramite["number"], "Recepcionado 09/03/2026 10:01:00"):
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


# Observe


async def test_an_observation_is_a_list_of_points_that_the_mail_numbers(desk: Desk) -> None:
    points = ["Falta la firma.", "El anexo 2\nno se puede leer."]

    observed = await desk.do(desk.clerk, "observeTramite", points=points, text="Revise lo siguiente.")

    said = "Revise lo siguiente.\n\n1. Falta la firma.\n2. El anexo 2\nno se puede leer."
    assert (observed["status"], observed["observationPoints"], observed["observation"]) == ("OBSERVED", points, said)
    assert observed["history"][-1] == {"act": "OBSERVED", "text": said, "actorRole": "CLERK"}
    assert [told["observation"] for told in await mails(NoticeKind.OBSERVED)] == [said]
    assert (await desk.seen(desk.maria))["observationPoints"] == points


@pytest.mark.parametrize(
    ("given", "said"), [({"points": ["Falta la firma."]}, "Falta la firma."), ({"text": "A"}, "A")]
)
async def test_one_point_or_words_alone_are_told_as_they_are(desk: Desk, given: dict[str, Any], said: str) -> None:
    assert (await desk.do(desk.clerk, "observeTramite", **given))["observation"] == said


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({}, "TEXT_MISSING", ["input", "text"]),
        ({"text": " "}, "TEXT_MISSING", ["input", "text"]),
        ({"points": ["Falta.", " "]}, "TEXT_MISSING", ["input", "points", "1"]),
        ({"points": ["x" * 501]}, "TEXT_TOO_LONG", ["input", "points", "0"]),
        ({"points": ["Falta."] * 21}, "TOO_MANY_POINTS", ["input", "points"]),
        ({"points": ["Falta."], "text": "x" * 4001}, "TEXT_TOO_LONG", ["input", "text"]),
    ],
)
async def test_what_is_no_observation_is_refused_by_its_field(
    desk: Desk, given: dict[str, Any], code: str, path: list[str]
) -> None:
    answer = await desk.refused(desk.clerk, "observeTramite", **given)

    assert (answer["__typename"], answer["code"], answer["path"]) == ("InvalidInput", code, path)


async def test_twenty_points_of_500_characters_are_an_observation(desk: Desk) -> None:
    observed = await desk.do(desk.clerk, "observeTramite", points=["x" * 500] * 20)

    assert len(observed["observationPoints"]) == 20


# Refer on


async def test_a_referral_goes_on_to_the_next_office_and_its_word_is_for_that_office(desk: Desk) -> None:
    there, puno = await desk.person(Role.CLERK, THERE), await desk.person(Role.CLERK, "PUNO")
    await desk.do(desk.clerk, "referTramite", officeCode=THERE, text="Para su atención.")

    await desk.do(there, "referTramite", officeCode="PUNO", text="Es de su competencia.")

    shown = {"clerk": await desk.seen(desk.clerk), "there": await desk.seen(there), "puno": await desk.seen(puno)}
    assert {name: each["allowedSteps"] for name, each in shown.items()} == {
        "clerk": [],
        "there": [],
        "puno": ["REFER", "RESOLVE", "CORRECT_FOLIOS"],
    }
    assert [act["text"] for act in shown["puno"]["history"]] == [None, "Para su atención.", "Es de su competencia."]
    for person in (desk.maria, desk.clerk, there, await desk.person(Role.AUDITOR, None)):
        assert [act["text"] for act in (await desk.seen(person))["history"]] == [None, None, None]


# Resolve


async def test_an_answer_brings_files_that_the_applicant_fetches_and_the_mail_names(desk: Desk) -> None:
    stranger = await desk.person(Role.APPLICANT, None)
    uploads = [await desk.upload(desk.clerk, name=name) for name in ("resolución.pdf", "segunda.pdf")]

    resolved = await desk.do(desk.clerk, "resolveTramite", text="Se entrega la copia.", files=uploads)

    files = resolved["answerFiles"]
    assert [(file["role"], file["position"], file["version"], file["name"]) for file in files] == [
        ("ANSWER", 101, 1, "resolución.pdf"),
        ("ANSWER", 102, 1, "segunda.pdf"),
    ]
    assert [file["name"] for file in resolved["attachments"]] == ["solicitud.pdf"]
    assert [(await fetch(desk.maria, file["url"]))[:5] for file in files] == [b"%PDF-"] * 2
    assert await fetch(stranger, files[0]["url"]) == b""
    [told] = await mails(NoticeKind.RESOLVED)
    assert told["answerFiles"] == ["resolución.pdf", "segunda.pdf"]
    facts = (await Receipt.get(kind="RECEPTION")).facts
    assert (await Entry.get(act=Act.RESOLVED)).detail == {
        "files": [{"sha256": file["sha256"]} for file in files],
        "receipt": "RECEPTION",
        "facts": facts_digest(facts),
    }
    assert [file["name"] for file in facts["files"]] == ["solicitud.pdf"]


async def test_a_second_answer_keeps_the_files_of_the_first(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "resolveTramite", text="Va.", files=[await desk.upload(desk.clerk, name="a.pdf")])
    await desk.do(supervisor, "reopenTramite", reason="Faltó una hoja.")

    again = await desk.do(desk.clerk, "resolveTramite", text="Va.", files=[await desk.upload(desk.clerk, name="b.pdf")])

    assert [(file["version"], file["name"]) for file in again["answerFiles"]] == [(1, "a.pdf"), (2, "b.pdf")]


async def test_files_of_an_answer_are_the_clerks_own_whole_and_at_most_five(desk: Desk) -> None:
    hers = await desk.upload(desk.maria)
    own = await desk.upload(desk.clerk)
    program = await desk.upload(desk.clerk, name="tabla.xlsx")

    for files, code, path in (
        ([hers], "UPLOAD_NOT_FOUND", ["input", "files", "0"]),
        ([own, hers], "UPLOAD_NOT_FOUND", ["input", "files", "1"]),
        ([own, own], "UPLOAD_NAMED_TWICE", ["input", "files"]),
        ([own] * 6, "TOO_MANY_FILES", ["input", "files"]),
    ):
        answer = await desk.refused(desk.clerk, "resolveTramite", text="Va.", files=files)
        assert (answer["code"], answer["path"]) == (code, path)

    assert len((await desk.do(desk.clerk, "resolveTramite", text="Va.", files=[own, program]))["answerFiles"]) == 2


async def test_a_correction_after_which_it_is_answered_keeps_its_places(desk: Desk) -> None:
    """Files of answers have places of their own: a later version of what was handed in does not meet them."""
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "resolveTramite", text="Va.", files=[await desk.upload(desk.clerk)])
    await desk.do(supervisor, "reopenTramite", reason="Falta la firma.")
    await desk.do(desk.clerk, "observeTramite", points=["Falta la firma."])
    annex = await desk.upload(desk.maria, name="firma.pdf")

    corrected = await desk.do(
        desk.maria, "correctTramite", clientKey="5a8b2f7e-52c0-4c1c-a2a6-1d9b6b0d1b11", annexes=[{"upload": annex}]
    )

    assert [file["name"] for file in corrected["attachments"]] == ["solicitud.pdf", "firma.pdf"]
    assert [file["name"] for file in corrected["answerFiles"]] == ["respuesta.pdf"]


# Folios


async def test_the_desk_corrects_the_folios_and_says_why(desk: Desk) -> None:
    counted = await desk.do(desk.clerk, "correctFolios", folios=5, reason="Son cinco hojas.")

    assert (counted["folios"], counted["status"]) == (5, "PENDING")
    assert counted["history"][-1] == {"act": "FOLIOS_CORRECTED", "text": "Son cinco hojas.", "actorRole": "CLERK"}
    [told] = await mails(NoticeKind.FOLIOS_CORRECTED)
    assert (told["folios"], told["reason"]) == ({"before": 3, "after": 5}, "Son cinco hojas.")
    await desk.do(desk.clerk, "referTramite", officeCode=THERE)
    receipts = {receipt.kind.value: receipt.facts for receipt in await Receipt.all()}
    assert [(facts["folios"], facts["folios_count"]) for facts in receipts.values()] == [(3, "DECLARED"), (5, "CLERK")]


async def test_folios_that_the_applicant_changes_afterwards_are_declared_again(desk: Desk) -> None:
    await desk.do(desk.clerk, "correctFolios", folios=5, reason="Son cinco hojas.")
    await desk.do(desk.maria, "updateTramite", folios=6)

    await desk.do(desk.clerk, "referTramite", officeCode=THERE)

    facts = (await Receipt.get(kind="RECEPTION")).facts
    assert (facts["folios"], facts["folios_count"]) == (6, "DECLARED")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"folios": 3, "reason": "Iguales."}, "SAME_FOLIOS"),
        ({"folios": 0, "reason": "Ninguno."}, "INVALID_FOLIOS"),
        ({"folios": 4, "reason": " "}, "TEXT_MISSING"),
        ({"folios": 4, "reason": "x" * 501}, "TEXT_TOO_LONG"),
    ],
)
async def test_folios_that_correct_nothing_are_refused(desk: Desk, given: dict[str, Any], code: str) -> None:
    assert (await desk.refused(desk.clerk, "correctFolios", **given))["code"] == code


# Reopen


@pytest.mark.parametrize("end", ["RESOLVED", "LAPSED"])
@pytest.mark.parametrize("office", [HERE, "PUNO"])
async def test_a_supervisor_of_any_office_reopens_what_ended(desk: Desk, end: str, office: str) -> None:
    if end == "RESOLVED":
        await desk.do(desk.clerk, "resolveTramite", text="Se entregó.")
    else:
        await desk.do(desk.clerk, "observeTramite", text="Falta la firma.")
        await desk.counter.deliver()
        desk.counter.clock.advance(days=9)
        assert await lapse_overdue(desk.counter.tools) == 1
    desk.maria = await desk.api.signed_in_again(desk.counter, desk.maria)
    supervisor = await desk.person(Role.SUPERVISOR, office)
    assert (await desk.seen(supervisor))["allowedSteps"] == ["REOPEN"]

    reopened = await desk.do(supervisor, "reopenTramite", reason="El plazo se contó mal.")

    assert (reopened["status"], reopened["resolution"], reopened["office"]) == ("PENDING", None, {"code": HERE})
    last = {"act": "REOPENED", "text": "El plazo se contó mal.", "actorRole": "SUPERVISOR"}
    assert (await desk.seen(desk.maria))["history"][-1] == last
    assert [told["reason"] for told in await mails(NoticeKind.REOPENED)] == ["El plazo se contó mal."]
    assert await lapse_overdue(desk.counter.tools) == 0
    again = await desk.refused(supervisor, "reopenTramite", reason="Otra vez.")
    assert again["code"] == "STEP_NOT_OPEN"


async def test_a_reopened_tramite_is_not_observed_a_second_time(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "observeTramite", text="Falta la firma.")
    await desk.do(desk.maria, "correctTramite", clientKey="5a8b2f7e-52c0-4c1c-a2a6-1d9b6b0d1b11", text="Ya está.")
    await desk.do(desk.clerk, "resolveTramite", text="Se entregó.")
    await desk.do(supervisor, "reopenTramite", reason="Error nuestro.")

    answer = await desk.refused(desk.clerk, "observeTramite", text="Falta otra cosa.")

    assert answer["code"] == "OBSERVED_BEFORE"


async def test_a_clerk_does_not_reopen_and_a_reason_is_needed(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "resolveTramite", text="Se entregó.")

    by_clerk = await desk.refused(desk.clerk, "reopenTramite", reason="Error.")
    without = await desk.refused(supervisor, "reopenTramite", reason="  ")

    assert (by_clerk["__typename"], by_clerk["code"]) == ("NotAllowed", "STEP_NOT_ALLOWED")
    assert (without["code"], without["path"]) == ("TEXT_MISSING", ["input", "reason"])


async def test_of_two_who_refer_at_once_one_issues_the_cargo(desk: Desk) -> None:
    clerks = [desk.clerk.viewer, (await desk.person(Role.CLERK, HERE)).viewer]

    async def refer(clerk: Any) -> Tramite:
        tools, id_ = desk.counter.tools, (await Tramite.get(number=desk.tramite["number"])).id
        return await tramites.refer_tramite(tools, clerk, id_, office_code=THERE, text=None)

    answers = await asyncio.gather(*map(refer, clerks), return_exceptions=True)

    assert [isinstance(answer, Tramite) for answer in answers].count(True) == 1
    assert await Receipt.filter(kind="RECEPTION").count() == 1
