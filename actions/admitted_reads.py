"""What strangers may read, read by the statement that counts their attempt: one trip to the database, not two."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from actions.gate import attempt_of, counting
from actions.transaction import database

if TYPE_CHECKING:
    from actions.gate import Attempt
    from actions.tools import Tools
    from reading.statements import Statement
    from rules.throttling import Client, Door

# A condition would be looked at for each row that was read already; to find none at most, nothing is begun.
READ = """
SELECT of_attempt.*, found.* FROM (
    SELECT EXISTS (SELECT FROM of_address) AS is_paced, EXISTS (SELECT FROM of_everybody) AS is_admitted
) of_attempt LEFT JOIN (
    SELECT true AS is_found, asked.* FROM ({sql}) asked
    LIMIT (SELECT CASE WHEN EXISTS (SELECT FROM of_everybody) THEN NULL ELSE 0 END)
) found ON true
"""
COUNTED = " SELECT"

_going_on = set["asyncio.Task[list[dict[str, Any]]]"]()


async def read_admitted(tools: Tools, door: Door, client: Client, statement: Statement) -> list[dict[str, Any]]:
    """
    Let an attempt through, counted, and return what *statement* reads, in no order; who is refused has nothing read.

    An attempt is counted whatever becomes of the reading: if it fails, by a statement of its own; and nobody takes it
    back by going away, for it goes on without them.

    Raises:
        TooManyAttempts: as `gate.admit` does.
    """
    attempt = attempt_of(tools, door, client)
    reading = asyncio.create_task(_read(attempt, statement))
    _going_on.add(reading)
    reading.add_done_callback(_ended)
    rows = await asyncio.shield(reading)
    await attempt.check(rows[0])
    return [row for row in rows if row["is_found"]]


async def _read(attempt: Attempt, statement: Statement) -> list[dict[str, Any]]:
    counted, values = counting(len(statement.values) + 1), [*statement.values, *attempt.values]
    try:
        return await database().execute_query_dict(counted + READ.format(sql=statement.sql), values)
    except BaseException:
        await database().execute_query_dict(counting(1) + COUNTED, attempt.values)
        raise


def _ended(reading: asyncio.Task[list[dict[str, Any]]]) -> None:
    _going_on.discard(reading)
    if not reading.cancelled():
        reading.exception()  # it is told to whoever waits, if anybody still does
