"""
Text for finding: taken out of the contents of files after they were received, slice by slice; never while one is filed.

The rows of `content_texts` are the queue. What a slice gave is kept before the next one is read, so that whoever is
stopped in the midst goes on where it was.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from actions.transaction import database, tx
from files.jail import JailFailed
from files.store import ContentDamaged, ContentMissing, StoreLocked
from files.texts import SLICE_PAGES
from rules.duties import Duty, check_duty
from rules.texts import MOST_CHARACTERS, TextProblem, TextState, pieces_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from files.texts import Slice
    from reading.access import Viewer

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""After how long a content is tried again that failed once, twice, and so on."""

LEASE = timedelta(minutes=5)
QUEUED_AT_ONCE = 500

QUEUE = """
WITH awaiting AS (
    SELECT id, content_id FROM attachments WHERE awaits_text AND erased_at IS NULL
    ORDER BY id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED),
there AS (
    SELECT sha256, least(stored_at, $1) AS stored_at FROM contents
    WHERE sha256 IN (SELECT content_id FROM awaiting) AND erased_at IS NULL
    ORDER BY sha256 FOR SHARE),
queued AS (
    INSERT INTO content_texts (id, content_id, state, try_after)
    SELECT gen_random_uuid(), sha256, 'PENDING', stored_at FROM there ON CONFLICT (content_id) DO NOTHING)
UPDATE attachments SET awaits_text = false WHERE id IN (SELECT id FROM awaiting)
RETURNING 1
"""
"""Contents are locked against being erased: one that is has no text, neither now nor by and by."""

CLAIM = """
UPDATE content_texts SET lease_holder = $1, leased_until = $3, attempts = attempts + 1
WHERE id = (
    SELECT id FROM content_texts
    WHERE state = 'PENDING' AND try_after <= $2 AND (leased_until IS NULL OR leased_until <= $2)
    ORDER BY try_after DESC, id DESC LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, content_id, pages_done, characters, attempts
"""
"""The latest first: what was filed today is found today, whatever is left of years before."""

HELD = "SELECT FROM content_texts WHERE id = $1 AND lease_holder = $2 AND state = 'PENDING' FOR UPDATE"

GIVE_BACK = """
UPDATE content_texts SET lease_holder = NULL, leased_until = NULL, attempts = greatest(attempts - 1, 0)
WHERE id = $1 AND lease_holder = $2
"""

PUT_OFF = """
UPDATE content_texts SET lease_holder = NULL, leased_until = NULL, attempts = greatest(attempts - 1, 0), try_after = $3
WHERE id = $1 AND lease_holder = $2
"""
"""What lies under a key that is not here is not to blame, and keeps no other waiting."""

LOCKED_WAIT = timedelta(hours=1)

KEEP_PIECES = """
INSERT INTO content_text_pieces (id, text_of_id, page, part, text, is_recognized)
SELECT gen_random_uuid(), $1, told.*, $5 FROM unnest($2::int[], $3::int[], $4::text[]) AS told
"""

GO_ON = """
UPDATE content_texts SET lease_holder = NULL, leased_until = NULL, attempts = 0, pages = nullif($2::int, 0),
    pages_done = $3, pages_without_text = pages_without_text + $4, characters = characters + $5, is_cut = $6
WHERE id = $1
"""

LATER = "UPDATE content_texts SET lease_holder = NULL, leased_until = NULL, try_after = $2 WHERE id = $1"

FINISH = """
UPDATE content_texts SET state = $2, problem = $3, done_at = $4, lease_holder = NULL, leased_until = NULL, attempts = 0
WHERE id = $1
"""

GATHER = "SELECT content_texts_gather($1)"

RETRY = """
UPDATE content_texts SET state = 'PENDING', problem = NULL, done_at = NULL, attempts = 0, try_after = $1
WHERE state = 'FAILED' RETURNING 1
"""


@dataclass(frozen=True)
class Claim:
    """A content whose text is being taken out, and how far it is."""

    id: UUID
    content_id: str
    pages_done: int
    characters: int
    attempts: int


async def extract_texts(tools: Tools) -> int:
    """
    Queue what was attached, and read one slice of the content that came last; return how many slices.

    Raises:
        JailFull, JailBroken, OSError: nothing can be read for now; no content is to blame.
    """
    await _queue(tools)
    holder, now = uuid4(), tools.clock()
    claimed = await database().execute_query_dict(CLAIM, [holder, now, now + LEASE])
    if not claimed:
        return 0
    claim = Claim(**claimed[0])
    try:
        await _read(tools, claim, holder)
    except BaseException:
        await database().execute_query(GIVE_BACK, [claim.id, holder])
        raise
    return 1


