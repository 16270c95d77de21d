"""Contents: bytes of the store that the record knows, and how those go that nothing refers to any more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tortoise.connection import get_connections

from actions.known_contents import insert_contents, told_of
from actions.transaction import CONNECTION, database, tx
from files.store import ContentMissing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from actions.tools import Tools
    from files.store import StoredContent
    from rules.verdicts import Judgement

GRACE = timedelta(hours=6)
"""So long a content stays after it was put or abandoned: longer than anybody takes from putting to recording it."""

RECORD = insert_contents("$1", at="$2")

EXPECT = """
INSERT INTO contents (sha256, size_bytes, stored_at, abandoned_at)
SELECT told.*, $3, $3 FROM unnest($1::text[], $2::bigint[]) AS told ORDER BY 1
ON CONFLICT (sha256) DO UPDATE SET abandoned_at = excluded.abandoned_at WHERE contents.abandoned_at IS NOT NULL
"""

TAKE = """
UPDATE contents SET stored_at = $2, abandoned_at = NULL, erased_at = NULL WHERE sha256 IN (
    SELECT sha256 FROM contents WHERE sha256 = ANY($1::text[]) ORDER BY sha256 FOR UPDATE)
RETURNING sha256
"""
"""Locked in the order in which others expect the same ones."""

ABANDONED = "SELECT sha256 FROM contents WHERE abandoned_at <= $1 ORDER BY abandoned_at LIMIT 100"

LOCK = "SELECT FROM contents WHERE sha256 = $1 AND abandoned_at <= $2 FOR UPDATE SKIP LOCKED"

DELETE = """
DELETE FROM contents WHERE sha256 = $1
    AND NOT EXISTS (SELECT FROM uploads WHERE content_id = $1)
    AND NOT EXISTS (SELECT FROM attachments WHERE content_id = $1)
    AND NOT EXISTS (SELECT FROM mail_items WHERE original_id = $1)
    AND NOT EXISTS (SELECT FROM receipts WHERE content_id = $1)
RETURNING 1
"""

ERASE = """
UPDATE contents SET erased_at = coalesce(erased_at, $2), abandoned_at = NULL, judge_after = NULL, scan_after = NULL
WHERE sha256 = $1
    AND NOT EXISTS (SELECT FROM uploads WHERE content_id = $1 AND used_at IS NULL)
    AND NOT EXISTS (SELECT FROM attachments WHERE content_id = $1 AND erased_at IS NULL)
    AND NOT EXISTS (SELECT FROM mail_items WHERE original_id = $1 AND erased_at IS NULL)
    AND NOT EXISTS (SELECT FROM receipts WHERE content_id = $1 AND erased_at IS NULL)
RETURNING 1
"""
"""What all that refers to it keeps only the digest of; an upload that was used up asks for the bytes no more."""

ADOPT = """
INSERT INTO contents AS known (sha256, size_bytes, stored_at, abandoned_at)
SELECT told.*, told.at
FROM unnest($1::text[], $2::bigint[], $3::timestamptz[]) AS told (sha256, size_bytes, at)
ORDER BY 1 ON CONFLICT (sha256) DO UPDATE SET abandoned_at = excluded.abandoned_at
    WHERE known.erased_at IS NOT NULL AND known.abandoned_at IS NULL
RETURNING 1
"""
"""What somebody else has recorded meanwhile stays theirs."""

ABANDON = "UPDATE contents SET abandoned_at = $2 WHERE sha256 = ANY($1::text[])"

FORGET_TEXT = "DELETE FROM content_texts WHERE content_id = $1"

MARK = "UPDATE contents SET abandoned_at = $2 WHERE sha256 = $1"


async def record_content(tools: Tools, stored: StoredContent, judgement: Judgement | None = None) -> None:
    """
    Record, within a transaction, bytes that the store has made durable; *judgement* is None of what nobody handed in.

    From here to its end nobody removes them. If they were removed since they were put, they must be put again.

    Raises:
        ContentMissing: the bytes are no longer there; nothing may refer to them.
    """
    now = tools.clock()
    values = [told_of([(stored, judgement)], at=now), now]
    await get_connections().get(CONNECTION).execute_query(RECORD, values)
    await tools.store.size(stored.sha256)


async def expect_contents(tools: Tools, contents: Sequence[StoredContent]) -> None:
    """
    Note contents that are about to be put: those that nobody takes afterwards are looked at in six hours.

    So bytes that were put by whoever died before they were recorded do not stay for ever.
    """
    values = [[each.sha256 for each in contents], [each.size_bytes for each in contents], tools.clock()]
    await database().execute_query(EXPECT, values)


async def take_contents(tools: Tools, sha256s: Collection[str]) -> None:
    """
    Record, within a transaction, that contents stay which were expected and put a moment ago.

    Raises:
        ContentMissing: one is not there.
    """
    taken = await get_connections().get(CONNECTION).execute_query_dict(TAKE, [list(sha256s), tools.clock()])
    for sha256 in set(sha256s) - {row["sha256"] for row in taken}:
        raise ContentMissing(sha256)
    await tools.store.must_hold(sha256s)


async def abandon_contents(tools: Tools, sha256s: list[str]) -> None:
    """Note, within a transaction, that perhaps nothing refers to contents: they are looked at in six hours."""
    await get_connections().get(CONNECTION).execute_query(ABANDON, [sha256s, tools.clock()])


async def abandon_unknown(found: Mapping[str, tuple[int, datetime]]) -> int:
    """Note bytes that the record does not know of, by size and when they were put, as abandoned; return how many."""
    sizes, instants = [size for size, _ in found.values()], [at for _, at in found.values()]
    return len(await database().execute_query_dict(ADOPT, [list(found), sizes, instants])) if found else 0


async def sweep_contents(tools: Tools) -> int:
    """
    Remove contents that were abandoned six hours ago and that nothing refers to; return how many of a hundred.

    Of those to which only refers what is past its time, the bytes go and the row stays, with the digest.
    """
    before = tools.clock() - GRACE
    found = await database().execute_query_dict(ABANDONED, [before])
    return sum([await _sweep(tools, row["sha256"], before=before) for row in found])


async def sweep_now(tools: Tools, sha256s: list[str]) -> int:
    """Do at once for contents that were just abandoned what `sweep_contents` would do later; return how many went."""
    return sum([await _sweep(tools, sha256, before=tools.clock()) for sha256 in sha256s])


async def _sweep(tools: Tools, sha256: str, *, before: datetime) -> bool:
    """
    Remove one content: its row, and its bytes while the row is locked; say whether it went.

    What was put in the last six hours stays for now: somebody may be about to record it.

    Whoever is about to refer to it waits for the row or, recording it anew, for the commit, and looks for the bytes
    after that. A removal that is cut off before its commit leaves a row that nothing refers to.
    """
    async with tx() as connection:
        if not await connection.execute_query_dict(LOCK, [sha256, before]):
            return False
        if await tools.store.was_put_since(sha256, min(before, tools.clock() - GRACE)):
            await connection.execute_query(MARK, [sha256, tools.clock()])
            return False
        is_gone = await connection.execute_query_dict(DELETE, [sha256])
        if not is_gone and not await connection.execute_query_dict(ERASE, [sha256, tools.clock()]):
            await connection.execute_query(MARK, [sha256, None])
            return False
        await connection.execute_query(FORGET_TEXT, [sha256])
        await tools.store.remove(sha256)
        await tools.views.forget(sha256)
    return True
