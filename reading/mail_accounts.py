"""Whose verified address a mail claims to come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.connection import get_connections

if TYPE_CHECKING:
    from uuid import UUID

HOLDERS = "SELECT id FROM users WHERE lower(email) = $1 AND email_verified_at IS NOT NULL LIMIT 2"


async def account_with(address: str | None) -> UUID | None:
    """
    Return the one account that has verified *address*, in whatever case; None if there is none, or more than one has.

    An address with a tag (`ana+x@…`) is another. Whether the mail comes from there is another question.
    """
    if address is None:
        return None
    found = await get_connections().get("default").execute_query_dict(HOLDERS, [address.lower()])
    return found[0]["id"] if len(found) == 1 else None
