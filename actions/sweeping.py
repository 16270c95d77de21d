"""Sweeping: what nobody will ever ask for again is removed, and never anything of the record."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from actions.transaction import database
from actions.uploads import UPLOAD_LIFE

if TYPE_CHECKING:
    from actions.tools import Tools

LEFTOVERS_AFTER = timedelta(hours=24)
"""No put into the store takes this long between two writes: what has been silent for so long was cut off."""

SESSIONS_AFTER = timedelta(days=30)
BATCH = 1000

DELETE_SESSIONS = """
DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE (ended_at < $1 OR expires_at < $1) LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING 1
"""


async def sweep_uploads(tools: Tools) -> int:
    """
    Remove the bytes of unfinished uploads that have expired; return of how many.

    An upload expires 24 hours after it was announced, so bytes last written before that belong to none that is alive.
    """
    return await tools.staging.sweep(tools.clock() - UPLOAD_LIFE)


async def sweep_store(tools: Tools) -> int:
    """Remove what puts into the store left behind that were cut off; return how many files."""
    return await tools.store.sweep(tools.clock() - LEFTOVERS_AFTER)


async def sweep_sessions(tools: Tools) -> int:
    """Delete the sessions that ended or expired more than 30 days ago; return how many."""
    before, deleted = tools.clock() - SESSIONS_AFTER, 0
    while found := len(await database().execute_query_dict(DELETE_SESSIONS, [before, BATCH])):
        deleted += found
    return deleted
