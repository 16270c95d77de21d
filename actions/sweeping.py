"""Sweeping: what nobody will ever ask for again is removed, and never anything of the record."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from actions.transaction import database

if TYPE_CHECKING:
    from actions.tools import Tools

LEFTOVERS_AFTER = timedelta(hours=24)
"""Nothing takes this long between two writes: what has been silent for so long was cut off."""

ALIVE = "SELECT id FROM uploads WHERE id = ANY($1::uuid[]) AND used_at IS NULL"


async def sweep_staging(tools: Tools) -> int:
    """
    Remove bytes of unfinished uploads that nobody will go on with; return of how many.

    They are there when whoever forgot the upload, or took it into a filing, died before they were removed. An upload
    that a draft keeps alive may have been silent for weeks.
    """
    silent = await tools.staging.older(tools.clock() - LEFTOVERS_AFTER)
    alive = {row["id"] for row in await database().execute_query_dict(ALIVE, [silent])}
    left = [upload_id for upload_id in silent if upload_id not in alive]
    for upload_id in left:
        await tools.staging.discard(upload_id)
    return len(left)


async def sweep_store(tools: Tools) -> int:
    """Remove what puts into the store left behind that were cut off; return how many files."""
    return await tools.store.sweep(tools.clock() - LEFTOVERS_AFTER)
