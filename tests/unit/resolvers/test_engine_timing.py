"""The time limit of an operation does what `asyncio.timeout` does."""

from __future__ import annotations

import asyncio

import pytest

from resolvers.engine.timing import TimeLimit


async def test_what_takes_too_long_is_cancelled() -> None:
    limit, ended = TimeLimit(0.01), list[str]()

    with pytest.raises(TimeoutError), limit:
        try:
            await asyncio.Future[None]()
        finally:
            ended.append("within")

    assert (limit.has_expired, ended) == (True, ["within"])
    current = asyncio.current_task()
    assert current is not None
    assert current.cancelling() == 0


async def test_what_ends_in_time_is_left_alone() -> None:
    limit = TimeLimit(0.01)

    with limit:
        pass
    await asyncio.sleep(0.02)

    assert not limit.has_expired


async def test_a_timeout_within_is_not_the_limits_own() -> None:
    limit = TimeLimit(5)

    with pytest.raises(TimeoutError), limit:
        raise TimeoutError

    assert not limit.has_expired


async def test_who_is_cancelled_by_others_is_cancelled() -> None:
    async def work() -> None:
        with TimeLimit(5):
            await asyncio.Future[None]()

    working = asyncio.create_task(work())
    await asyncio.sleep(0)
    working.cancel()

    with pytest.raises(asyncio.CancelledError):
        await working


async def test_who_is_cancelled_by_others_as_the_time_ends_is_cancelled() -> None:
    async def work() -> None:
        with TimeLimit(0.01):
            try:
                await asyncio.Future[None]()
            except asyncio.CancelledError:
                current = asyncio.current_task()
                assert current is not None
                current.cancel()
                await asyncio.sleep(1)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(work())
