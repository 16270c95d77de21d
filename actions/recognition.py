"""Pages without text are looked at by a machine, where that is switched on: page by page, each kept before the next."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from actions.texts import GATHER, GIVE_BACK, LEASE, LOCKED_WAIT, PUT_OFF, WAITS, keep_pieces
from actions.transaction import database, tx
from files.jail import JailFailed
from files.recognition import NotRecognized
from files.store import ContentDamaged, ContentMissing, StoreLocked
from rules.texts import MOST_CHARACTERS, TextProblem, TextState

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from files.recognition import Recognizer

logger = logging.getLogger(__name__)

MOST_RECOGNIZED_PAGES = 500
"""Of one content; the rest stays what it is, without text."""

MOST_ATTEMPTS = 2
"""After so many a page is passed over."""

CLAIM = """
UPDATE content_texts SET lease_holder = $1, leased_until = $3, attempts = attempts + 1
WHERE id = (
    SELECT id FROM content_texts
    WHERE pages_without_text > 0 AND recognized_at IS NULL AND state IN ('DONE', 'NO_TEXT')
        AND try_after <= $2 AND (leased_until IS NULL OR leased_until <= $2)
    ORDER BY try_after DESC, id DESC LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, content_id, attempts, (
    SELECT min(page) FROM generate_series(coalesce(recognized_to, 0) + 1, least(pages_done, $4)) page
    WHERE NOT EXISTS (SELECT FROM content_text_pieces p WHERE p.text_of_id = content_texts.id AND p.page = page.page)
) AS page
"""

HELD = "SELECT characters FROM content_texts WHERE id = $1 AND lease_holder = $2 AND recognized_at IS NULL FOR UPDATE"

GO_ON = """
UPDATE content_texts SET lease_holder = NULL, leased_until = NULL, attempts = 0, recognized_to = $2,
    pages_recognized = pages_recognized + $3, characters = characters + $4
WHERE id = $1
"""

LATER = """
UPDATE content_texts SET lease_holder = NULL, leased_until = NULL, try_after = $3 WHERE id = $1 AND lease_holder = $2
"""

FINISH = """
UPDATE content_texts SET lease_holder = NULL, leased_until = NULL, attempts = 0, recognized_at = $2,
    state = CASE WHEN characters > 0 THEN $3 ELSE state END,
    problem = CASE WHEN characters > 0 AND problem = $4 THEN NULL ELSE problem END
WHERE id = $1
"""


@dataclass(frozen=True)
class Claim:
    """A page that a machine looks at; None when there is none left of its content."""

    id: UUID
    content_id: str
    attempts: int
    page: int | None


async def recognize_pages(tools: Tools) -> int:
    """
    Have a machine look at the next page without text of the content that came last; return how many pages.

    Nothing where that is switched off. What is recognized is found once the last page of its content was looked at.

    Raises:
        JailFull, JailBroken, OSError: no page can be looked at for now; the program may be missing.
    """
    if tools.recognizer is None:
        return 0
    holder, now = uuid4(), tools.clock()
    claimed = await database().execute_query_dict(CLAIM, [holder, now, now + LEASE, MOST_RECOGNIZED_PAGES])
    if not claimed:
        return 0
    claim = Claim(**claimed[0])
    try:
        await _look_at(tools, tools.recognizer, claim, holder)
    except BaseException:
        await database().execute_query(GIVE_BACK, [claim.id, holder])
        raise
    return 1


async def _look_at(tools: Tools, recognizer: Recognizer, claim: Claim, holder: UUID) -> None:
    said = ""
    if claim.page is not None and claim.attempts <= MOST_ATTEMPTS:
        try:
            said = await recognizer.recognize(claim.content_id, page=claim.page)
        except StoreLocked as error:
            logger.error("A page is not recognized: %s", error.strerror, extra={"action": "page_not_recognized"})  # noqa: TRY400 - it says all
            await database().execute_query(PUT_OFF, [claim.id, holder, tools.clock() + LOCKED_WAIT])
            return
        except (JailFailed, NotRecognized, ContentMissing, ContentDamaged) as error:
            told = {"action": "page_not_recognized", "sha256": claim.content_id, "why": type(error).__name__}
            logger.warning("A page is not recognized", extra=told)
            if claim.attempts < MOST_ATTEMPTS:
                await database().execute_query(LATER, [claim.id, holder, tools.clock() + WAITS[0]])
                return
    async with tx() as connection:
        held = await connection.execute_query_dict(HELD, [claim.id, holder])
        if held:
            await _keep(tools, connection, claim, said[: MOST_CHARACTERS - held[0]["characters"]])


async def _keep(tools: Tools, connection: TransactionWrapper, claim: Claim, said: str) -> None:
    if claim.page is not None:
        texts = {claim.page: said} if said else {}
        characters = await keep_pieces(connection, claim.id, texts, is_recognized=True)
        await connection.execute_query(GO_ON, [claim.id, claim.page, len(texts), characters])
        return
    await connection.execute_query(GATHER, [claim.id])
    values = [claim.id, tools.clock(), TextState.DONE, TextProblem.SCANNED]
    await connection.execute_query(FINISH, values)
