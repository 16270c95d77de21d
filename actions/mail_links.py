"""Links of one use about a trámite that came by mail: made when its receipt is promised, used once, forgotten."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions.credentials import new_token
from actions.transaction import database
from models.fresh import fresh
from models.mail_links import MailLink
from models.tramites import Tramite
from rules.mail_links import (
    LINK_LIFE,
    LINKS_FORGOTTEN_AFTER,
    LinkExpired,
    LinkPurpose,
    LinkUsed,
    NoSuchLink,
)
from rules.sessions import token_hash

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from models.people import User

__all__ = ["FreshLink", "LinkPurpose", "UsedLink", "find_link", "forget_links", "new_link", "use_link"]

LONGEST_TOKEN = 100
"""How much of a token that somebody sent is looked at; ours are shorter."""

USE = """
UPDATE mail_links SET used_at = $2, used_by_id = $3 WHERE id = $1 AND used_at IS NULL AND expires_at > $2 RETURNING id
"""

FORGET = """
DELETE FROM mail_links WHERE id IN (
    SELECT id FROM mail_links WHERE expires_at <= $1 ORDER BY expires_at LIMIT 200 FOR UPDATE SKIP LOCKED
) RETURNING 1
"""


@dataclass(frozen=True)
class FreshLink:
    """A link that was not saved yet, and its token, of which only the digest is kept."""

    row: MailLink
    token: str


@dataclass(frozen=True)
class UsedLink:
    """A link that is used now, or was by the same account before; its trámite is locked, with its office."""

    id: UUID
    tramite: Tramite
    is_first_use: bool


def new_link(tools: Tools, tramite_id: UUID, purpose: LinkPurpose) -> FreshLink:
    """Return a link that holds for seven days from now; nothing is saved."""
    token, now = new_token(tools.random_bytes), tools.clock()
    row = fresh(
        MailLink,
        id=uuid.uuid4(),
        tramite_id=tramite_id,
        purpose=purpose,
        token_hash=token_hash(token),
        made_at=now,
        expires_at=now + LINK_LIFE,
    )
    return FreshLink(row, token)


async def find_link(tools: Tools, token: str, purpose: LinkPurpose) -> UUID:
    """
    Return the trámite of a link that may still be used; it stays good.

    Raises:
        NoSuchLink, LinkUsed, LinkExpired: as `use_link`.
    """
    found = await _find(token, purpose)
    if found.used_at is not None:
        raise LinkUsed
    if found.expires_at <= tools.clock():
        raise LinkExpired
    return found.tramite_id


async def use_link(
    connection: TransactionWrapper, tools: Tools, token: str, purpose: LinkPurpose, *, user: User | None = None
) -> UsedLink:
    """
    Use a link, within a transaction, for good, and lock its trámite; of several who use it at once, one does.

    The token has 256 bits: guessing needs no throttle, but what a guess costs does, so pass a gate before. An account
    that has used it finds it used, and may be answered as then. Lock the account first.

    Raises:
        NoSuchLink: the token is none, for something else, or forgotten by now; or the trámite was erased.
        LinkUsed: somebody used it before.
        LinkExpired: it is older than seven days.
    """
    known = await _find(token, purpose)
    tramite = await Tramite.filter(id=known.tramite_id).select_for_update().get()
    if tramite.erased_at is not None:
        raise NoSuchLink
    await tramite.fetch_related("office")
    if await connection.execute_query_dict(USE, [known.id, tools.clock(), user.id if user else None]):
        return UsedLink(known.id, tramite, is_first_use=True)
    # Whoever holds the trámite may have used it while this one waited.
    found = await MailLink.get_or_none(id=known.id)
    if found is None:
        raise NoSuchLink
    if found.used_at is None:
        raise LinkExpired
    if user is None or found.used_by_id != user.id:
        raise LinkUsed
    return UsedLink(known.id, tramite, is_first_use=False)


async def _find(token: str, purpose: LinkPurpose) -> MailLink:
    digest = token_hash(token.strip()[:LONGEST_TOKEN])
    found = await MailLink.get_or_none(token_hash=digest, purpose=purpose, tramite__erased_at__isnull=True)
    if found is None:
        raise NoSuchLink
    return found


async def forget_links(tools: Tools) -> int:
    """Forget links that ended 30 days ago, at most 200; the register goes on telling. Return how many."""
    return len(await database().execute_query_dict(FORGET, [tools.clock() - LINKS_FORGOTTEN_AFTER]))
