"""
What it takes to follow the feed: one event to thousands, memory, a client that takes nothing, and a server that dies.

Each is measured on one web part, with the clients in a process of their own, beside a WebSocket server by hand or a
bare LISTEN of the same run. With --scale 0.1 there are a tenth of the clients and events; --parts says what of it all.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import secrets
import statistics
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg

from actions.register import ENTRIES
from benchmarks.figures import Figure, parser, run
from benchmarks.ground import prepared
from benchmarks.subscriptions_floor import CHANNEL
from mesadepartes.clock import now
from models.people import Session, User
from reading.changes import feed_cursor
from rules.access import Role
from rules.sessions import token_hash
from tests.following import append, write_changes
from tests.journeys.parts import ROOT
from tests.journeys.stack import free_ports

if TYPE_CHECKING:
    import argparse
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator

    from benchmarks.ground import Ground, WebPart
    from models.tramites import Tramite

DOCUMENT = """subscription($after: Cursor) { statusChanges(after: $after) {
    cursor change { sequence number toStatus at } } }"""
LARGE = """subscription($after: Cursor) { statusChanges(after: $after) { cursor change { sequence
    tramite { number subject history(last: 34) { cursor sequence at act actorRole fromStatus toStatus text } } } } }"""
"""Fills the buffers of who takes nothing with what happened before: by ten operations, several megabytes."""
SOCKETS_EACH = 10
"""Half of what one may have: those of who has just left may still be there."""
WARM = 20
MANY, FEW = 5_000, 200
EVENTS_AT_ONCE, EVENTS_BY_TIME, EVENTS_IN_ALL = 15, 500, 10_000
RATE, RATE_OF_LARGE = 100, 10
EVENTS_LARGE, ALTERNATIONS = 80, 5
BEHIND, EVENTS_BEHIND = 1_000, 100
PATIENCE_SECONDS = 90
FILLED_SECONDS, STALLED_SECONDS = 4.0, 12.0
MOST_SHARE_LATER = 1.1
WAIT_SECONDS, ANSWER_SECONDS = 60.0, 900.0
MOST_TIMES_FLOOR, MOST_KB, MOST_MS = 2.5, 40.0, 50.0


class Load:
    """The process of those who follow."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.closed = 0
        """How many connections ended so far."""

    async def tell(self, **order: Any) -> dict[str, Any]:
        """Say what to do; return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(ANSWER_SECONDS):
            return json.loads(await self._process.stdout.readline())

    async def wait(self, deliveries: int) -> tuple[int, dict[int, float]]:
        """Return how many deliveries there were until there should be so many, and when the last of each event came."""
        said = await self.tell(do="wait", deliveries=deliveries, until=time.perf_counter() + WAIT_SECONDS)
        self.closed = said["closed"]
        return said["deliveries"], {int(sequence): at for sequence, at in said["last_at"].items()}


@asynccontextmanager
async def following(
    port: int, tokens: list[str], count: int, *, document: str = DOCUMENT, **told: bool
) -> AsyncGenerator[Load]:
    """Let so many follow at a port, in a process, until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.subscriptions_load"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**26,
    )
    try:
        load = Load(process)
        await load.tell(document=document, port=port, tokens=tokens, count=count, **told)
        yield load
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Measure what was asked for."""
    most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    scale: float = arguments.scale
    async with prepared() as ground:
        tramites = [await ground.counter.file(await ground.counter.register()) for _ in range(4)]
        many = max(20, int(MANY * scale))
        tokens = await _tokens(ground, -(-max(many, FEW) // SOCKETS_EACH))
        world = World(ground, tramites, tokens, many, max(10, int(FEW * scale)))
        return [figure for name in arguments.parts for figure in await PARTS[name](world, scale)]


@dataclass(frozen=True)
class World:
    """What is measured on."""

    ground: Ground
    tramites: list[Tramite]
    tokens: list[str]
    many: int
    few: int


async def _tokens(ground: Ground, count: int) -> list[str]:
    """Return the tokens of so many supervisors: nobody may have as many sockets as are needed."""
    pattern = await User.get(id=(await ground.counter.register(role=Role.SUPERVISOR)).user_id)
    columns = {name: getattr(pattern, name) for name in User._meta.db_fields}  # pyright: ignore[reportPrivateUsage]
    tokens = list[str]()
    for place in range(count):
        own = {"id": uuid4(), "identity_number": f"9{place:07}", "email": f"supervisor{place}@example.pe"}
        user = await User.create(**{**columns, **own})  # pyright: ignore[reportArgumentType]
        tokens.append(secrets.token_urlsafe(32))
        await Session.create(
            token_hash=token_hash(tokens[-1]),
            user=user,
            created_at=now(),
            expires_at=now() + timedelta(hours=12),
            second_factor_at=now(),
        )
    return tokens


async def _to_many(world: World, scale: float) -> list[Figure]:
    web, many, tokens = await world.ground.start_web(), world.many, world.tokens
    events = max(3, int(EVENTS_AT_ONCE * min(1, scale * 3)))
    # What the part takes once, whoever follows, is no part of what it takes for each who does.
    async with following(web.port, tokens, WARM) as load:
        await _by_rate(world, load, WARM, events=WARM, rate=RATE)
    before = _resident_kb(web)
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(following(web.port, tokens, many))
        connected, port = _resident_kb(web), await stack.enter_async_context(_floor(world.ground))
        others = await stack.enter_async_context(following(port, tokens, many, is_floor=True))
        took = await _last_of_each(world, ours, others, many, events)
        after = _resident_kb(web)
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


async def _one_stalled(world: World, scale: float) -> list[Figure]:
    """Alone and beside it in turn, each first every other time: what else works here disturbs both alike."""
    web, few, found = await world.ground.start_web(), world.few, list[dict[bool, Round]]()
    events = max(20, int(EVENTS_LARGE * min(1, scale)))
    async with (
        following(web.port, world.tokens, few, document=LARGE) as load,
        following(web.port, world.tokens[-1:], 1, document=LARGE, has_narrow=True) as other,
    ):
        await other.tell(do="leave")
        await _by_rate(world, load, few, events=WARM, rate=RATE_OF_LARGE)
        for turn in range(ALTERNATIONS):
            rounds = dict[bool, Round]()
            for is_beside in (turn % 2 == 0, turn % 2 == 1):
                if is_beside:
                    await other.tell(do="hang", port=web.port, after=feed_cursor(0))
                    await asyncio.sleep(FILLED_SECONDS)
                came, took = await _by_rate(world, load, few, events=events, rate=RATE_OF_LARGE)
                await asyncio.sleep(STALLED_SECONDS)
                is_gone = is_beside and (await other.tell(do="go on"))["is_gone"]
                if is_beside:
                    await other.tell(do="leave")
                rounds[is_beside] = Round(came, _p99(took), is_gone=is_gone)
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


async def _by_time(world: World, scale: float) -> list[Figure]:
    web, events = await world.ground.start_web(), max(50, int(EVENTS_BY_TIME * scale))
    async with following(web.port, world.tokens, WARM) as load:
        await _by_rate(world, load, WARM, events=RATE, rate=RATE)
        _, took = await _by_rate(world, load, WARM, events=events, rate=RATE)
    p99, bare = _p99(took), await _bare_listen(world.ground, 200)
    return [
        Figure("commit to client at 100 a second, median", statistics.median(took), "ms"),
        Figure("commit to client at 100 a second, p99", p99, "ms", f"< {MOST_MS:g}", p99 < MOST_MS),
        Figure("bare LISTEN, p99", bare, "ms"),
    ]


async def _by_rate(world: World, load: Load, count: int, *, events: int, rate: float) -> tuple[int, list[float]]:
    """Write events at a rate; return how many deliveries there were, and how long after its commit each had come."""
    connection, begun = await asyncpg.connect(world.ground.url), dict[int, float]()
    start = time.perf_counter()
    for place in range(events):
        await asyncio.sleep(max(0.0, start + place / rate - time.perf_counter()))
        sequence = await append(connection, world.tramites[place % 4].id)
        begun[sequence] = time.perf_counter()
        await connection.execute("SELECT pg_notify($1, '')", ENTRIES)
    deliveries, last_at = await load.wait(count * events)
    await connection.close()
    return deliveries, [(last_at[sequence] - at) * 1000 for sequence, at in begun.items() if sequence in last_at]


def _p99(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.99) - 1]


async def _bare_listen(ground: Ground, times: int) -> float:
    listener, sender = await asyncpg.connect(ground.url), await asyncpg.connect(ground.url)
    heard: asyncio.Queue[float] = asyncio.Queue()

    def hear(*_: object) -> None:
        heard.put_nowait(time.perf_counter())

    await listener.add_listener("bare", hear)
    took = list[float]()
    for _ in range(times):
        sent = time.perf_counter()
        await sender.execute("SELECT pg_notify('bare', '')")
        took.append((await asyncio.wait_for(heard.get(), WAIT_SECONDS) - sent) * 1000)
    await listener.close()
    await sender.close()
    return _p99(took)


async def _killed(world: World, scale: float) -> list[Figure]:
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
        expected = await _written(ground, events)
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


async def _behind(world: World, scale: float) -> list[Figure]:
    """Let many come back who are behind by the same events, or by none: the one less the other is catching up."""
    web, count = await world.ground.start_web(), max(20, int(BEHIND * scale))
    connection = await asyncpg.connect(world.ground.url)
    async with following(web.port, world.tokens, count) as load:
        took, worked = list[float](), list[float]()
        for events in (0, EVENTS_BEHIND) * 3:
            await load.tell(do="leave")
            for place in range(events):
                await append(connection, world.tramites[place % 4].id)
            before = _cpu_seconds(web)
            took.append((await load.tell(do="again", port=web.port))["seconds"])
            worked.append(_cpu_seconds(web) - before)
        seen = (await load.tell(do="seen"))["seen"]
    await connection.close()
    expected = await _written(world.ground, 3 * EVENTS_BEHIND)
    wrong = sum(each != expected for each in seen)
    (level, behind), (idle, work) = ((statistics.median(x[::2]), statistics.median(x[1::2])) for x in (took, worked))
    each = (work - idle) / (count * EVENTS_BEHIND) * 1e6
    return [
        Figure(f"{count} come back, behind by nothing", level, "s"),
        Figure(f"{count} come back, behind by {EVENTS_BEHIND} events", behind, "s"),
        Figure("CPU to catch up, for each event and member", each, "us"),
        Figure("who was shown something else, or in another order", wrong, "", "0", wrong == 0),
    ]


async def _written(ground: Ground, count: int) -> list[int]:
    connection = await asyncpg.connect(ground.url)
    statement = "SELECT sequence FROM entries WHERE to_status IS NOT NULL ORDER BY 1 DESC LIMIT $1"
    found = await connection.fetch(statement, count)
    await connection.close()
    return sorted(row["sequence"] for row in found)


def _resident_kb(web: WebPart) -> float:
    status = Path(f"/proc/{web.pid}/status").read_text()
    return float(status.split("VmRSS:")[1].split()[0])


def _cpu_seconds(web: WebPart) -> float:
    """Return how long a web part worked so far, whoever else works here."""
    fields = Path(f"/proc/{web.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


PARTS = {"many": _to_many, "stalled": _one_stalled, "rate": _by_time, "killed": _killed, "behind": _behind}


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = parser(__doc__ or "")
    made.add_argument("--scale", type=float, default=1.0, help="share of the clients and events")
    made.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to measure")
    return made


if __name__ == "__main__":
    run(command_line().parse_args(), measure)
