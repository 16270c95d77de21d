"""What clerks do: the right clerk, in the right state, once; and a refusal changes and tells nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from actions import tramites
from actions.filing_forms import UnknownOffice
from models.receipts import Notice
from models.register import Entry
from models.tramites import Referral, Tramite
from reading.access import NoSuchTramite, visible_tramites
from rules.access import NotYours, Role
from rules.lifecycle import TramiteStatus
from rules.notices import NoticeKind
from rules.refusals import InvalidInput, Refusal, WrongStep
from rules.register import Act
from tests.words import said_with

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from reading.access import Viewer
    from tests.counter import Counter

    Deed = Callable[[Counter, Viewer, UUID], Awaitable[Tramite]]


async def observe(counter: Counter, clerk: Viewer, tramite_id: UUID) -> Tramite:
    return await tramites.observe_tramite(counter.tools, clerk, tramite_id, text="Falta firmar la solicitud.")


async def refer(counter: Counter, clerk: Viewer, tramite_id: UUID) -> Tramite:
    return await tramites.refer_tramite(counter.tools, clerk, tramite_id, office_code="CUSCO", text=None)


async def resolve(counter: Counter, clerk: Viewer, tramite_id: UUID) -> Tramite:
    return await tramites.resolve_tramite(counter.tools, clerk, tramite_id, text="Se entregó la copia.")


DEEDS: dict[str, Deed] = {"observe": observe, "refer": refer, "resolve": resolve}


async def record_of(tramite: Tramite) -> tuple[object, ...]:
    return (
        await Tramite.filter(id=tramite.id).values(),
        await Entry.all().count(),
        await Notice.all().count(),
        await Referral.all().count(),
    )


async def test_observing_gives_two_working_days_and_tells_the_applicant(counter: Counter) -> None:
    counter.clock.at = datetime(2026, 7, 24, 15, 0, tzinfo=UTC)
    maria = await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(maria)

    observed = await observe(counter, clerk, tramite.id)

    assert (observed.status, observed.correct_by) == (TramiteStatus.OBSERVED, date(2026, 7, 30))
    assert await Notice.filter(tramite_id=tramite.id, kind=NoticeKind.OBSERVED).count() == 1
    entry = await Entry.get(tramite_id=tramite.id, act=Act.OBSERVED)
    assert (entry.from_status, entry.to_status, await said_with(entry), entry.actor_id) == (
        TramiteStatus.PENDING,
        TramiteStatus.OBSERVED,
        "Falta firmar la solicitud.",
        clerk.user_id,
    )


async def test_a_referred_tramite_moves_and_both_offices_see_it(counter: Counter) -> None:
    maria = await counter.register()
    here = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    there = await counter.register(role=Role.CLERK, office="CUSCO")
    tramite = await counter.file(maria)

    await refer(counter, here, tramite.id)

    assert await visible_tramites(here).filter(id=tramite.id).exists()
    assert await visible_tramites(there).filter(id=tramite.id).exists()
    with pytest.raises(NotYours):
        await resolve(counter, here, tramite.id)
    resolved = await resolve(counter, there, tramite.id)
    assert (resolved.status, resolved.resolution) == (TramiteStatus.RESOLVED, "Se entregó la copia.")


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(
    ("role", "office", "refusal"),
    [
        (Role.APPLICANT, None, NoSuchTramite),
        (Role.CLERK, None, NoSuchTramite),
        (Role.CLERK, "CUSCO", NoSuchTramite),
        (Role.SUPERVISOR, "CUSCO", NotYours),
        (Role.AUDITOR, "SEDE-CENTRAL", NotYours),
        (Role.ADMINISTRATOR, "SEDE-CENTRAL", NoSuchTramite),
    ],
)
async def test_others_may_not_and_nothing_changes(
    counter: Counter, deed: str, role: Role, office: str | None, refusal: type[Refusal]
) -> None:
    maria = await counter.register()
    other = await counter.register(role=role, office=office)
    tramite = await counter.file(maria)
    before = await record_of(tramite)

    with pytest.raises(refusal):
        await DEEDS[deed](counter, other, tramite.id)

    assert await record_of(tramite) == before


@pytest.mark.parametrize("deed", DEEDS)
async def test_applicants_and_clerks_may_not_decide_their_own(counter: Counter, deed: str) -> None:
    maria = await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    hers, own = await counter.file(maria), await counter.file(clerk)

    with pytest.raises(NotYours):
        await DEEDS[deed](counter, maria, hers.id)
    with pytest.raises(NotYours):
        await DEEDS[deed](counter, clerk, own.id)

    assert await Tramite.filter(status=TramiteStatus.PENDING).count() == 2


@pytest.mark.parametrize("first", ["observe", "resolve"])
@pytest.mark.parametrize("second", ["observe", "refer", "resolve"])
async def test_a_step_that_is_not_open_is_refused(counter: Counter, first: str, second: str) -> None:
    maria = await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(maria)
    await DEEDS[first](counter, clerk, tramite.id)
    before = await record_of(tramite)

    with pytest.raises(WrongStep):
        await DEEDS[second](counter, clerk, tramite.id)

    assert await record_of(tramite) == before


async def test_of_two_clerks_at_once_one_observes(counter: Counter) -> None:
    maria = await counter.register()
    clerks = [await counter.register(role=Role.CLERK, office="SEDE-CENTRAL") for _ in range(2)]
    tramite = await counter.file(maria)

    answers = await asyncio.gather(*(observe(counter, clerk, tramite.id) for clerk in clerks), return_exceptions=True)

    assert [isinstance(answer, WrongStep) for answer in answers].count(True) == 1
    assert await Notice.filter(kind=NoticeKind.OBSERVED).count() == 1
    assert await Entry.filter(act=Act.OBSERVED).count() == 1


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001, "\0"])
async def test_what_a_clerk_says_is_checked(counter: Counter, text: str) -> None:
    maria = await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(maria)
    before = await record_of(tramite)

    with pytest.raises(InvalidInput) as refused:
        await tramites.observe_tramite(counter.tools, clerk, tramite.id, text=text)

    assert refused.value.path == ("text",)
    assert await record_of(tramite) == before


async def test_an_office_that_does_not_exist_is_named(counter: Counter) -> None:
    maria = await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(maria)

    with pytest.raises(UnknownOffice) as refused:
        await tramites.refer_tramite(counter.tools, clerk, tramite.id, office_code="LUNA", text=None)

    assert refused.value.path == ("officeCode",)
    assert await Referral.all().count() == 0


async def test_a_tramite_that_is_not_there_is_answered_like_one_that_may_not_be_seen(counter: Counter) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")

    with pytest.raises(NoSuchTramite):
        await observe(counter, clerk, uuid4())
