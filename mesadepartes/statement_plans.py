"""
By which plan PostgreSQL would run the statements of an operation that was slow, told afterwards in the log.

Without values: a statement is prepared and explained as it is for whatever it is given, and not run. One operation is
explained at a time, over a connection of its own, so that it takes nothing from those who ask; each document now and
then only, and only some of them in a minute.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections import OrderedDict
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from mesadepartes.database import APP_ROLE, CONNECT_SECONDS, PLANNING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

logger = logging.getLogger(__name__)

WAITING: Final = 8
PAUSE_SECONDS: Final = 10.0
AGAIN_SECONDS: Final = 600.0
MOST_KNOWN: Final = 500
MOST_PLANS: Final = 4
PLAN_LENGTH: Final = 2_000
JOB_SECONDS: Final = 5.0
STATEMENT_MS: Final = 1_000

SETTINGS: Final = PLANNING | {
    "role": APP_ROLE,
    "search_path": "public",
    "plan_cache_mode": "force_generic_plan",
    "statement_timeout": str(STATEMENT_MS),
    "lock_timeout": str(STATEMENT_MS),
}
EXPLAINABLE: Final = re.compile(r"\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
TAKES: Final = "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = $1"
OUTAGES: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(frozen=True, slots=True)
class _Slow:
    operation_id: str
    texts: Sequence[str]


class StatementPlans:
    """Explains what was slow; `ask` neither waits nor fails, and what is too much is left out."""

    def __init__(
        self, connect: Callable[[], Awaitable[asyncpg.Connection]], *, pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        self._connect, self._pause_seconds = connect, pause_seconds
        self._waiting = asyncio.Queue[_Slow](WAITING)
        self._asked_at = OrderedDict[str, float]()

    def ask(self, operation_id: str, digest: str, texts: Sequence[str]) -> None:
        """Have the plans of an operation's statements logged, unless those of its document were just now."""
        now, texts = monotonic(), [*filter(EXPLAINABLE.match, texts)][:MOST_PLANS]
        if not texts or self._waiting.full() or now - self._asked_at.get(digest, -AGAIN_SECONDS) < AGAIN_SECONDS:
            return
        self._asked_at[digest] = now
        self._asked_at.move_to_end(digest)
        if len(self._asked_at) > MOST_KNOWN:
            self._asked_at.popitem(last=False)
        self._waiting.put_nowait(_Slow(operation_id, texts))

    async def run(self) -> None:
        """Explain what was asked for, one after the other and not too often, until cancelled."""
        while True:
            await self._tell(await self._waiting.get())
            await asyncio.sleep(self._pause_seconds)

    async def _tell(self, slow: _Slow) -> None:
        told = {"action": "slow_operation_plan", "operation_id": slow.operation_id}
        try:
            async with asyncio.timeout(JOB_SECONDS):
                plans = await self._plans_of(slow.texts)
        except OUTAGES as error:
            logger.warning("No plan could be had: %s", type(error).__name__, extra=told)
            return
        numbered = {f"plan_{number}": plan for number, plan in enumerate(plans, 1)}
        logger.warning("The plans of an operation that was slow", extra=told | numbered)

    async def _plans_of(self, texts: Sequence[str]) -> list[str]:
        connection = await self._connect()
        try:
            return [await plan_of(connection, text, name=f"slow_{number}") for number, text in enumerate(texts)]
        finally:
            connection.terminate()


async def plan_of(connection: asyncpg.Connection, text: str, *, name: str) -> str:
    """Return the generic plan of a statement on one line; of one that cannot be explained, why."""
    try:
        # By the prepared statement, for PostgreSQL 15 knows no GENERIC_PLAN.
        await connection.execute(f"PREPARE {name} AS {text}")
        count = int(await connection.fetchval(TAKES, name) or 0)
        values = f"({', '.join(['NULL'] * count)})" if count else ""
        found: Any = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE {name}{values}")
    except asyncpg.PostgresError as error:
        return type(error).__name__
    return in_words(json.loads(found)[0]["Plan"])[:PLAN_LENGTH]


def in_words(node: dict[str, Any]) -> str:
    """Return a node of a plan and those below it: of conditions nothing, for values may stand in a statement's text."""
    names = [node[key] for key in ("Relation Name", "Index Name", "CTE Name") if key in node]
    by = " ".join([str(node["Node Type"]), *map(str, names)])
    below = "; ".join(in_words(each) for each in node.get("Plans", ()))
    return f"{by} [cost {node['Total Cost']:.0f}, rows {node['Plan Rows']}]" + (f" ({below})" if below else "")


@asynccontextmanager
async def plans_told(url: str, *, pause_seconds: float = PAUSE_SECONDS) -> AsyncGenerator[StatementPlans]:
    """Explain what is slow for as long as the block lasts."""

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=SETTINGS)

    plans = StatementPlans(connect, pause_seconds=pause_seconds)
    running = asyncio.create_task(plans.run())
    try:
        yield plans
    finally:
        running.cancel()
        await asyncio.wait({running})
