"""What is asked for twice under one key is made once; a key that comes with something else is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from models import desk as desk_rows
from models.people import ClientKey
from models.receipts import Notice
from models.register import Entry
from rules.access import Role
from tests.api import MAKING, Api

if TYPE_CHECKING:
    from tests.counter import Counter

OFFICE = "SEDE-CENTRAL"
TRIED_ELSEWHERE = {"answerMail", "correctTramite", "createServiceToken", "fileTramite", "sendReceiptAgain"}


@dataclass(frozen=True)
class Making:
    """What is made, by whom; `otherwise` changes the input."""

    role: Role
    given: dict[str, Any]
    otherwise: dict[str, Any]
    shown: str


MAKINGS = {
    "addNote": Making(Role.CLERK, {"text": "Vino dos veces."}, {"text": "Vino tres veces."}, "tramite { id }"),
    "openUpload": Making(Role.APPLICANT, {"name": "a.pdf", "sizeBytes": 10}, {"sizeBytes": 11}, "upload { id }"),
    "saveDraft": Making(
        Role.APPLICANT, {"form": {"subject": "Copia"}}, {"form": {"subject": "Otra"}}, "draft { id version }"
    ),
    "saveSearch": Making(Role.CLERK, {"name": "Mía", "filter": {"text": "x"}}, {"name": "Otra"}, "savedSearch { id }"),
    "openExport": Making(Role.CLERK, {"format": "CSV"}, {"format": "XLSX"}, "export { id }"),
    "saveTemplate": Making(
        Role.SUPERVISOR,
        {"kind": "ANSWER", "title": "Copia", "text": "Se entregó."},
        {"title": "Otra"},
        "template { id version }",
    ),
    "inviteStaff": Making(
        Role.ADMINISTRATOR,
        {"email": "luz@example.pe", "role": "AUDITOR", "officeCodes": []},
        {"email": "sol@example.pe"},
        "invitation { id }",
    ),
    "addOffice": Making(
        Role.ADMINISTRATOR,
        {"code": "ICA", "name": "Oficina Ica", "opensAt": "08:00", "closesAt": "16:00"},
        {"code": "ICA-2"},
        "office { code version }",
    ),
}


async def counts() -> list[int]:
    """Return how much of all that a repeated request could double there is."""
    return [await row.all().count() for row in (Entry, Notice, ClientKey, desk_rows.Note, desk_rows.Template)]


async def test_what_is_asked_for_twice_is_made_once_and_another_thing_under_its_key_is_refused(
    counter: Counter, api: Api
) -> None:
    applicant = await api.signed_in(counter)
    tramite = await counter.file(applicant.viewer)
    people = {role: await api.signed_in(counter, role=role, office=OFFICE) for role in Role if role is not Role.SYSTEM}

    for name, making in MAKINGS.items():
        person, key = people[making.role], str(uuid4())
        about = {"addNote": {"id": str(tramite.id)}}.get(name, {})
        given = {"clientKey": key} | about | making.given
        first = await person.mutate(name, making.shown, **given)
        made = await counts()
        again = await person.mutate(name, making.shown, **given)
        other = await person.mutate(name, **(given | making.otherwise))

        assert first["__typename"].endswith("Success"), (name, first)
        assert again == first, name
        assert other["code"] == "CLIENT_KEY_REUSED", (name, other)
        assert await counts() == made, name
    assert MAKINGS.keys() | TRIED_ELSEWHERE == MAKING


async def test_a_key_that_made_one_thing_makes_no_other_and_is_ones_own(counter: Counter, api: Api) -> None:
    maria, luis = await api.signed_in(counter), await api.signed_in(counter)
    key = str(uuid4())

    opened = await maria.mutate("openUpload", "upload { id }", clientKey=key, name="a.pdf", sizeBytes=10)
    saved = await maria.mutate("saveDraft", clientKey=key, form={"subject": "Copia"})
    theirs = await luis.mutate("openUpload", "upload { id }", clientKey=key, name="a.pdf", sizeBytes=10)

    assert saved["code"] == "CLIENT_KEY_REUSED"
    assert theirs["upload"]["id"] != opened["upload"]["id"]


async def test_what_was_made_and_is_gone_is_not_made_again(counter: Counter, api: Api) -> None:
    maria, key = await api.signed_in(counter), str(uuid4())
    draft = (await maria.mutate("saveDraft", "draft { id }", clientKey=key, form={"subject": "Copia"}))["draft"]
    await maria.mutate("discardDraft", id=draft["id"])

    again = await maria.mutate("saveDraft", clientKey=key, form={"subject": "Copia"})

    assert again["code"] == "DRAFT_NOT_FOUND"
    assert (await maria.data("{ drafts { id } }"))["drafts"] == []
