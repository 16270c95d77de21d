"""
How long the server takes for a statement: what a machine would need that has nothing else to do.

On one that has, a process waits for its turn most of the time, which the kernel tells (schedstat of proc(5)) and which
is left out; what it waits for the disk counts. Where the kernel does not tell, all time counts.
"""

from __future__ import annotations

import json
import statistics
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from mesadepartes.database import PLANNING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from tortoise.queryset import QuerySet, ValuesListQuery

    from benchmarks.ground import Ground

T = TypeVar("T")

BACKENDS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"


class Server:
    """A server on this machine that is watched through a connection of its superuser."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def took(self, statement: str, values: Sequence[Any], times: int) -> float:
        """Return the median of planning and running, in ms."""
        return statistics.median([await self._once(statement, values) for _ in range(times)])

    async def _once(self, statement: str, values: Sequence[Any]) -> float:
        pids = [self.connection.get_server_pid()]
        before = _spent(pids)
        text = await self.connection.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", *values)
        (said,) = json.loads(str(text))
        return (_spent(pids) - before).of(said["Planning Time"] + said["Execution Time"])

    async def meanwhile(self, ask: Callable[[], Awaitable[T]], times: int) -> tuple[T, float]:
        """Return what *ask* answers, and the median of what the server takes for all that it asks, in ms."""
        took = list[float]()
        while True:
            before, began = _spent(await self._pids()), time.perf_counter()
            answer = await ask()
            wall = (time.perf_counter() - began) * 1000
            spent = _spent(await self._pids()) - before
            took.append(spent.running or wall)
            if len(took) >= times:
                return answer, statistics.median(took)

    async def _pids(self) -> list[int]:
        own = self.connection.get_server_pid()
        return [row["pid"] for row in await self.connection.fetch(BACKENDS) if row["pid"] != own]


@dataclass(frozen=True)
class Spent:
    """What processes did so far, in ms: ran, and were ready to run while others did."""

    running: float = 0.0
    ready: float = 0.0

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.running - other.running, self.ready - other.ready)

    def of(self, wall: float) -> float:
        """Return what of the time on the wall would have passed with nobody else there."""
        return min(wall, max(self.running, wall - self.ready))


def _spent(pids: list[int]) -> Spent:
    paths = [path for pid in pids if (path := Path(f"/proc/{pid}/schedstat")).exists()]
    told = [path.read_text().split() for path in paths]
    return Spent(sum(int(each[0]) for each in told) / 1e6, sum(int(each[1]) for each in told) / 1e6)


@asynccontextmanager
async def watched(ground: Ground) -> AsyncGenerator[Server]:
    """Yield the server of a ground, which plans as for the application."""
    settings = {"search_path": "public", "timezone": "UTC", **PLANNING}
    connection = await asyncpg.connect(ground.superuser_url, server_settings=settings)
    try:
        yield Server(connection)
    finally:
        await connection.close()


def statement_of(query: QuerySet[Any] | ValuesListQuery[Any]) -> tuple[str, list[Any]]:
    """Return what a query asks the server, and its values."""
    query.sql()
    statement, values = query.query.get_parameterized_sql()
    return statement, list(values)
