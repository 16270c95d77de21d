"""Whose verified address a mail claims to come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tortoise.functions import Lower

from models.people import User

if TYPE_CHECKING:
    from uuid import UUID


async def account_with(address: str | None) -> UUID | None:
    """
    Return the one account that has verified *address*, in whatever case; None if there is none, or more than one has.

    An address with a tag (`ana+x@…`) is another. Whether the mail comes from there is another question.
    """
    if address is None:
        return None
    holders = User.annotate(lowered=Lower("email")).filter(lowered=address.lower(), email_verified_at__isnull=False)
    found: list[Any] = await holders.limit(2).values_list("id", flat=True)  # pyright: ignore[reportAssignmentType]
    return found[0] if len(found) == 1 else None
