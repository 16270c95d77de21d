"""What strangers read is counted by the statement that reads it, and whatever becomes of the reading."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError

from actions import gate
from actions.admitted_reads import read_admitted
from reading.statements import Statement
from rules.throttling import DOORS, Client, Door, TooManyAttempts

if TYPE_CHECKING:
    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database

DOOR, BURST = Door.RECEIPT_LOG, DOORS[Door.RECEIPT_LOG].address.burst
HERE, THERE = Client("192.0.2.1"), Client("198.51.100.1")
HEADS = "{ receiptLogHeads { edges { node { day } } } }"
ONE = Statement("SELECT $1::int AS number", [7], "", None)
FAILING = Statement("SELECT 1 / floor(random())::int AS number", [], "", None)
LOCKED = Statement("SELECT pg_advisory_xact_lock($1) AS locked", [7], "", None)
COUNTED = "SELECT key, failures FROM throttles"


async def told(counter: Counter, client: Client = HERE) -> tuple[int, int]:
    """Return how many attempts are counted for an address, and for everybody."""
    attempt = gate.attempt_of(counter.tools, DOOR, client)
    rows = await get_connections().get("default").execute_query_dict(COUNTED)
    counted = {bytes(row["key"]): row["failures"] for row in rows}
    return counted.get(attempt.address, 0), counted.get(attempt.everybody, 0)


async def read(counter: Counter, statement: Statement = ONE, client: Client = HERE) -> list[dict[str, Any]]:
    return await read_admitted(counter.tools, DOOR, client, statement)


async def test_what_is_read_is_told_and_an_attempt_is_counted(counter: Counter) -> None:
    nothing = Statement("SELECT 1 AS number WHERE $1", [False], "", None)

    assert [row["number"] for row in await read(counter)] == [7]
    assert await read(counter, nothing) == []
    assert await told(counter) == (2, 2)


async def test_who_reads_too_often_must_wait_takes_no_room_from_others_and_has_nothing_read(counter: Counter) -> None:
    for _ in range(BURST):
        await read(counter)

    for _ in range(3):
        with pytest.raises(TooManyAttempts) as refused:
            await read(counter, FAILING)
        assert refused.value.retry_after_seconds == 1

    assert await told(counter) == (BURST, BURST)
    assert await read(counter, client=THERE)
    counter.clock.advance(seconds=1)
    assert await read(counter)


async def test_everybody_together_must_wait_and_has_nothing_read(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = replace(DOORS[DOOR], everybody=replace(DOORS[DOOR].everybody, burst=2, period=timedelta(minutes=1)))
    monkeypatch.setitem(gate.DOORS, DOOR, rule)  # pyright: ignore[reportArgumentType] - not to ask 1,200 times
    await read(counter)
    await read(counter, client=THERE)

    with pytest.raises(TooManyAttempts) as refused:
        await read(counter, FAILING, Client("203.0.113.1"))

    assert refused.value.retry_after_seconds == 30
    assert await told(counter, Client("203.0.113.1")) == (1, 2)


async def test_servers_that_read_and_admit_at_once_count_together(counter: Counter) -> None:
    others = replace(counter.tools)

    async def is_admitted(number: int) -> bool:
        try:
            if number % 2:
                await gate.admit(others, DOOR, HERE)
            else:
                await read(counter)
        except TooManyAttempts:
            return False
        return True

    admitted = await asyncio.gather(*(is_admitted(number) for number in range(BURST + 20)))

    assert sum(admitted) == BURST
    assert await told(counter) == (BURST, BURST)


async def test_an_attempt_whose_reading_fails_is_counted(counter: Counter) -> None:
    with pytest.raises(OperationalError, match="division by zero"):
        await read(counter, FAILING)

    assert await told(counter) == (1, 1)


async def test_an_attempt_is_counted_although_whoever_made_it_has_gone(counter: Counter, database: Database) -> None:
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("SELECT pg_advisory_lock(7)")
    reading = asyncio.create_task(read(counter, LOCKED))
    await database.until_somebody_waits(unless=reading)

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await told(counter) == (0, 0)
    await owner.execute("SELECT pg_advisory_unlock(7)")
    await owner.close()

    # It is counted after that one, for which it waits.
    await read(counter)
    assert await told(counter) == (2, 2)


async def test_nobody_waits_for_counters_that_are_forgotten_while_they_are_used(
    counter: Counter, database: Database
) -> None:
    await read(counter)
    await read(counter, client=THERE)
    counter.clock.advance(days=3)
    owner = await asyncpg.connect(database.owner_url)
    async with owner.transaction():
        key = gate.attempt_of(counter.tools, DOOR, HERE).address
        await owner.execute("UPDATE throttles SET failures = 5 WHERE key = $1", key)

        assert await gate.forget_throttles(counter.tools) == 2
    await owner.close()

    assert await told(counter) == (5, 0)


async def test_who_asks_for_heads_too_often_must_wait(counter: Counter, api: Api) -> None:
    answers = [await api.answer(HEADS) for _ in range(BURST + 1)]

    assert all("errors" not in answer for answer in answers[:-1])
    assert answers[-1]["errors"][0]["extensions"]["code"] == "TOO_MANY_ATTEMPTS"
