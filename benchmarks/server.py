"""
How long the server takes for a statement: what a machine would need that has nothing else to do.

On one that has, a process waits for its turn most of the time. So what counts is the time that the server's processes
spend on a processor (schedstat of proc(5)), and what they wait for the disk; never more than the time on the wall,
which is all that counts where the kernel does not tell, or where several processes share in a statement.
"""

from __future__ import annotations

import json
import statistics
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from benchmarks.ground import Ground

T = TypeVar("T")

BACKENDS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
WAITED = ("Shared I/O Read Time", "Shared I/O Write Time", "Temp I/O Read Time", "Temp I/O Write Time")


class Server:
    """A server on this machine that is watched through a connection of its superuser."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def took(self, statement: str, values: Sequence[Any], times: int) -> float:
        """Return the median of planning and running, in ms."""
        return statistics.median([await self._once(statement, values) for _ in range(times)])

    async def _once(self, statement: str, values: Sequence[Any]) -> float:
        pids, explain = [self.connection.get_server_pid()], "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)"
        before = _on_processor(pids)
        text = str(await self.connection.fetchval(f"{explain} {statement}", *values))
        spent = _on_processor(pids) - before
        (said,) = json.loads(text)
        wall = said["Planning Time"] + said["Execution Time"]
        waited = sum(said["Plan"].get(name, 0.0) for name in WAITED)
        return wall if '"Gather' in text or not spent else min(wall, spent + waited)

    async def meanwhile(self, ask: Callable[[], Awaitable[T]], times: int) -> tuple[T, float]:
        """Return what *ask* answers, and the median of what the server takes for all that it asks, in ms."""
        took = list[float]()
        while True:
            before, began = _on_processor(await self._pids()), time.perf_counter()
            answer = await ask()
            wall = (time.perf_counter() - began) * 1000
            spent = _on_processor(await self._pids()) - before
            took.append(min(wall, spent) if spent else wall)
            if len(took) >= times:
                return answer, statistics.median(took)

    async def _pids(self) -> list[int]:
        own = self.connection.get_server_pid()
        return [row["pid"] for row in await self.connection.fetch(BACKENDS) if row["pid"] != own]


def _on_processor(pids: list[int]) -> float:
    """Return how long processes were on a processor so far, in ms; 0 where nobody knows."""
    paths = [path for pid in pids if (path := Path(f"/proc/{pid}/schedstat")).exists()]
    return sum(int(path.read_text().split()[0]) for path in paths) / 1e6


@asynccontextmanager
async def watched(ground: Ground) -> AsyncGenerator[Server]:
    """Yield the server of a ground, which plans as for the application."""
    settings = {"search_path": "public", "timezone": "UTC", "jit": "off", "track_io_timing": "on"}
    connection = await asyncpg.connect(ground.superuser_url, server_settings=settings)
    try:
        yield Server(connection)
    finally:
        await connection.close()
