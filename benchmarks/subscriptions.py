"""
What it takes to follow the feed: one event to thousands, memory, a client that takes nothing, and a server that dies.

Each is measured on one web part, with the clients in a process of their own, beside a WebSocket server by hand or a
bare LISTEN of the same run. With --scale 0.1 there are a tenth of the clients and events.
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
from contextlib import asynccontextmanager
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
SOCKETS_EACH = 20
WARM = 20
MANY, FEW = 5_000, 200
EVENTS_AT_ONCE, EVENTS_BY_TIME, EVENTS_IN_ALL = 15, 500, 10_000
RATE = 100
WAIT_SECONDS = 60.0
MOST_TIMES_FLOOR, MOST_KB, MOST_MS = 2.5, 40.0, 50.0


class Load:
    """The process of those who follow."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def tell(self, **order: Any) -> dict[str, Any]:
        """Say what to do; return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(WAIT_SECONDS * 2):
            return json.loads(await self._process.stdout.readline())

    async def wait(self, deliveries: int) -> tuple[int, dict[int, float]]:
        """Return how many deliveries there were until there should be so many, and when the last of each event came."""
        said = await self.tell(do="wait", deliveries=deliveries, until=time.perf_counter() + WAIT_SECONDS)
        return said["deliveries"], {int(sequence): at for sequence, at in said["last_at"].items()}


@asynccontextmanager
async def following(port: int, tokens: list[str], count: int, *, is_floor: bool = False) -> AsyncGenerator[Load]:
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
        told = {"document": DOCUMENT, "port": port, "tokens": tokens, "count": count, "is_floor": is_floor}
        await load.tell(**told)
        yield load
    finally:
        process.kill()
        await process.wait()


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Measure what was asked for."""
    most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    scale: float = arguments.scale
    many, few = max(20, int(MANY * scale)), max(10, int(FEW * scale))
    async with prepared() as ground:
        tramites = [await ground.counter.file(await ground.counter.register()) for _ in range(4)]
        tokens = await _tokens(ground, -(-many // SOCKETS_EACH))
        return [
            *await _to_many(ground, tramites, tokens, many, max(3, int(EVENTS_AT_ONCE * min(1, scale * 3)))),
            *await _one_stalled(ground, tramites, tokens, few),
            *await _by_time(ground, tramites, tokens, max(50, int(EVENTS_BY_TIME * scale))),
            *await _killed(ground, tramites, tokens, few, max(200, int(EVENTS_IN_ALL * scale))),
        ]


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


async def _to_many(ground: Ground, tramites: list[Tramite], tokens: list[str], many: int, events: int) -> list[Figure]:
    web = await ground.start_web()
    # What the part takes once, whoever follows, is no part of what it takes for each who does.
    async with following(web.port, tokens, WARM) as load:
        await _last_of_each(ground, load, tramites, WARM, 3)
    before = _resident_kb(web)
    async with following(web.port, tokens, many) as load:
        connected = _resident_kb(web)
        ours = await _last_of_each(ground, load, tramites, many, events)
        after = _resident_kb(web)
    async with _floor(ground) as port, following(port, tokens, many, is_floor=True) as load:
        floor = await _last_of_floor(ground, load, many, events)
    last, by_hand = statistics.median(ours), statistics.median(floor)
    times, per_member = last / by_hand, (max(connected, after) - before) / many
    return [
        Figure(f"one event to {many}, last served, median", last, "ms"),
        Figure(f"by hand: one event to {many}, last served, median", by_hand, "ms"),
        Figure("last served, by that by hand", times, "times", f"<= {MOST_TIMES_FLOOR}", times <= MOST_TIMES_FLOOR),
        Figure("memory of who follows", per_member, "KB", f"<= {MOST_KB:g}", per_member <= MOST_KB),
    ]


async def _last_of_each(ground: Ground, load: Load, tramites: list[Tramite], count: int, events: int) -> list[float]:
    connection, took = await asyncpg.connect(ground.url), list[float]()
    for place in range(events + 1):
        async with connection.transaction():
            await append(connection, tramites[place % 4].id)
        begun = time.perf_counter()
        await connection.execute("SELECT pg_notify($1, '')", ENTRIES)
        deliveries, last_at = await load.wait(count)
        assert deliveries == count, (deliveries, count)
        took.append((max(last_at.values()) - begun) * 1000)
    await connection.close()
    return took[1:]  # the first warms up


async def _last_of_floor(ground: Ground, load: Load, count: int, events: int) -> list[float]:
    connection, took = await asyncpg.connect(ground.url), list[float]()
    for place in range(events + 1):
        begun = time.perf_counter()
        await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, str(place))
        _, last_at = await load.wait(count)
        took.append((max(last_at.values()) - begun) * 1000)
    await connection.close()
    return took[1:]


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


async def _one_stalled(ground: Ground, tramites: list[Tramite], tokens: list[str], few: int) -> list[Figure]:
    web = await ground.start_web()
    events = 200
    async with following(web.port, tokens, few + 1) as load:
        await load.tell(do="stall")
        await write_changes(ground.url, tramites, count=events, seed=1)
        deliveries, _ = await load.wait(few * events)
        share = min(1.0, deliveries / (few * events)) * 100
    return [Figure(f"delivered to {few} beside one that takes nothing", share, "%", "100", share >= 100)]


async def _by_time(ground: Ground, tramites: list[Tramite], tokens: list[str], events: int) -> list[Figure]:
    web = await ground.start_web()
    connection, begun = await asyncpg.connect(ground.url), dict[int, float]()
    async with following(web.port, tokens, 20) as load:
        start = time.perf_counter()
        for place in range(events):
            await asyncio.sleep(max(0.0, start + place / RATE - time.perf_counter()))
            async with connection.transaction():
                sequence = await append(connection, tramites[place % 4].id)
            begun[sequence] = time.perf_counter()
            await connection.execute("SELECT pg_notify($1, '')", ENTRIES)
        _, last_at = await load.wait(20 * events)
    await connection.close()
    took = sorted((last_at[sequence] - at) * 1000 for sequence, at in begun.items())
    p99, bare = took[int(len(took) * 0.99) - 1], await _bare_listen(ground, 200)
    return [
        Figure("commit to client at 100 a second, median", statistics.median(took), "ms"),
        Figure("commit to client at 100 a second, p99", p99, "ms", f"< {MOST_MS:g}", p99 < MOST_MS),
        Figure("bare LISTEN, p99", bare, "ms"),
    ]


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
    return sorted(took)[int(times * 0.99) - 1]


async def _killed(ground: Ground, tramites: list[Tramite], tokens: list[str], few: int, events: int) -> list[Figure]:
    first, second = await ground.start_web(), await ground.start_web()
    writers = 4
    async with following(first.port, tokens, few) as load:
        writing = [
            asyncio.create_task(write_changes(ground.url, tramites, count=events // writers, seed=seed))
            for seed in range(writers)
        ]
        await load.wait(few * events // 3)
        os.kill(first.pid, 9)
        await asyncio.sleep(0.2)  # the clients are cut off
        await load.tell(do="again", port=second.port)
        await asyncio.gather(*writing)
        expected, seen = await _last(ground, events // writers * writers), list[list[int]]()
        for _ in range(60):
            seen = (await load.tell(do="seen"))["seen"]
            if all(each[-1:] == expected[-1:] for each in seen):
                break
            await asyncio.sleep(1)
    lost = sum(len(set(expected) - set(each)) for each in seen)
    doubled = sum(len(each) - len(set(each)) for each in seen)
    is_ordered = all(each == sorted(each) for each in seen)
    return [
        Figure(f"lost by {few} over {events} events and a server that dies", lost, "", "0", lost == 0),
        Figure("doubled", doubled, "", "0", doubled == 0),
        Figure("out of order", 0 if is_ordered else 1, "", "0", is_ordered),
    ]


async def _last(ground: Ground, count: int) -> list[int]:
    connection = await asyncpg.connect(ground.url)
    statement = "SELECT sequence FROM entries WHERE to_status IS NOT NULL ORDER BY 1 DESC LIMIT $1"
    found = await connection.fetch(statement, count)
    await connection.close()
    return sorted(row["sequence"] for row in found)


def _resident_kb(web: WebPart) -> float:
    status = Path(f"/proc/{web.pid}/status").read_text()
    return float(status.split("VmRSS:")[1].split()[0])


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--scale", type=float, default=1.0, help="share of the clients and events")
    run(command_line.parse_args(), measure)
