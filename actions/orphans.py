"""Orphans: what lies in the store and no row knows of, since somebody died between putting it and recording it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from actions.contents import abandon_unknown
from actions.transaction import database
from files.store import ContentDamaged, size_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from actions.tools import Tools
    from files.store import Held

logger = logging.getLogger(__name__)

ORPHAN_AFTER = timedelta(hours=24)
"""Nobody takes that long from putting to recording."""

PAGE, MOST_PAGES = 1000, 5
"""So much of the store is looked at in one go. A million files are seen within some days, a few thousand each time."""

MOST_UNKNOWN = 20
"""More orphans than that, and more than all else: the store is another database's, or that one has lost its rows."""

UNKNOWN = """
SELECT sha256 FROM unnest($1::text[]) AS told (sha256)
WHERE NOT EXISTS (SELECT FROM contents c WHERE c.sha256 = told.sha256 AND c.erased_at IS NULL)
"""
"""What was erased has a row and no bytes: bytes that came back without anybody recording them are orphans, too."""

EMBLEMS = """
SELECT DISTINCT facts->'letterhead'->>'emblem_sha256' AS sha256 FROM receipts
WHERE log_index IS NULL AND erased_at IS NULL AND facts->'letterhead'->>'emblem_sha256' IS NOT NULL
"""
"""No row knows the emblem: it comes from the settings, and receipts that are still to be sealed need that of then."""


async def note_orphans(tools: Tools) -> int:
    """
    Note orphans put more than a day ago as contents that were abandoned; return how many.

    `sweep_contents` removes them like any other: whoever records one of them at that moment has it, or is told.
    Where to begin is drawn anew each time, so no place in the store need be remembered and none is left out. Where most
    of what is seen would be orphans nothing is noted: a wrong setting, or an empty database, must not cost all files.
    """
    start = tools.random_bytes(32).hex()
    pages = [page async for page in _pages(tools, start)]
    old = [each for page in pages for each in page if each.put_at <= tools.clock() - ORPHAN_AFTER]
    rows = await database().execute_query_dict(UNKNOWN, [sorted({each.sha256 for each in old})])
    unknown = {row["sha256"] for row in rows} - await _emblems(tools)
    if len(unknown) > max(MOST_UNKNOWN, len({each.sha256 for each in old}) // 2):
        said = "Most of what lies in the store is unknown to this database: nothing of it is removed"
        logger.error(said, extra={"action": "store_unknown", "files": len(unknown)})
        return 0
    return await abandon_unknown({each.sha256: (_size(each), each.put_at) for each in old if each.sha256 in unknown})


def _size(held: Held) -> int:
    try:
        return size_of(held)
    except ContentDamaged:
        return held.size_bytes  # too short to be what it is called: it goes all the same


async def _pages(tools: Tools, start: str) -> AsyncIterator[list[Held]]:
    """Yield pages of the store from *start* on, and once round to it again."""
    after, has_turned = start, False
    for _ in range(MOST_PAGES):
        page = await tools.store.place.list(after=after, limit=PAGE)
        yield [each for each in page if not (has_turned and each.name > start)]
        if len(page) == PAGE:
            after = page[-1].name
        elif has_turned:
            return
        else:
            after, has_turned = "", True
        if has_turned and after > start:
            return


async def _emblems(tools: Tools) -> set[str]:
    rows = await database().execute_query_dict(EMBLEMS)
    return {row["sha256"] for row in rows} | {str(tools.institution.letterhead.emblem_sha256)}
