"""Pauses after failures, and work that is not cut off."""

from __future__ import annotations

import asyncio

import pytest

from intake.patience import LONGEST_PAUSE_SECONDS, Pauses, finished


def test_pauses_double_up_to_a_minute_and_begin_anew() -> None:
    pauses = Pauses(lambda count: b"\xff" * count)

    waits = [round(pauses.next_seconds()) for _ in range(8)]
    pauses.reset()

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert round(pauses.next_seconds()) == 1


def test_pauses_are_shortened_at_random_by_up_to_half() -> None:
    pauses = Pauses(lambda count: b"\0" * count)

    assert [pauses.next_seconds() for _ in range(2000)][-1] == LONGEST_PAUSE_SECONDS / 2


async def test_work_in_hand_is_finished_before_its_caller_ends() -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def work() -> None:
        begun.set()
        await may_end.wait()
        done.append("work")

    task = asyncio.create_task(finished(work()))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    may_end.set()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["work"]


async def test_what_work_gives_or_raises_is_passed_on() -> None:
    async def good() -> int:
        return 7

    async def bad() -> int:
        raise ValueError("no")

    assert await finished(good()) == 7
    with pytest.raises(ValueError, match="no"):
        await finished(bad())
