"""How soon those who follow are shown what happens, and what each of them takes."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from actions.register import ENTRIES
from benchmarks.figures import Figure
from benchmarks.subscriptions_floor import CHANNEL
from benchmarks.subscriptions_ground import WARM, Load, World, bare_listen, by_rate, following, p99_of, resident_kb
from tests.following import append
from tests.journeys.parts import ROOT
from tests.journeys.stack import free_ports

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from benchmarks.ground import Ground

EVENTS_AT_ONCE, EVENTS_BY_TIME = 15, 500
RATE = 100
MOST_TIMES_FLOOR, MOST_KB, MOST_MS = 2.5, 40.0, 50.0


async def to_many(world: World, scale: float) -> list[Figure]:
    web, many, tokens = await world.ground.start_web(), world.many, world.tokens
    events = max(3, int(EVENTS_AT_ONCE * min(1, scale * 3)))
    # What the part takes once, whoever follows, is no part of what it takes for each who does.
    async with following(web.port, tokens, WARM) as load:
        await by_rate(world, load, WARM, events=WARM, rate=RATE)
    before = resident_kb(web)
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(following(web.port, tokens, many))
        connected, port = resident_kb(web), await stack.enter_async_context(_floor(world.ground))
        others = await stack.enter_async_context(following(port, tokens, many, is_floor=True))
        took = await _last_of_each(world, ours, others, many, events)
        after = resident_kb(web)
    last, by_hand = (statistics.median(each) for each in zip(*took, strict=True))
    times, per_member = statistics.median(a / b for a, b in took), (max(connected, after) - before) / many
    return [
        Figure(f"one event to {many}, last served, median", last, "ms"),
        Figure(f"by hand: one event to {many}, last served, median", by_hand, "ms"),
        Figure("last served, by that by hand", times, "times", f"<= {MOST_TIMES_FLOOR}", times <= MOST_TIMES_FLOOR),
        Figure("last served, above that by hand, for each", (last - by_hand) / many * 1000, "us"),
        Figure("memory of who follows", per_member, "KB", f"<= {MOST_KB:g}", per_member <= MOST_KB),
    ]


async def _last_of_each(world: World, ours: Load, others: Load, count: int, events: int) -> list[tuple[float, float]]:
    """Return how long after each event the last was served, by us and by hand: in turn, for others work here too."""
    connection, took = await asyncpg.connect(world.ground.url), list[tuple[float, float]]()
    for place in range(events + 1):
        await append(connection, world.tramites[place % 4].id)
        to_us = await _last(connection, ours, count, ENTRIES)
        took.append((to_us, await _last(connection, others, count, CHANNEL)))
    await connection.close()
    return took[1:]  # the first warms up


async def _last(connection: asyncpg.Connection, load: Load, count: int, channel: str) -> float:
    begun = time.perf_counter()
    await connection.execute("SELECT pg_notify($1, '0')", channel)
    deliveries, last_at = await load.wait(count)
    assert deliveries == count, (deliveries, count, load.closed)
    return (max(last_at.values()) - begun) * 1000


@asynccontextmanager
async def _floor(ground: Ground) -> AsyncGenerator[int]:
    (port,) = free_ports(1)
    command = (sys.executable, "-m", "benchmarks.subscriptions_floor", ground.url, str(port))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        yield port
    finally:
        process.kill()
        await process.wait()


async def by_time(world: World, scale: float) -> list[Figure]:
    web, events = await world.ground.start_web(), max(50, int(EVENTS_BY_TIME * scale))
    async with following(web.port, world.tokens, WARM) as load:
        await by_rate(world, load, WARM, events=RATE, rate=RATE)
        _, took = await by_rate(world, load, WARM, events=events, rate=RATE)
    p99, bare = p99_of(took), p99_of(await bare_listen(world.ground, 200))
    return [
        Figure("commit to client at 100 a second, median", statistics.median(took), "ms"),
        Figure("commit to client at 100 a second, p99", p99, "ms", f"< {MOST_MS:g}", p99 < MOST_MS),
        Figure("bare LISTEN, p99", bare, "ms"),
    ]
