"""
What a request costs the processors, of two servers on the same ground.

They take turns so short that what else the machine does is the same for both. Compared is what they spent in some
seconds of turns, between them too: so what is done once a second, or every five, is in each comparison.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence

    from benchmarks.graphql_load import Target

CONNECTIONS = 16
REQUESTS = 32
"""In one turn, of some hundredths of a second."""
TURN_SECONDS = 60.0
COMPARED_SECONDS = 5.0
"""For so long turns are taken for each comparison; as often spans are sent."""

_HEAD_END = b"\r\n\r\n"
_OK = b"HTTP/1.1 200 "
_DATA = b'{"data":{'
_LENGTH = b"content-length: "


@dataclass(frozen=True)
class Paired:
    """What a request cost the one server and the other, in ms of CPU, in each comparison."""

    pairs: Sequence[tuple[float, float]]

    @property
    def ratio(self) -> float:
        """The median: a comparison that something disturbed would move the ratio of all sums as far as it likes."""
        return statistics.median(one / other for one, other in self.pairs)


async def paired(one: Target, other: Target, tokens: Sequence[str], *, seconds: float) -> Paired:
    """Ask two servers for the same pages for so long, after a while that does not count."""
    chance = random.Random(8)
    async with _connected(one) as mine, _connected(other) as theirs:
        compared = [await _compared(mine, theirs, tokens, chance) for _ in range(1 + round(seconds / COMPARED_SECONDS))]
    return Paired(compared[1:])


async def _compared(one: _Side, other: _Side, tokens: Sequence[str], chance: random.Random) -> tuple[float, float]:
    """Return what a request costs each, in ms of CPU, after turns of both; by turns who comes first."""
    turns, ends = 0, time.monotonic() + COMPARED_SECONDS
    began = cpu_seconds(one.target.pid), cpu_seconds(other.target.pid)
    while time.monotonic() < ends:
        asked = chance.choices(tokens, k=REQUESTS)
        for side in (one, other) if turns % 2 else (other, one):
            await side.turn(asked)
        turns += 1
    spent = cpu_seconds(one.target.pid) - began[0], cpu_seconds(other.target.pid) - began[1]
    return spent[0] * 1e3 / (turns * REQUESTS), spent[1] * 1e3 / (turns * REQUESTS)


@dataclass(eq=False)
class _Side:
    """A server, and connections to it that stay open."""

    target: Target
    connections: Sequence[tuple[asyncio.StreamReader, asyncio.StreamWriter]]

    async def turn(self, tokens: Sequence[str]) -> None:
        """Ask for a page with each of the tokens."""
        waiting = iter([_request(self.target, token) for token in tokens])
        async with asyncio.timeout(TURN_SECONDS):
            await asyncio.gather(*(_ask(*each, waiting) for each in self.connections))


@asynccontextmanager
async def _connected(target: Target) -> AsyncGenerator[_Side]:
    address = urlsplit(target.url)
    connections = [await asyncio.open_connection(address.hostname, address.port) for _ in range(CONNECTIONS)]
    yield _Side(target, connections)
    for _, writer in connections:
        writer.close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waiting: Iterator[bytes]) -> None:
    """Send requests for as long as there are some, each when the one before was answered."""
    for request in waiting:
        writer.write(request)
        head = await reader.readuntil(_HEAD_END)
        body = await reader.readexactly(int(head.partition(_LENGTH)[2].partition(b"\r\n")[0]))
        if not (head.startswith(_OK) and body.startswith(_DATA)):
            raise SystemExit(f"A request failed: {(head + body).decode()}")


def _request(target: Target, token: str) -> bytes:
    address = urlsplit(target.url)
    head = (
        f"POST {address.path} HTTP/1.1\r\nhost: {address.netloc}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(target.body)}\r\nauthorization: Bearer {token}\r\n\r\n"
    )
    return head.encode() + target.body


def cpu_seconds(pid: int) -> float:
    """Return how long all threads of a process ran so far, by its own clock, in ns (clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)
