"""What is not corrected in time lapses: on its day, once, by whoever comes first, and never without notice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from actions import corrections, notices, tramites
from actions.calendar import declare_days
from actions.corrections import Correction
from actions.lapsing import lapse_overdue
from actions.transaction import tx
from delivery.letters import letter_of
from models.receipts import Notice
from models.register import Entry
from models.tasks import Task
from models.tramites import Tramite
from rules.access import Role
from rules.corrections import CorrectionLate
from rules.holidays import DeclaredDay
from rules.lifecycle import TramiteStatus
from rules.notices import NoticeKind, NoticeState
from rules.refusals import WrongStep
from rules.register import Act
from rules.tasks import TaskKind

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from reading.access import Viewer
    from tests.counter import Counter

THURSDAY = datetime(2026, 3, 12, 5, 0, tzinfo=UTC)
"""Its first instant in Lima. What was observed on Monday 9 March 2026 may be corrected until Wednesday."""


QUARTER = timedelta(minutes=15)
"""How long a correction of the last moment is waited for."""


async def observed(counter: Counter, maria: Viewer, *, is_told: bool = True) -> Tramite:
    tramite = await counter.file(maria)
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    await tramites.observe_tramite(counter.tools, clerk, tramite.id, text="Falta firmar.")
    if is_told:
        await counter.deliver()
    return tramite


async def correct(counter: Counter, viewer: Viewer, tramite: Tramite, **tools: Any) -> Tramite:
    form = Correction(client_key=uuid4(), text="Ya está firmada.")
    return await corrections.correct_tramite(replace(counter.tools, **tools), viewer, tramite.id, form)


async def status_of(tramite: Tramite) -> TramiteStatus:
    return (await Tramite.get(id=tramite.id)).status


async def test_what_was_not_corrected_lapses_by_the_system_and_its_applicant_is_told(counter: Counter) -> None:
    tramite = await observed(counter, await counter.register())
    counter.clock.at = THURSDAY + QUARTER

    assert await lapse_overdue(counter.tools) == 1

    assert await status_of(tramite) is TramiteStatus.LAPSED
    entry = await Entry.get(act=Act.LAPSED)
    assert (entry.role, entry.actor_id, entry.at) == (Role.SYSTEM, None, counter.clock.at)
    assert (entry.from_status, entry.to_status) == (TramiteStatus.OBSERVED, TramiteStatus.LAPSED)
    [letter] = [letter_of(each) for each in await notices.claim_notices(counter.tools, uuid4(), most=20)]
    assert (letter.kind, letter.address) == (NoticeKind.LAPSED, tramite.contact_email)
    assert (letter.lines["correct_by"], letter.paragraphs["observation"]) == ("11/03/2026", "Falta firmar.")
    assert await Task.all().count() == 0


@pytest.mark.parametrize(
    ("at", "lapsed"),
    [
        (THURSDAY - timedelta(seconds=1), 0),
        (THURSDAY + QUARTER - timedelta(seconds=1), 0),
        (THURSDAY + QUARTER, 1),
        (THURSDAY + timedelta(days=200), 1),
    ],
)
async def test_it_lapses_when_its_last_day_is_over_also_long_after(counter: Counter, at: datetime, lapsed: int) -> None:
    tramite = await observed(counter, await counter.register())
    counter.clock.at = at

    assert await lapse_overdue(counter.tools) == lapsed

    assert await status_of(tramite) is (TramiteStatus.LAPSED if lapsed else TramiteStatus.OBSERVED)


async def test_it_lapses_once(counter: Counter) -> None:
    await observed(counter, await counter.register())
    counter.clock.advance(days=9)

    counts = [await lapse_overdue(counter.tools) for _ in range(2)]

    assert counts == [1, 0]
    assert await Entry.filter(act=Act.LAPSED).count() == 1


async def test_only_what_is_observed_and_overdue_lapses(counter: Counter) -> None:
    maria = await counter.register()
    await counter.file(maria)
    await correct(counter, maria, await observed(counter, maria))
    overdue = await observed(counter, maria)
    counter.clock.advance(days=2)
    later = await observed(counter, maria)
    counter.clock.at = THURSDAY + QUARTER

    assert await lapse_overdue(counter.tools) == 1

    assert [await status_of(each) for each in (overdue, later)] == [TramiteStatus.LAPSED, TramiteStatus.OBSERVED]
    assert await Tramite.filter(status=TramiteStatus.PENDING).count() == 2


async def test_a_last_day_declared_a_holiday_is_waited_out(counter: Counter) -> None:
    tramite = await observed(counter, await counter.register())
    wednesday = DeclaredDay(day=THURSDAY.date() - timedelta(days=1), name="Duelo nacional", source="Decreto Supremo")
    await declare_days([wednesday], now=counter.clock())
    counter.clock.at = THURSDAY + QUARTER

    assert await lapse_overdue(counter.tools) == 0
    counter.clock.advance(days=1)

    assert await lapse_overdue(counter.tools) == 1
    assert await status_of(tramite) is TramiteStatus.LAPSED


# Nobody loses by a mail that did not arrive


@pytest.mark.parametrize("state", [NoticeState.PENDING, NoticeState.UNDELIVERABLE, NoticeState.SUPPRESSED])
async def test_what_its_applicant_was_not_told_of_becomes_a_task_once(counter: Counter, state: NoticeState) -> None:
    tramite = await observed(counter, await counter.register())
    times = (None, counter.clock()) if state is NoticeState.PENDING else (counter.clock(), None)
    bounced = dict(zip(("finished_at", "next_try_at"), times, strict=True), state=state)
    await Notice.filter(kind=NoticeKind.OBSERVED).update(**bounced)
    counter.clock.advance(days=9)

    counts = [await lapse_overdue(counter.tools) for _ in range(2)]

    assert counts == [0, 0]
    assert await status_of(tramite) is TramiteStatus.OBSERVED
    [task] = await Task.all()
    assert (task.kind, task.tramite_id) == (TaskKind.OBSERVATION_UNDELIVERED, tramite.id)
    await Task.all().update(done_at=counter.clock())
    assert await lapse_overdue(counter.tools) == 0
    assert await Task.all().count() == 1
    assert await Entry.filter(act=Act.LAPSED).count() == 0


async def test_a_mail_that_left_too_late_for_the_whole_term_is_none(counter: Counter) -> None:
    tramite = await observed(counter, await counter.register(), is_told=False)
    counter.clock.advance(days=1)
    await counter.deliver()
    counter.clock.advance(days=9)

    assert await lapse_overdue(counter.tools) == 0

    assert await status_of(tramite) is TramiteStatus.OBSERVED
    assert await Task.all().count() == 1


async def test_a_mail_that_was_promised_anew_and_left_in_time_counts(counter: Counter) -> None:
    tramite = await observed(counter, await counter.register())
    await Notice.filter(kind=NoticeKind.OBSERVED).update(state=NoticeState.UNDELIVERABLE)
    counter.clock.advance(minutes=30)
    async with tx():
        await notices.promise(
            counter.tools, NoticeKind.OBSERVED, tramite=await Tramite.get(id=tramite.id).select_related("office")
        )
    await counter.deliver()
    counter.clock.advance(days=9)

    assert await lapse_overdue(counter.tools) == 1


async def test_who_was_not_told_may_still_correct(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await observed(counter, maria, is_told=False)
    counter.clock.advance(days=9)
    await lapse_overdue(counter.tools)

    corrected = await correct(counter, maria, tramite)

    assert corrected.status is TramiteStatus.PENDING


async def test_who_was_told_may_not_correct_late_though_nothing_has_lapsed_yet(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await observed(counter, maria)
    counter.clock.at = THURSDAY

    with pytest.raises(CorrectionLate):
        await correct(counter, maria, tramite)

    assert await status_of(tramite) is TramiteStatus.OBSERVED


# Races


async def test_of_several_runs_at_once_one_lets_it_lapse(counter: Counter) -> None:
    maria = await counter.register()
    for _ in range(4):
        await observed(counter, maria)
    counter.clock.advance(days=9)

    counts = await asyncio.gather(*(lapse_overdue(counter.tools) for _ in range(5)))

    assert sum(counts) == 4
    assert await Entry.filter(act=Act.LAPSED).count() == 4
    assert await Notice.filter(kind=NoticeKind.LAPSED).count() == 4


async def test_of_a_correction_and_a_lapse_at_once_one_is_done(counter: Counter) -> None:
    """The correction was sent on the last day, but its transaction runs at the same time as the lapse."""
    maria = await counter.register()
    waiting = [await observed(counter, maria) for _ in range(6)]
    counter.clock.at = THURSDAY + QUARTER

    def in_time() -> datetime:
        return THURSDAY - timedelta(seconds=1)

    attempts: list[Awaitable[object]] = [correct(counter, maria, each, clock=in_time) for each in waiting]
    answers = await asyncio.gather(lapse_overdue(counter.tools), *attempts, return_exceptions=True)

    for tramite, answer in zip(waiting, answers[1:], strict=True):
        acts = await Entry.filter(tramite_id=tramite.id, act__in=[Act.CORRECTED, Act.LAPSED])
        assert [each.act for each in acts] == [Act.LAPSED if isinstance(answer, WrongStep) else Act.CORRECTED]
        assert await status_of(tramite) is acts[0].to_status


async def test_what_somebody_is_acting_on_is_passed_over(counter: Counter) -> None:
    maria = await counter.register()
    busy, other = await observed(counter, maria), await observed(counter, maria)
    counter.clock.advance(days=9)
    locked, done = asyncio.Event(), asyncio.Event()

    async def act() -> None:
        async with tx():
            await Tramite.filter(id=busy.id).select_for_update().get()
            locked.set()
            await done.wait()

    acting = asyncio.create_task(act())
    await locked.wait()
    count = await lapse_overdue(counter.tools)
    done.set()
    await acting

    assert count == 1
    assert [await status_of(each) for each in (busy, other)] == [TramiteStatus.OBSERVED, TramiteStatus.LAPSED]
