"""Whose verified address a mail claims to come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.connection import get_connections

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

HOLDERS = "SELECT id FROM users WHERE lower(email) = $1 AND email_verified_at IS NOT NULL LIMIT 2"
HOLDERS_AMONG = """
SELECT lower(email) AS address, (array_agg(id))[1] AS id FROM users
WHERE lower(email) = ANY($1::text[]) AND email_verified_at IS NOT NULL GROUP BY lower(email) HAVING count(*) = 1
"""


async def account_with(address: str | None) -> UUID | None:
    """
    Return the one account that has verified *address*, in whatever case; None if there is none, or more than one has.

    An address with a tag (`ana+x@…`) is another. Whether the mail comes from there is another question.
    """
    if address is None:
        return None
    found = await get_connections().get("default").execute_query_dict(HOLDERS, [address.lower()])
    return found[0]["id"] if len(found) == 1 else None


async def accounts_with(addresses: Iterable[str | None]) -> dict[str, UUID]:
    """Return, by address in lower case, what `account_with` says of each; those without one are not among them."""
    wanted = list({address.lower() for address in addresses if address})
    if not wanted:
        return {}
    rows = await get_connections().get("default").execute_query_dict(HOLDERS_AMONG, [wanted])
    return {row["address"]: row["id"] for row in rows}
