"""Plans of slow operations take little, however many are slow."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from mesadepartes.statement_plans import WAITING, StatementPlans, in_words

if TYPE_CHECKING:
    import asyncpg


async def test_only_so_many_wait_and_a_database_that_is_away_ends_nothing() -> None:
    tries, is_tried = 0, asyncio.Event()

    async def connect() -> asyncpg.Connection:
        nonlocal tries
        tries += 1
        if tries == WAITING:
            is_tried.set()
        raise OSError

    plans = StatementPlans(connect, pause_seconds=0)
    for number in range(100):
        plans.ask(f"operation {number}", f"document {number}", ["SELECT 1"])
    running = asyncio.create_task(plans.run())
    async with asyncio.timeout(10):
        await is_tried.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running

    assert tries == WAITING


async def test_what_has_no_statement_to_explain_is_not_asked_about() -> None:
    is_tried = asyncio.Event()

    async def connect() -> asyncpg.Connection:
        is_tried.set()
        raise OSError

    plans = StatementPlans(connect, pause_seconds=0)
    plans.ask("one", "a document", [])
    plans.ask("another", "another document", ["NOTIFY register"])
    running = asyncio.create_task(plans.run())
    for _ in range(20):
        await asyncio.sleep(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running

    assert not is_tried.is_set()


def test_a_plan_is_told_on_one_line_without_conditions() -> None:
    scan = {
        "Node Type": "Index Scan",
        "Relation Name": "users",
        "Index Name": "by_number",
        "Index Cond": "(identity_number = '40000001')",
        "Total Cost": 8.44,
        "Plan Rows": 1,
    }

    told = in_words({"Node Type": "Limit", "Total Cost": 9.6, "Plan Rows": 1, "Plans": [scan]})

    assert told == "Limit [cost 10, rows 1] (Index Scan users by_number [cost 8, rows 1])"
