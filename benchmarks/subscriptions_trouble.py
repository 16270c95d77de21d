"""Those who follow in trouble: beside one that takes nothing, over a server that dies, and behind by much."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from dataclasses import dataclass

import asyncpg

from benchmarks.figures import Figure
from benchmarks.subscriptions_ground import WARM, Load, World, by_rate, cpu_seconds, following, p99_of, written
from reading.changes import feed_cursor
from tests.following import append, write_changes

LARGE = """subscription($after: Cursor) { statusChanges(after: $after) { cursor change { sequence
    tramite { number subject history(last: 34) { cursor sequence at act actorRole fromStatus toStatus text } } } } }"""
"""Fills the buffers of who takes nothing with what happened before: by ten operations, several megabytes."""
EVENTS_LARGE, ALTERNATIONS, RATE_OF_LARGE = 80, 5, 10
FILLED_SECONDS, STALLED_SECONDS = 4.0, 12.0
MOST_SHARE_LATER = 1.1
EVENTS_IN_ALL = 10_000
PATIENCE_SECONDS = 90
BEHIND, EVENTS_BEHIND = 1_000, 100


async def one_stalled(world: World, scale: float) -> list[Figure]:
    """Alone and beside it in turn, each first every other time: what else works here disturbs both alike."""
    web, few, found = await world.ground.start_web(), world.few, list[dict[bool, Round]]()
    events = max(20, int(EVENTS_LARGE * min(1, scale)))
    async with (
        following(web.port, world.tokens, few, document=LARGE) as load,
        following(web.port, world.tokens[-1:], 1, document=LARGE, has_narrow=True) as other,
    ):
        await other.tell(do="leave")
        await by_rate(world, load, few, events=WARM, rate=RATE_OF_LARGE)
        for turn in range(ALTERNATIONS):
            rounds = dict[bool, Round]()
            for is_beside in (turn % 2 == 0, turn % 2 == 1):
                if is_beside:
                    await other.tell(do="hang", port=web.port, after=feed_cursor(0))
                    await asyncio.sleep(FILLED_SECONDS)
                came, took = await by_rate(world, load, few, events=events, rate=RATE_OF_LARGE)
                await asyncio.sleep(STALLED_SECONDS)
                is_gone = is_beside and (await other.tell(do="go on"))["is_gone"]
                if is_beside:
                    await other.tell(do="leave")
                rounds[is_beside] = Round(came, p99_of(took), is_gone=is_gone)
            found.append(rounds)
    return _stalled_figures(found, few, events)


@dataclass(frozen=True)
class Round:
    """How the others were served, and whether the one that takes nothing was cut off."""

    deliveries: int
    p99: float
    is_gone: bool


def _stalled_figures(found: list[dict[bool, Round]], few: int, events: int) -> list[Figure]:
    least = min(each.deliveries for rounds in found for each in rounds.values())
    alone, beside = (statistics.median(rounds[is_beside].p99 for rounds in found) for is_beside in (False, True))
    later = statistics.median(rounds[True].p99 / rounds[False].p99 for rounds in found)
    cut_off, share = sum(rounds[True].is_gone for rounds in found), min(1.0, least / (few * events)) * 100
    return [
        Figure(f"delivered to {few} beside one that takes nothing", share, "%", "100", share >= 100),
        Figure("p99 of the others, alone, median", alone, "ms"),
        Figure("p99 of the others, beside it, median", beside, "ms"),
        Figure("beside it, by alone, median", later, "times", f"<= {MOST_SHARE_LATER}", later <= MOST_SHARE_LATER),
        Figure("cut off, for its buffers were full", cut_off, "", f"{len(found)}", cut_off == len(found)),
    ]


async def killed(world: World, scale: float) -> list[Figure]:
    ground, few, writers = world.ground, world.few, 4
    first, second = await ground.start_web(), await ground.start_web()
    events = max(200, int(EVENTS_IN_ALL * scale)) // writers * writers
    async with following(first.port, world.tokens, few) as load:
        writing = [
            asyncio.create_task(write_changes(ground.url, world.tramites, count=events // writers, seed=seed))
            for seed in range(writers)
        ]
        await load.wait(few * events // 3)
        os.kill(first.pid, 9)
        await asyncio.sleep(0.2)  # the clients are cut off
        resumed = (await load.tell(do="again", port=second.port))["seconds"]
        await asyncio.gather(*writing)
        expected = await written(ground, events)
        seen, complete = await _seen_in_the_end(load, second.port, expected)
    lost = sum(len(set(expected) - set(each)) for each in seen)
    doubled = sum(len(each) - len(set(each)) for each in seen)
    is_ordered = all(each == sorted(each) for each in seen)
    return [
        Figure(f"lost by {few} over {events} events and a server that dies", lost, "", "0", lost == 0),
        Figure("doubled", doubled, "", "0", doubled == 0),
        Figure("all had resumed after", resumed, "s"),
        Figure("and had all of it, after the last was written,", complete, "s"),
        Figure("out of order", 0 if is_ordered else 1, "", "0", is_ordered),
    ]


async def _seen_in_the_end(load: Load, port: int, expected: list[int]) -> tuple[list[list[int]], float]:
    """
    Return what each was shown, once it is all or no more comes for longer than budgets make them wait; and when.

    Who is cut off meanwhile, or learned of the end of the first server late, comes back as any client would.
    """
    began = moved = time.monotonic()
    seen = list[list[int]]()
    while time.monotonic() - moved < PATIENCE_SECONDS:
        await load.tell(do="again", port=port)
        before, seen = seen, (await load.tell(do="seen"))["seen"]
        if all(each[-1:] == expected[-1:] for each in seen):
            break
        moved = moved if seen == before else time.monotonic()
        await asyncio.sleep(1)
    return seen, time.monotonic() - began


async def behind_others(world: World, scale: float) -> list[Figure]:
    """Let many come back who are behind by the same events, or by none: the one less the other is catching up."""
    web, count = await world.ground.start_web(), max(20, int(BEHIND * scale))
    connection = await asyncpg.connect(world.ground.url)
    async with following(web.port, world.tokens, count) as load:
        took, worked = list[float](), list[float]()
        for events in (0, EVENTS_BEHIND) * 3:
            await load.tell(do="leave")
            for place in range(events):
                await append(connection, world.tramites[place % 4].id)
            before = cpu_seconds(web)
            took.append((await load.tell(do="again", port=web.port))["seconds"])
            worked.append(cpu_seconds(web) - before)
        seen = (await load.tell(do="seen"))["seen"]
    await connection.close()
    expected = await written(world.ground, 3 * EVENTS_BEHIND)
    wrong = sum(each != expected for each in seen)
    (level, behind), (idle, work) = ((statistics.median(x[::2]), statistics.median(x[1::2])) for x in (took, worked))
    each = (work - idle) / (count * EVENTS_BEHIND) * 1e6
    return [
        Figure(f"{count} come back, behind by nothing", level, "s"),
        Figure(f"{count} come back, behind by {EVENTS_BEHIND} events", behind, "s"),
        Figure("CPU to catch up, for each event and member", each, "us"),
        Figure("who was shown something else, or in another order", wrong, "", "0", wrong == 0),
    ]
