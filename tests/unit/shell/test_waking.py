"""Wake-ups, without a database."""

from __future__ import annotations

import asyncio

import pytest

from mesadepartes.waking import Waker


async def test_many_wake_ups_become_few_notifications_and_none_is_lost() -> None:
    sent: list[list[str]] = []

    async def notify(channels: list[str]) -> None:
        sent.append(channels)

    waker = Waker(notify)
    running = asyncio.create_task(waker.run())
    for _ in range(1_000):
        waker("entries")
        waker("notices")
        await asyncio.sleep(0)
    await waker.flush()
    running.cancel()

    assert {channel for channels in sent for channel in channels} == {"entries", "notices"}
    assert len(sent) < 100


async def test_database_that_is_away_fails_nobody_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async def notify(channels: list[str]) -> None:
        raise ConnectionRefusedError(str(channels))

    waker = Waker(notify)
    for _ in range(3):
        waker("entries")
        await waker.flush()

    assert [record.levelname for record in caplog.records] == ["WARNING"]
