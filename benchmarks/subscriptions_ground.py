"""Those who follow, in a process of their own, what they follow, and what can be seen of it from outside."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from actions.register import ENTRIES
from tests.following import append
from tests.journeys.parts import ROOT

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator

    from benchmarks.ground import Ground, WebPart
    from models.tramites import Tramite

DOCUMENT = """subscription($after: Cursor) { statusChanges(after: $after) {
    cursor change { sequence number toStatus at } } }"""
WARM = 20
WAIT_SECONDS, ANSWER_SECONDS = 60.0, 900.0


@dataclass(frozen=True)
class World:
    """What is measured on."""

    ground: Ground
    tramites: list[Tramite]
    tokens: list[str]
    many: int
    few: int


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


async def by_rate(world: World, load: Load, count: int, *, events: int, rate: float) -> tuple[int, list[float]]:
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


def p99_of(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.99) - 1]


async def bare_listen(ground: Ground, times: int) -> list[float]:
    """Return how long a NOTIFY takes from one connection to another, with nothing of ours in between."""
    took = list[float]()
    listener, sender = await asyncpg.connect(ground.url), await asyncpg.connect(ground.url)
    heard: asyncio.Queue[float] = asyncio.Queue()

    def hear(*_: object) -> None:
        heard.put_nowait(time.perf_counter())

    await listener.add_listener("bare", hear)
    for _ in range(times):
        sent = time.perf_counter()
        await sender.execute("SELECT pg_notify('bare', '')")
        took.append((await asyncio.wait_for(heard.get(), WAIT_SECONDS) - sent) * 1000)
    await listener.close()
    await sender.close()
    return took


async def written(ground: Ground, count: int) -> list[int]:
    connection = await asyncpg.connect(ground.url)
    statement = "SELECT sequence FROM entries WHERE to_status IS NOT NULL ORDER BY 1 DESC LIMIT $1"
    found = await connection.fetch(statement, count)
    await connection.close()
    return sorted(row["sequence"] for row in found)


def resident_kb(web: WebPart) -> float:
    status = Path(f"/proc/{web.pid}/status").read_text()
    return float(status.split("VmRSS:")[1].split()[0])


def cpu_seconds(web: WebPart) -> float:
    """Return how long a web part worked so far, whoever else works here."""
    fields = Path(f"/proc/{web.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
