"""Rounds: each when it is due, by one worker at a time, and a broken one stops nobody."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from actions.rounds import LEASE, ROUNDS, WORK_TIME, Round, claim_round, enrol, record_done
from mesadepartes.clock import now
from mesadepartes.fitness import agrees_on_time
from mesadepartes.rounds import Runner
from models import rounds as rows
from tests.api import execute_as_owner

if TYPE_CHECKING:
    from actions.tools import Tools
    from tests.counter import Counter
    from tests.servers.postgres import Database

HOUR = timedelta(hours=1)


@dataclass
class Job:
    """A work that finds *batches* to do, then nothing; it waits while *gate* is closed, and counts who does it."""

    error: Exception | None = None
    batches: list[int] = field(default_factory=list[int])
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    done: int = 0
    at_once: int = 0
    most_at_once: int = 0

    async def __call__(self, _tools: Tools) -> int:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.began.set()
        try:
            await self.gate.wait()
        finally:
            self.at_once -= 1
        if self.error is not None:
            raise self.error
        self.done += 1
        return self.batches.pop() if self.batches else 0


def job(*, error: Exception | None = None, is_open: bool = True) -> Job:
    made = Job(error)
    if is_open:
        made.gate.set()
    return made


def runner(counter: Counter, **jobs: Job) -> Runner:
    return Runner(counter.tools, asyncio.Event(), [Round(name, HOUR, work) for name, work in jobs.items()])


async def test_a_round_is_done_at_once_and_then_each_time_it_is_due(counter: Counter) -> None:
    work = job()
    running = runner(counter, sweep=work)
    done: list[int] = []

    for minutes in (0, 59, 1, 180, 0):
        counter.clock.advance(minutes=minutes)
        assert await running.run_due() == 0
        done.append(work.done)

    assert done == [1, 1, 2, 3, 3]
    [row] = await rows.Round.all()
    assert (row.last_run_at, row.next_run_at) == (counter.clock(), counter.clock() + HOUR)
    assert (row.last_done, row.failures, row.lease_holder) == (0, 0, None)


async def test_a_round_goes_on_until_it_finds_nothing(counter: Counter) -> None:
    work = job()
    work.batches = [3, 100, 100]

    await runner(counter, sweep=work).run_due()

    assert work.done == 4
    assert (await rows.Round.get(name="sweep")).last_done == 203


async def test_two_workers_never_do_one_round_at_once(counter: Counter) -> None:
    work = job(is_open=False)
    workers = [asyncio.create_task(runner(counter, sweep=work).run_due()) for _ in range(4)]
    await work.began.wait()
    await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
    work.gate.set()

    await asyncio.gather(*workers)

    assert (work.done, work.most_at_once) == (1, 1)


async def test_many_workers_share_what_is_due(counter: Counter) -> None:
    jobs = {f"sweep_{number}": job() for number in range(8)}

    await asyncio.gather(*(runner(counter, **jobs).run_due() for _ in range(4)))

    assert [each.done for each in jobs.values()] == [1] * 8


async def test_a_broken_round_is_logged_once_tried_at_its_next_time_and_stops_no_other(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = job(error=ValueError("broken")), job()
    running = runner(counter, a_broken=broken, b_sound=sound)

    with caplog.at_level(logging.ERROR):
        assert [await running.run_due() for _ in range(2)] == [1, 0]

    assert [record.getMessage() for record in caplog.records] == ["Round a_broken failed"]
    assert sound.done == 1
    row = await rows.Round.get(name="a_broken")
    assert (row.failures, row.next_run_at, row.lease_holder) == (1, counter.clock() + HOUR, None)
    broken.error = None
    counter.clock.advance(hours=1)
    assert await running.run_due() == 0
    row = await rows.Round.get(name="a_broken")
    assert (broken.done, row.failures, row.last_done) == (1, 0, 0)


@pytest.mark.parametrize("error", [OSError("no folder"), TimeoutError(), ConnectionResetError()])
async def test_a_round_that_fails_as_if_the_database_were_away_stops_no_other(
    counter: Counter, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    sound = job()

    with caplog.at_level(logging.ERROR):
        failed = await runner(counter, a_broken=job(error=error), b_sound=sound).run_due()

    assert (failed, sound.done) == (1, 1)
    [record] = caplog.records
    assert (record.getMessage(), record.exc_info) == (f"Round a_broken failed: {type(error).__name__}", None)


async def test_the_lease_of_a_worker_that_died_runs_out(counter: Counter) -> None:
    listed = [Round("sweep", HOUR, job())]
    await enrol(counter.tools, listed)
    dead, alive = uuid4(), uuid4()
    assert await claim_round(counter.tools, listed, holder=dead) is listed[0]

    counter.clock.at += LEASE - timedelta(seconds=1)
    assert await claim_round(counter.tools, listed, holder=alive) is None
    counter.clock.at += timedelta(seconds=1)
    assert await claim_round(counter.tools, listed, holder=alive) is listed[0]

    assert not await record_done(counter.tools, listed[0], holder=dead, count=1)
    assert await record_done(counter.tools, listed[0], holder=alive, count=1)
    assert WORK_TIME < LEASE


async def test_a_round_that_takes_too_long_is_given_up(counter: Counter) -> None:
    slow, sound = job(is_open=False), job()
    running = runner(counter, a_slow=slow, b_sound=sound)
    running.work_time = timedelta(milliseconds=50)

    assert await running.run_due() == 1

    assert (slow.at_once, slow.done, sound.done) == (0, 0, 1)


async def test_a_round_that_is_cut_off_is_free_at_once(counter: Counter) -> None:
    work = job(is_open=False)
    cut = asyncio.create_task(runner(counter, sweep=work).run_due())
    await work.began.wait()
    cut.cancel()
    await asyncio.wait({cut})
    work.gate.set()

    assert await runner(counter, sweep=work).run_due() == 0

    assert (work.done, work.most_at_once) == (1, 1)


async def test_a_worker_that_is_told_to_stop_finishes_what_it_has_in_hand_and_begins_nothing(counter: Counter) -> None:
    first, second = job(is_open=False), job()
    running = runner(counter, a_first=first, b_second=second)
    working = asyncio.create_task(running.run())
    await first.began.wait()
    running.stopping.set()
    first.gate.set()

    await asyncio.wait_for(working, 20)

    assert (first.done, second.done) == (1, 0)


async def test_a_database_that_is_away_is_told_once_and_waited_for(
    counter: Counter, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    work = job()
    running = runner(counter, sweep=work)
    running.poll_seconds = 0.01
    await execute_as_owner(database, "ALTER TABLE rounds RENAME TO away")

    with caplog.at_level(logging.WARNING):
        working = asyncio.create_task(running.run())
        async with asyncio.timeout(20):
            while not caplog.records:
                await asyncio.sleep(0.01)
        await execute_as_owner(database, "ALTER TABLE away RENAME TO rounds")
        await asyncio.wait_for(work.began.wait(), 20)
        running.stopping.set()
        await working

    assert [record.getMessage() for record in caplog.records] == ["Database away: OperationalError"]
    assert work.done == 1


async def test_a_round_that_this_program_does_not_know_is_left_alone(counter: Counter) -> None:
    await rows.Round.create(name="of_tomorrow", next_run_at=counter.clock())

    assert await runner(counter, sweep=job()).run_due() == 0

    assert (await rows.Round.get(name="of_tomorrow")).last_run_at is None


async def test_the_rounds_of_the_counter_all_work(counter: Counter) -> None:
    assert await Runner(counter.tools, asyncio.Event()).run_due() == 0

    assert {row.name for row in await rows.Round.filter(failures=0, last_done__gte=0)} == {each.name for each in ROUNDS}
    assert len({each.name for each in ROUNDS}) == len(ROUNDS)


async def test_nothing_is_done_while_the_clock_is_not_that_of_the_database(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    work, here = job(), now()
    counter.tools = replace(counter.tools, clock=lambda: here)
    running = replace(runner(counter, sweep=work), is_on_time=agrees_on_time)

    for minutes in (6, 6, -6):
        here = now() + timedelta(minutes=minutes)
        assert await running.run_due() == 1
    apart = work.done
    here = now()
    failed = await running.run_due()

    assert (apart, failed, work.done) == (0, 0, 1)
    told = [record for record in caplog.records if getattr(record, "action", None) == "clock_differs"]
    assert [record.levelname for record in told] == ["ERROR"]
