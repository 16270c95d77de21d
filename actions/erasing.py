"""What is past its time is erased: in small batches, each a transaction with its entries."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from actions import register
from actions.contents import sweep_now
from actions.erasures import ERASURES
from actions.register import Record
from actions.transaction import database, tx
from models.tramites import Tramite
from reading.overdue import OVERDUE
from reading.retention import retention_now
from rules.access import Role
from rules.register import Act

if TYPE_CHECKING:
    from datetime import datetime

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from rules.kept_kinds import RetentionKind
    from rules.retention import Retention

BATCH = 50
"""So many at once: the register is held from the first entry of a batch to its commit."""


async def erase_overdue(tools: Tools) -> int:
    """Erase a batch of each kind of what is past its time, if that is switched on; return how many things."""
    retention = await retention_now()
    if not retention.is_applied:
        return 0
    return sum((await erase_batch(tools, retention)).values())


async def erase_batch(tools: Tools, retention: Retention) -> dict[RetentionKind, int]:
    """
    Erase up to fifty things of each kind that are past their time by *retention*; return how many of each.

    Each kind is a transaction of its own, which may be cut off at any moment. What somebody else has locked is left for
    the next time.
    """
    done: dict[RetentionKind, int] = {}
    for kind in OVERDUE:
        days = retention.days_of(kind)
        if days is not None:
            done[kind] = await _erase(tools, kind, retention, before=tools.clock() - timedelta(days=days))
    return done


async def _erase(tools: Tools, kind: RetentionKind, retention: Retention, *, before: datetime) -> int:
    overdue = OVERDUE[kind]
    found = await database().execute_query_dict(overdue.list(), [before, BATCH])
    if not found:
        return 0
    async with tx() as connection:
        locked = await connection.execute_query_dict(overdue.lock(), [[row["key"] for row in found]])
        # Asked anew, now that nobody can change them: a trámite may have been reopened, or a task about it opened.
        rows = await connection.execute_query_dict(overdue.still(), [before, [row["key"] for row in locked]])
        if not rows:
            return 0
        contents = await ERASURES[kind](connection, tools, [row["key"] for row in rows])
        await _record(connection, tools, kind, retention, rows=rows)
    tools.wake(register.ENTRIES)
    # If this is cut off, the sweep of contents goes on with it later.
    await sweep_now(tools, contents)
    return len(rows)


async def _record(
    connection: TransactionWrapper,
    tools: Tools,
    kind: RetentionKind,
    retention: Retention,
    *,
    rows: list[dict[str, Any]],
) -> None:
    """Append one entry for each trámite, so that its history tells of it; of other kinds one for the batch."""
    detail: dict[str, Any] = {"kind": kind.value, "policy": retention.version}
    if OVERDUE[kind].table.startswith(Tramite._meta.db_table):  # pyright: ignore[reportPrivateUsage]
        for row in rows:
            await register.append(
                connection, Record(Act.ERASED, tools.clock(), Role.SYSTEM, tramite_id=row["key"], detail=detail)
            )
        return
    told = detail | {"count": len(rows), "ids": [row["name"] for row in rows]}
    await register.append(connection, Record(Act.ERASED, tools.clock(), Role.SYSTEM, detail=told))