async def _queue(tools: Tools) -> None:
    async with tx() as connection:
        await connection.execute_query(QUEUE, [tools.clock(), QUEUED_AT_ONCE])


async def _read(tools: Tools, claim: Claim, holder: UUID) -> None:
    if claim.attempts > MOST_ATTEMPTS:  # whoever tried it was taken down with it
        await _fail(tools, claim, holder, why="lost")
        return
    try:
        # What failed is tried page by page: those before the one that it fails at are kept.
        pages = SLICE_PAGES if claim.attempts == 1 else 1
        room = MOST_CHARACTERS - claim.characters
        read = await tools.texts.read(
            claim.content_id, first=claim.pages_done + 1, most_pages=pages, most_characters=room
        )
    except (JailFailed, ContentMissing, ContentDamaged) as error:
        await _fail(tools, claim, holder, why=type(error).__name__)
        return
    except StoreLocked as error:
        logger.error("The text of a file is not read: %s", error.strerror, extra={"action": "text_not_read"})  # noqa: TRY400 - it says all
        await database().execute_query(PUT_OFF, [claim.id, holder, tools.clock() + LOCKED_WAIT])
        return
    async with tx() as connection:
        if await connection.execute_query_dict(HELD, [claim.id, holder]):
            await _keep(tools, connection, claim, read)


async def _keep(tools: Tools, connection: TransactionWrapper, claim: Claim, read: Slice) -> None:
    characters = await keep_pieces(connection, claim.id, read.texts)
    values = [read.pages, _last_page(read, claim), len(read.without_text), characters, read.is_cut]
    await connection.execute_query(GO_ON, [claim.id, *values])
    if read.next_page is None:
        await _finish(tools, connection, claim.id, read.problem)


def _last_page(read: Slice, claim: Claim) -> int:
    """Return the last page that was read: what comes after a cut was not, and is not known to be without text."""
    return max([*read.texts, *read.without_text], default=claim.pages_done)


async def keep_pieces(
    connection: TransactionWrapper, text_id: UUID, texts: Mapping[int, str], *, is_recognized: bool = False
) -> int:
    """Keep the texts of pages in pieces; return how many characters."""
    pieces = [(page, part, said) for page, text in texts.items() for part, said in enumerate(pieces_of(text))]
    if not pieces:
        return 0
    columns: list[list[Any]] = [list(column) for column in zip(*pieces, strict=True)]
    await connection.execute_query(KEEP_PIECES, [text_id, *columns, is_recognized])
    return sum(len(said) for _, _, said in pieces)


async def _finish(
    tools: Tools,
    connection: TransactionWrapper,
    text_id: UUID,
    problem: TextProblem | None,
    *,
    is_failure: bool = False,
) -> None:
    """Gather the words of what was read, which can be found by them from now on, and say what became of it."""
    await connection.execute_query(GATHER, [text_id])
    [told] = await connection.execute_query_dict(
        "SELECT characters, pages_without_text FROM content_texts WHERE id = $1", [text_id]
    )
    if not told["characters"] and problem is None:
        problem = TextProblem.SCANNED if told["pages_without_text"] else TextProblem.EMPTY
    state = TextState.FAILED if is_failure else TextState.DONE if told["characters"] else TextState.NO_TEXT
    await connection.execute_query(FINISH, [text_id, state, problem, tools.clock()])


async def _fail(tools: Tools, claim: Claim, holder: UUID, *, why: str) -> None:
    """Try again later; what has failed so often is given up, and what was read of it until then is found."""
    told = {"action": "text_not_read", "sha256": claim.content_id, "why": why, "attempts": claim.attempts}
    logger.warning("The text of a file is not read", extra=told)
    async with tx() as connection:
        if not await connection.execute_query_dict(HELD, [claim.id, holder]):
            return
        if claim.attempts >= MOST_ATTEMPTS:
            await _finish(tools, connection, claim.id, TextProblem.NOT_READ, is_failure=True)
        else:
            await connection.execute_query(LATER, [claim.id, tools.clock() + WAITS[claim.attempts - 1]])


async def retry_texts(tools: Tools, viewer: Viewer) -> int:
    """
    Queue again all contents whose text could not be read; return how many.

    Raises:
        NotYourDuty: the viewer does not administer the counter.
    """
    check_duty(viewer.role, Duty.ADMINISTER)
    async with tx() as connection:
        return len(await connection.execute_query_dict(RETRY, [tools.clock()]))
