"""Internal notes: for those who attend to a trámite, and for nobody else anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from models.desk import Note
from models.register import Entry
from models.tramites import Tramite
from rules.access import Role
from rules.chain import text_digest
from rules.register import Act
from tests.database.desk import HERE, ONE, THERE
from tests.statements import Statements

if TYPE_CHECKING:
    from tests.database.desk import Desk

TEXT = "El señor ya vino dos veces."


async def test_a_note_is_read_by_its_office_with_its_author(desk: Desk) -> None:
    other = await desk.person(Role.SUPERVISOR, HERE)

    written = await desk.do(desk.clerk, "addNote", text=f"  {TEXT}  ")

    assert written["notes"] == [{"text": TEXT, "author": {"role": "CLERK"}}]
    shown = await desk.seen(other)
    assert shown["notes"] == written["notes"]
    assert shown["history"][-1] == {"act": "NOTE_ADDED", "text": None, "actorRole": "CLERK"}


async def test_the_register_keeps_the_digest_of_a_note_and_not_what_it_says(desk: Desk) -> None:
    await desk.do(desk.clerk, "addNote", text=TEXT)

    entry = await Entry.get(act=Act.NOTE_ADDED)
    note = await Note.get(tramite_id=desk.tramite["id"])
    assert note.salt is not None
    digest = text_digest(TEXT, salt=note.salt)
    assert (entry.text, entry.detail, entry.to_status) == (None, {"note": str(note.id), "text": digest}, None)
    assert TEXT not in entry.record


@pytest.mark.parametrize(
    ("role", "office"),
    [(Role.SUPERVISOR, THERE), (Role.AUDITOR, None), (Role.AUDITOR, HERE), (Role.APPLICANT, None)],
)
async def test_nobody_else_reads_a_note_or_learns_of_it(desk: Desk, role: Role, office: str | None) -> None:
    await desk.do(desk.clerk, "addNote", text=TEXT)
    person = desk.maria if role is Role.APPLICANT else await desk.person(role, office)

    answer = await person.data(ONE, number=desk.tramite["number"])

    assert answer["tramite"]["notes"] == []
    assert [act["act"] for act in answer["tramite"]["history"]] == ["FILED"]
    assert TEXT not in json.dumps(answer)


async def test_staff_do_not_read_notes_about_what_they_filed_themselves(desk: Desk) -> None:
    await desk.do(desk.clerk, "addNote", text=TEXT)
    own = await desk.person(Role.SUPERVISOR, HERE)
    await Tramite.filter(id=desk.tramite["id"]).update(applicant_id=own.viewer.user_id)

    shown = await desk.seen(own)

    assert (shown["notes"], [act["act"] for act in shown["history"]]) == ([], ["FILED"])


async def test_notes_go_with_the_tramite_to_the_next_office(desk: Desk) -> None:
    there = await desk.person(Role.CLERK, THERE)
    await desk.do(desk.clerk, "addNote", text=TEXT)

    await desk.do(desk.clerk, "referTramite", officeCode=THERE)

    assert [note["text"] for note in (await desk.seen(there))["notes"]] == [TEXT]
    assert (await desk.seen(desk.clerk))["notes"] == []


@pytest.mark.parametrize(("text", "code"), [(" ", "TEXT_MISSING"), ("x" * 2001, "TEXT_TOO_LONG")])
async def test_a_note_is_bounded(desk: Desk, text: str, code: str) -> None:
    answer = await desk.refused(desk.clerk, "addNote", text=text)

    assert (answer["code"], answer["path"]) == (code, ["input", "text"])


async def test_the_latest_notes_come_the_oldest_first(desk: Desk) -> None:
    for number in range(3):
        desk.counter.clock.advance(seconds=1)
        await desk.do(desk.clerk, "addNote", text=f"Nota {number}")
    document = "query($n: String!, $last: Int!) { tramite(number: $n) { notes(last: $last) { text } } }"

    answer = await desk.clerk.data(document, n=desk.tramite["number"], last=2)
    refused = await desk.clerk.answer(document, n=desk.tramite["number"], last=101)

    assert [note["text"] for note in answer["tramite"]["notes"]] == ["Nota 1", "Nota 2"]
    assert refused["errors"][0]["extensions"]["code"] == "PAGE_SIZE"


async def test_three_tramites_with_notes_and_owners_cost_as_many_statements_as_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = """{ tramites { edges { node { owner { fullName } notes { text author { fullName } }
        history { act } answerFiles { name } } } } }"""
    await desk.do(desk.clerk, "addNote", text=TEXT)
    await desk.do(desk.clerk, "takeTramite")
    await desk.clerk.data(document)
    statements = Statements(monkeypatch)

    await desk.clerk.data(document)
    taken, statements.count = statements.count, 0
    for _ in range(2):
        await desk.counter.file(desk.maria.viewer)
    statements.count = 0
    answer = await desk.clerk.data(document)

    assert len(answer["tramites"]["edges"]) == 3
    assert statements.count == taken


async def test_nothing_is_noted_about_what_was_erased(desk: Desk) -> None:
    await Tramite.filter(id=desk.tramite["id"]).update(erased_at=desk.counter.clock())

    answer = await desk.refused(desk.clerk, "addNote", text="Llamó María.")

    assert (answer["__typename"], answer["code"]) == ("WrongStep", "TRAMITE_ERASED")
