"""What a request costs the processors, of two servers on the same ground, by turns so short that they meet the same."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence

    from benchmarks.graphql_load import Target

CONNECTIONS = 16
REQUESTS = 160
"""In one turn: a fifth of a second."""
TURN_SECONDS = 60.0
UNCOUNTED = 4
"""So many pairs of turns do not count: connections are opened, plans are made, tables come to memory."""

_HEAD_END = b"\r\n\r\n"
_OK = b"HTTP/1.1 200 "
_DATA = b'{"data":{'
_LENGTH = b"content-length: "


@dataclass(frozen=True)
class Paired:
    """What a request cost the one server in each of its turns, and the other in the turn beside it: ms of CPU."""

    pairs: Sequence[tuple[float, float]]

    @cached_property
    def ratios(self) -> list[float]:
        """How many times the other's each of the one's was, from the least to the most."""
        return sorted(one / other for one, other in self.pairs)

    @property
    def ratio(self) -> float:
        """The median of the ratios: a turn that others disturbed would move a sum as far as it was long."""
        return statistics.median(self.ratios)

    @property
    def certain(self) -> tuple[float, float]:
        """Between what the median is with a certainty of 95 %, by how many ratios lie on either side (binomial)."""
        count, aside = len(self.ratios), 0.98 * sqrt(len(self.ratios))
        return self.ratios[max(0, int(count / 2 - aside))], self.ratios[min(count - 1, int(count / 2 + aside))]

    @property
    def middle_half(self) -> tuple[float, float]:
        """Between what the middle half of the ratios is."""
        low, _, high = statistics.quantiles(self.ratios, n=4)
        return low, high


async def paired(one: Target, other: Target, tokens: Sequence[str], *, seconds: float) -> Paired:
    """Ask two servers for the same pages for so long, in turn, and by turns who comes first."""
    pairs, chance = list[tuple[float, float]](), random.Random(8)
    async with _connected(one) as mine, _connected(other) as theirs:
        ends = None
        while ends is None or time.monotonic() < ends:
            asked = chance.choices(tokens, k=REQUESTS)
            order = (mine, theirs) if len(pairs) % 2 else (theirs, mine)
            spent = {side: await side.turn(asked) for side in order}
            pairs.append((spent[mine], spent[theirs]))
            if len(pairs) == UNCOUNTED:
                ends = time.monotonic() + seconds
    return Paired(pairs[UNCOUNTED:])


@dataclass(eq=False)
class _Side:
    """A server, and connections to it that stay open."""

    target: Target
    connections: Sequence[tuple[asyncio.StreamReader, asyncio.StreamWriter]]

    async def turn(self, tokens: Sequence[str]) -> float:
        """Ask for a page with each of the tokens, and return what it cost the server, in ms of CPU."""
        waiting = iter([_request(self.target, token) for token in tokens])
        began = cpu_seconds(self.target.pid)
        async with asyncio.timeout(TURN_SECONDS):
            await asyncio.gather(*(_ask(*each, waiting) for each in self.connections))
        return (cpu_seconds(self.target.pid) - began) * 1e3 / len(tokens)


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
