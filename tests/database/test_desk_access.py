"""Who may do what at the desk: every role, in every relation to the trámite; a refusal changes and tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.catalogue import Office
from models.people import Post
from models.tramites import Tramite
from rules.access import Role
from tests.database.desk import HERE, THERE

if TYPE_CHECKING:
    from tests.api import Api
    from tests.database.desk import Desk

DEEDS: dict[str, dict[str, Any]] = {
    "receiveTramite": {},
    "observeTramite": {"points": ["Falta la firma."]},
    "referTramite": {"officeCode": "PUNO"},
    "resolveTramite": {"text": "Se entregó."},
    "correctFolios": {"folios": 9, "reason": "Son nueve."},
    "reopenTramite": {"reason": "Error."},
    "takeTramite": {},
    "assignTramite": {},
    "releaseTramite": {},
    "addNote": {"text": "Nota."},
    "lookAt": {},
}

DECIDING = ("observeTramite", "referTramite", "resolveTramite", "reopenTramite")
"""What takes it out of the hands of who did it, so that nothing can follow."""

NOT_DECIDING = [deed for deed in DEEDS if deed not in DECIDING]

EXPECTED = """
                applicant  clerk  supervisor  administrator  auditor
own             own        own    own         own            own
here            -          yes    yes         -              see
once here       -          see    see         -              see
elsewhere       -          -      see         -              see
"""
"""What each role may do with a trámite: all of it, only see it, see it as its applicant, or not know of it."""

REOPENED = """
                applicant  clerk  supervisor  administrator  auditor
own             own        own    own         own            own
here            -          step   yes         -              see
once here       -          see    yes         -              see
elsewhere       -          -      yes         -              see
"""
"""The same for reopening: any supervisor may, and who attends to it otherwise is told whose step it is."""

REFUSALS = {
    "-": ("NotFound", "TRAMITE_NOT_FOUND"),
    "see": ("NotAllowed", "NOT_YOURS"),
    "own": ("NotAllowed", "NOT_YOURS"),
    "step": ("NotAllowed", "STEP_NOT_ALLOWED"),
}


def cells(table: str) -> dict[tuple[str, Role], str]:
    head, *lines = table.strip().splitlines()
    roles = [Role(name.upper()) for name in head.split()]
    rows = [(line[:16].strip(), line[16:].split()) for line in lines]
    return {(relation, role): cell for relation, row in rows for role, cell in zip(roles, row, strict=True)}


async def person_in(desk: Desk, relation: str, role: Role) -> Api:
    """Return somebody of that role to whom the trámite stands so; it is put where it must be."""
    person = await desk.person(role, THERE if relation == "elsewhere" else HERE)
    if relation == "own":
        await Tramite.filter(id=desk.tramite["id"]).update(applicant_id=person.viewer.user_id)
    if relation == "once here":
        await desk.do(desk.clerk, "referTramite", officeCode="PUNO")
    return person


@pytest.mark.parametrize(("relation", "role"), list(cells(EXPECTED)))
async def test_what_is_done_at_the_desk_is_done_by_staff_of_its_office(desk: Desk, relation: str, role: Role) -> None:
    """What is refused changes nothing, so that all else can be tried after it, deciding too."""
    person, cell = await person_in(desk, relation, role), cells(EXPECTED)[relation, role]
    deeds = NOT_DECIDING if cell == "yes" else [*NOT_DECIDING, *DECIDING[:3]]

    answers = {deed: await attempt(desk, person, deed, is_allowed=cell == "yes") for deed in deeds}

    assert answers == dict.fromkeys(deeds, REFUSALS.get(cell, ("Success", None)))


async def attempt(desk: Desk, person: Api, deed: str, *, is_allowed: bool) -> tuple[str, str | None]:
    """Do something, or see it refused without a trace."""
    given = DEEDS[deed] | ({"userId": str(person.viewer.user_id)} if deed == "assignTramite" else {})
    if is_allowed:
        answer = await person.mutate(deed, id=desk.tramite["id"], **given)
        return ("Success", None) if answer["__typename"].endswith("Success") else (answer["__typename"], answer["code"])
    answer = await desk.refused(person, deed, **given)
    return answer["__typename"], answer["code"]


@pytest.mark.parametrize("deed", DECIDING[:3])
@pytest.mark.parametrize(("relation", "role"), [place for place, cell in cells(EXPECTED).items() if cell == "yes"])
async def test_staff_of_its_office_decide(desk: Desk, deed: str, relation: str, role: Role) -> None:
    person = await person_in(desk, relation, role)

    assert await attempt(desk, person, deed, is_allowed=True) == ("Success", None)


@pytest.mark.parametrize(("relation", "role"), list(cells(REOPENED)))
async def test_only_supervisors_reopen(desk: Desk, relation: str, role: Role) -> None:
    person = await person_in(desk, relation, role)
    await Tramite.filter(id=desk.tramite["id"]).update(status="RESOLVED")

    match cells(REOPENED)[relation, role]:
        case "yes":
            assert (await desk.do(person, "reopenTramite", reason="Error."))["status"] == "PENDING"
        case cell:
            answer = await desk.refused(person, "reopenTramite", reason="Error.")
            assert (answer["__typename"], answer["code"]) == REFUSALS[cell]


async def test_nobody_does_anything_without_signing_in(desk: Desk) -> None:
    named = {"assignTramite": {"userId": str(desk.clerk.viewer.user_id)}}

    answers = {
        deed: await desk.refused(desk.api, deed, **given, **named.get(deed, {})) for deed, given in DEEDS.items()
    }

    assert {deed: answer["__typename"] for deed, answer in answers.items()} == dict.fromkeys(DEEDS, "NotSignedIn")


async def test_who_loses_a_post_loses_what_it_gave(desk: Desk) -> None:
    await desk.do(desk.clerk, "addNote", text="Nota.")
    await Post.filter(user_id=desk.clerk.viewer.user_id).update(office=await Office.get(code=THERE))

    answer = await desk.refused(desk.clerk, "receiveTramite")

    assert (answer["__typename"], await desk.seen(desk.clerk)) == ("NotFound", None)
