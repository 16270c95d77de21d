"""Who may update, void and correct a trámite, and in which state; a refusal changes and tells nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from actions import tramites
from models.receipts import Notice, Receipt
from models.register import Entry
from models.tramites import Tramite
from reading.access import NoSuchTramite
from rules.access import ACCOUNT_ROLES, NotTheApplicant, Role
from rules.lifecycle import TramiteStatus
from rules.notices import NoticeKind
from rules.refusals import Refusal, WrongStep
from rules.register import Act
from tests.applicants import DEEDS, correct, everything, observe, resolve, update, void

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from reading.access import Viewer
    from tests.counter import Counter

    Deed = Callable[[Counter, Viewer, UUID], Awaitable[Tramite]]


@pytest.mark.parametrize(
    ("role", "office", "refusal"),
    [
        (Role.APPLICANT, None, NoSuchTramite),
        (Role.CLERK, None, NoSuchTramite),
        (Role.CLERK, "CUSCO", NoSuchTramite),
        (Role.CLERK, "SEDE-CENTRAL", NotTheApplicant),
        (Role.SUPERVISOR, "CUSCO", NotTheApplicant),
        (Role.SUPERVISOR, "SEDE-CENTRAL", NotTheApplicant),
        (Role.AUDITOR, None, NotTheApplicant),
        (Role.ADMINISTRATOR, "SEDE-CENTRAL", NoSuchTramite),
    ],
)
@pytest.mark.parametrize("is_observed", [False, True])
async def test_others_may_not_and_nothing_changes(
    counter: Counter, role: Role, office: str | None, refusal: type[Refusal], is_observed: bool
) -> None:
    maria = await counter.register()
    other = await counter.register(role=role, office=office)
    tramite = await counter.file(maria)
    if is_observed:
        await observe(counter, tramite)
    before = await everything()

    for deed in DEEDS.values():
        with pytest.raises(refusal):
            await deed(counter, other, tramite.id)
        assert await everything() == before


async def test_a_tramite_that_is_not_there_is_answered_like_somebody_elses(counter: Counter) -> None:
    maria = await counter.register()

    for deed in DEEDS.values():
        with pytest.raises(NoSuchTramite):
            await deed(counter, maria, uuid4())


@pytest.mark.parametrize("role", sorted(ACCOUNT_ROLES))
async def test_staff_are_applicants_of_their_own_tramites(counter: Counter, role: Role) -> None:
    viewer = await counter.register(role=role, office=None if role is Role.APPLICANT else "SEDE-CENTRAL")
    tramite = await counter.file(viewer)

    await update(counter, viewer, tramite.id)
    await observe(counter, tramite)
    await correct(counter, viewer, tramite.id)
    voided = await void(counter, viewer, tramite.id)

    assert voided.status is TramiteStatus.VOIDED
    own = await Entry.filter(tramite_id=tramite.id, actor_id=viewer.user_id)
    assert {entry.role for entry in own} == {Role.APPLICANT}


async def _leave_pending(_counter: Counter, _maria: Viewer, _tramite: Tramite) -> None:
    return


async def _observe(counter: Counter, _maria: Viewer, tramite: Tramite) -> None:
    await observe(counter, tramite)


async def _refer(counter: Counter, _maria: Viewer, tramite: Tramite) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    await tramites.refer_tramite(counter.tools, clerk, tramite.id, office_code="CUSCO", text=None)


async def _resolve(counter: Counter, _maria: Viewer, tramite: Tramite) -> None:
    await resolve(counter, tramite)


async def _void(counter: Counter, maria: Viewer, tramite: Tramite) -> None:
    await void(counter, maria, tramite.id)


STATES = {"pending": _leave_pending, "observed": _observe, "referred": _refer, "resolved": _resolve, "voided": _void}
OPEN = {("pending", "update"), ("pending", "void"), ("observed", "correct"), ("voided", "void")}
"""A voided trámite may be voided: it is answered as it is."""


@pytest.mark.parametrize(
    ("state", "deed"), [(state, deed) for state in STATES for deed in DEEDS if (state, deed) not in OPEN]
)
async def test_a_step_that_is_not_open_is_refused_and_changes_nothing(counter: Counter, state: str, deed: str) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await STATES[state](counter, maria, tramite)
    before = await everything()

    with pytest.raises(WrongStep):
        await DEEDS[deed](counter, maria, tramite.id)

    assert await everything() == before


@pytest.mark.parametrize(("deed", "act", "refused"), [("void", Act.VOIDED, 0), ("correct", Act.CORRECTED, 1)])
async def test_of_two_at_once_one_is_done(counter: Counter, deed: str, act: Act, refused: int) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    if deed == "correct":
        await observe(counter, tramite)

    answers = await asyncio.gather(*(DEEDS[deed](counter, maria, tramite.id) for _ in range(2)), return_exceptions=True)

    assert [isinstance(answer, WrongStep) for answer in answers].count(True) == refused
    assert await Entry.filter(act=act).count() == 1
    assert await Notice.filter(kind=NoticeKind(act.value)).count() == 1
    assert await Receipt.all().count() == 2


async def test_of_a_voiding_and_an_answer_at_once_one_is_done(counter: Counter) -> None:
    maria = await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(maria)

    answers = await asyncio.gather(
        void(counter, maria, tramite.id),
        tramites.resolve_tramite(counter.tools, clerk, tramite.id, text="Se entregó la copia."),
        return_exceptions=True,
    )

    assert [isinstance(answer, WrongStep) for answer in answers].count(True) == 1
    assert await Entry.filter(act__in=[Act.VOIDED, Act.RESOLVED]).count() == 1
