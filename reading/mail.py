"""What the ledger knows of a mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.connection import get_connections

from models.mail import MailItem, MailSlot

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

MOVES_AT_ONCE = 500

SETTLED = """
SELECT uid FROM mail_slots WHERE mailbox_id = $1 AND uidvalidity = $2 AND uid = ANY($3::bigint[])
    AND (item_id IS NOT NULL OR next_try_at > $4)
"""
KNOWN = "SELECT id FROM mail_items WHERE account = $1 AND content_key = $2 AND earlier_copies = 0"
KNOWN_AMONG = "SELECT content_key FROM mail_items WHERE account = $1 AND content_key = ANY($2::text[])"

UNMOVED = """
SELECT id FROM mail_slots WHERE mailbox_id = $1 AND uidvalidity = $2 AND item_id IS NOT NULL AND placement IS NULL
    AND ($3::timestamptz IS NULL OR next_try_at IS NULL OR next_try_at <= $3) ORDER BY uid LIMIT $4
"""


async def settled_among(uids: list[int], *, mailbox_id: UUID, uidvalidity: int, now: datetime) -> set[int]:
    """Return those of *uids* that need nothing now: their mail has an outcome, or its next try is later."""
    rows = await get_connections().get("default").execute_query_dict(SETTLED, [mailbox_id, uidvalidity, uids, now])
    return {row["uid"] for row in rows}


async def item_of(content_key: str, *, account: str) -> MailItem | None:
    """Return the mail of this content that the account has had before, in whatever folder, if it has."""
    rows = await get_connections().get("default").execute_query_dict(KNOWN, [account, content_key])
    return await MailItem.get(id=rows[0]["id"]) if rows else None


async def known_among(content_keys: list[str], *, account: str) -> set[str]:
    """Return those of *content_keys* whose mail the account has had before, in whatever folder."""
    rows = await get_connections().get("default").execute_query_dict(KNOWN_AMONG, [account, content_keys])
    return {row["content_key"] for row in rows}


async def pending_moves(mailbox_id: UUID, uidvalidity: int, *, now: datetime | None = None) -> list[MailSlot]:
    """
    Return up to 500 slots whose mail has an outcome but was not moved yet, with their items, oldest first.

    With *now*, without those that the server refused to move a short while ago.
    """
    values = [mailbox_id, uidvalidity, now, MOVES_AT_ONCE]
    rows = await get_connections().get("default").execute_query_dict(UNMOVED, values)
    if not rows:
        return []
    return await MailSlot.filter(id__in=[row["id"] for row in rows]).order_by("uid").select_related("item")
