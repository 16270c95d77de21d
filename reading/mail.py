"""What the ledger knows of a mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.expressions import Q

from models.mail import MailItem, MailSlot

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

MOVES_AT_ONCE = 500


async def settled_among(uids: list[int], *, mailbox_id: UUID, uidvalidity: int, now: datetime) -> set[int]:
    """Return those of *uids* that need nothing now: their mail has an outcome, or its next try is later."""
    found = await MailSlot.filter(
        Q(item_id__isnull=False) | Q(next_try_at__gt=now), mailbox_id=mailbox_id, uidvalidity=uidvalidity, uid__in=uids
    ).values_list("uid", flat=True)
    return {int(uid) for uid in found}  # pyright: ignore[reportArgumentType]


async def item_of(content_key: str, *, mailbox_id: UUID) -> MailItem | None:
    """Return the mail of this content that the mailbox has had before, if it has."""
    return await MailItem.get_or_none(mailbox_id=mailbox_id, content_key=content_key)


async def known_among(content_keys: list[str], *, mailbox_id: UUID) -> set[str]:
    """Return those of *content_keys* whose mail the mailbox has had before."""
    found = MailItem.filter(mailbox_id=mailbox_id, content_key__in=content_keys)
    return {str(key) for key in await found.values_list("content_key", flat=True)}


async def pending_moves(mailbox_id: UUID, uidvalidity: int, *, now: datetime | None = None) -> list[MailSlot]:
    """
    Return up to 500 slots whose mail has an outcome but was not moved yet, with their items, oldest first.

    With *now*, without those that the server refused to move a short while ago.
    """
    due = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now) if now else Q()
    return (
        await MailSlot.filter(
            due, mailbox_id=mailbox_id, uidvalidity=uidvalidity, item_id__isnull=False, placement__isnull=True
        )
        .order_by("uid")
        .limit(MOVES_AT_ONCE)
        .select_related("item")
    )
