"""Idempotency keys: a program that lost the answer asks again and gets the same one."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from models.people import ClientKey
from rules.chain import canonical
from rules.refusals import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from reading.access import Viewer

KEY_LIFE = timedelta(days=30)

CLAIM = """
INSERT INTO client_keys (id, user_id, key, request_hash, made_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (user_id, key) DO UPDATE
SET request_hash = excluded.request_hash, made_id = excluded.made_id, created_at = excluded.created_at
WHERE client_keys.created_at <= $7
RETURNING made_id
"""


class KeyReused(Conflict):
    """A key came again with another content."""

    code = "CLIENT_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__(
            "Esta clave de envío ya se usó con otros datos. Genere una clave nueva para enviar un documento distinto.",
            path=("clientKey",),
        )


def request_hash(request: Mapping[str, object]) -> bytes:
    """Return the SHA-256 of what was asked, as typed, whatever the order of its fields."""
    return hashlib.sha256(canonical(request).encode(errors="surrogatepass")).digest()


async def made_before(user_id: UUID, key: UUID, *, asked: bytes, now: datetime) -> UUID | None:
    """Return the id of what *key* made in the last 30 days when it was asked for the same; None if it made nothing."""
    earlier = await ClientKey.get_or_none(user_id=user_id, key=key, created_at__gt=now - KEY_LIFE)
    return earlier.made_id if earlier and bytes(earlier.request_hash) == asked else None


async def claim_key(
    connection: TransactionWrapper, *, user_id: UUID, key: UUID, asked: bytes, makes_id: UUID, now: datetime
) -> UUID | None:
    """
    Claim *key* for the thing about to be made; return the id of what it made before, or None.

    Waits for another transaction that is claiming the same key. A key is kept for 30 days.

    Raises:
        KeyReused: the key was used to ask for something else.
    """
    values = [uuid.uuid4(), user_id, key, asked, makes_id, now, now - KEY_LIFE]
    if await connection.execute_query_dict(CLAIM, values):
        return None
    earlier = await ClientKey.get(user_id=user_id, key=key)
    if earlier.request_hash != asked:
        raise KeyReused
    return earlier.made_id


async def claim(
    connection: TransactionWrapper,
    viewer: Viewer,
    key: UUID | None,
    *,
    makes_id: UUID,
    at: datetime,
    asked: Mapping[str, object],
) -> UUID | None:
    """
    Claim *key* for what an action is about to make as *asked*; return the id of what it made before, or None.

    To be called once the viewer's rights were judged, and before anything else is: whoever may not ask any more gets
    no answer, whoever may gets the first one, even if it would be refused now. None as key is for the counter itself,
    which does not ask again. *asked* names the act, so that a key that was used for another is refused.

    Raises:
        KeyReused: the key was used to ask for something else.
    """
    if key is None:
        return None
    said = {name: str(value) if isinstance(value, UUID) else value for name, value in asked.items()}
    return await claim_key(
        connection, user_id=viewer.user_id, key=key, asked=request_hash(said), makes_id=makes_id, now=at
    )
