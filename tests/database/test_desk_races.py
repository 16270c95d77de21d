"""Two people do something with one trámite at the same moment: one after the other, each answered, nothing torn."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from models.receipts import Receipt
from models.register import Entry
from models.tramites import Tramite
from rules.access import Role
from rules.history import UNCHANGING
from rules.lifecycle import TramiteStatus
from tests.database.desk import HERE, THERE

if TYPE_CHECKING:
    from tests.api import Api
    from tests.database.desk import Desk

DEEDS: dict[str, dict[str, Any]] = {
    "receiveTramite": {},
    "observeTramite": {"text": "Falta la firma."},
    "referTramite": {"officeCode": THERE},
    "resolveTramite": {"text": "Se entregó."},
    "correctFolios": {"folios": 9, "reason": "Son nueve."},
    "takeTramite": {},
    "addNote": {"text": "Llamar mañana."},
    "reopenTramite": {"reason": "Error nuestro."},
    "updateTramite": {"subject": "Otro asunto"},
    "correctTramite": {"clientKey": "5a8b2f7e-52c0-4c1c-a2a6-1d9b6b0d1b11", "text": "Ya está."},
    "voidTramite": {},
}
OF_THE_APPLICANT = ("updateTramite", "voidTramite", "correctTramite")
WITHOUT_REVISION = (*OF_THE_APPLICANT, "addNote")

PAIRS = [
    ("receiveTramite", "receiveTramite"),
    ("receiveTramite", "referTramite"),
    ("observeTramite", "observeTramite"),
    ("observeTramite", "resolveTramite"),
    ("observeTramite", "voidTramite"),
    ("referTramite", "referTramite"),
    ("referTramite", "resolveTramite"),
    ("referTramite", "updateTramite"),
    ("resolveTramite", "resolveTramite"),
    ("resolveTramite", "voidTramite"),
    ("correctFolios", "updateTramite"),
    ("takeTramite", "takeTramite"),
    ("addNote", "resolveTramite"),
]
ENDED = [("reopenTramite", "reopenTramite"), ("reopenTramite", "addNote"), ("reopenTramite", "takeTramite")]
OBSERVED = [
    ("correctTramite", "correctTramite"),
    ("correctTramite", "voidTramite"),
    ("correctTramite", "resolveTramite"),
]


async def both(desk: Desk, names: tuple[str, str], *, expected: int | None = None) -> list[str]:
    """Let two people do two things at once; return the kinds of their answers, of which none is an error."""
    staff = [await desk.person(Role.SUPERVISOR, HERE), await desk.person(Role.SUPERVISOR, HERE)]

    def deed(name: str, by: Api) -> Any:
        given = {"id": desk.tramite["id"], **DEEDS[name]}
        if expected is not None and name not in WITHOUT_REVISION:
            given["expectedRevision"] = expected
        return (desk.maria if name in OF_THE_APPLICANT else by).mutate(name, **given)

    answers = await asyncio.gather(*(deed(name, by) for name, by in zip(names, staff, strict=True)))
    return [answer["__typename"] for answer in answers]


async def check_nothing_is_torn(tramite_id: str) -> None:
    row = await Tramite.get(id=tramite_id)
    acts = await Entry.filter(tramite_id=row.id).exclude(act__in=list(UNCHANGING)).order_by("sequence")
    steps = [act for act in acts if act.to_status is not None]
    cargos = await Receipt.filter(tramite_id=row.id, kind="RECEPTION").count()
    assert row.revision == len(acts)
    assert all(after.from_status is before.to_status for before, after in pairwise(steps))
    assert steps[-1].to_status is row.status
    assert cargos == any(act.to_status in (TramiteStatus.REFERRED, TramiteStatus.RESOLVED) for act in steps)


@pytest.mark.parametrize("names", PAIRS, ids="+".join)
async def test_of_two_deeds_at_once_both_are_answered_and_nothing_is_torn(desk: Desk, names: tuple[str, str]) -> None:
    answers = await both(desk, names)

    assert any(answer.endswith("Success") for answer in answers)
    await check_nothing_is_torn(desk.tramite["id"])


@pytest.mark.parametrize("names", [pair for pair in PAIRS if not {*pair} & {*WITHOUT_REVISION}], ids="+".join)
async def test_of_two_who_saw_the_same_revision_one_goes_on_and_the_other_is_told(
    desk: Desk, names: tuple[str, str]
) -> None:
    answers = await both(desk, names, expected=1)

    assert sorted(answer.endswith("Success") for answer in answers) == [False, True]
    assert "TramiteChanged" in answers
    await check_nothing_is_torn(desk.tramite["id"])


@pytest.mark.parametrize("names", ENDED, ids="+".join)
async def test_what_ended_is_reopened_once(desk: Desk, names: tuple[str, str]) -> None:
    await desk.do(desk.clerk, "resolveTramite", text="Se entregó.")

    answers = await both(desk, names)

    assert answers.count("ReopenTramiteSuccess") == 1
    await check_nothing_is_torn(desk.tramite["id"])


@pytest.mark.parametrize("names", OBSERVED, ids="+".join)
async def test_what_was_observed_is_corrected_whoever_else_acts(desk: Desk, names: tuple[str, str]) -> None:
    await desk.do(desk.clerk, "observeTramite", text="Falta la firma.")

    answers = await both(desk, names)

    assert "CorrectTramiteSuccess" in answers
    await check_nothing_is_torn(desk.tramite["id"])
