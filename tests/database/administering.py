"""What the tests of administration share."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any

from actions.counter_policy import change_policy
from models.calendar import CalendarVersion, Holiday, HoursChange, PolicyChange
from models.catalogue import Office
from models.counter_policy import PolicyVersion
from models.register import Entry
from reading.policies import policy_book
from rules.counter_policy import PolicyForm

if TYPE_CHECKING:
    import asyncpg

    from reading.access import Viewer
    from tests.counter import Counter

TOMORROW = date(2026, 3, 10)


async def decide(
    counter: Counter, administrator: Viewer, *, from_on: str | None = None, **values: Any
) -> PolicyVersion:
    """Change the counter's policy over whatever version is the latest."""
    latest = (await policy_book()).number
    return await change_policy(
        counter.tools, administrator, PolicyForm(**values), from_on=from_on, expected_version=latest
    )


async def everything() -> tuple[Any, ...]:
    """Return all that administration can change, to see that a refusal changed nothing."""
    offices = await Office.all().order_by("code").values_list("code", "name", "position", "retired_at", "revision")
    counts = [await model.all().count() for model in (CalendarVersion, Holiday, HoursChange, PolicyChange)]
    return (*offices, *counts, await PolicyVersion.all().count(), await Entry.all().count())


async def until_two_wait(connection: asyncpg.Connection) -> None:
    """Wait until two transactions wait for locks, one of them for an advisory one."""
    waiting = "SELECT count(*), count(*) FILTER (WHERE locktype = 'advisory') FROM pg_locks WHERE NOT granted"
    async with asyncio.timeout(20):
        while await connection.fetch(waiting) != [(2, 1)]:
            await asyncio.sleep(0.02)
