"""The lease of a mailbox: the right to write for it, held by one worker at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tortoise.connection import get_connections

from actions.transaction import CONNECTION

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

LEASE = timedelta(seconds=10)
"""A mailbox is free again this long after its worker was last heard of."""

TAKE = """
UPDATE mailboxes SET holder = $2, epoch = epoch + 1, leased_until = clock_timestamp() + $3::interval
WHERE id = $1 AND (leased_until IS NULL OR leased_until <= clock_timestamp())
RETURNING epoch
"""
RELEASE = """
UPDATE mailboxes SET leased_until = NULL, holder = NULL, is_listening = false
WHERE id = $1 AND holder = $2 AND epoch = $3
"""
FENCE = "SELECT office_id FROM mailboxes WHERE id = $1 AND holder = $2 AND epoch = $3 FOR SHARE"
"""The first statement of whatever is written for a mailbox: a late worker gets nothing."""


class LeaseLost(Exception):
    """Another worker has the mailbox; what this one was about to write is not written."""


@dataclass(frozen=True)
class Lease:
    """The right to write for a mailbox; `epoch` grows with each holder, so that a late one is noticed."""

    mailbox_id: UUID
    holder: UUID
    epoch: int


@dataclass(frozen=True)
class Slot:
    """Where a mail lies: UIDs mean something only together with their UIDVALIDITY (RFC 3501, 2.3.1.1)."""

    uidvalidity: int
    uid: int


async def take_lease(mailbox_id: UUID, *, holder: UUID) -> Lease | None:
    """Become the one worker of a mailbox for 10 seconds, to be renewed; None while somebody else is."""
    rows = await get_connections().get(CONNECTION).execute_query_dict(TAKE, [mailbox_id, holder, LEASE])
    return Lease(mailbox_id, holder, rows[0]["epoch"]) if rows else None


async def release_lease(lease: Lease) -> None:
    """Let the next worker have the mailbox at once."""
    await get_connections().get(CONNECTION).execute_query(RELEASE, [lease.mailbox_id, lease.holder, lease.epoch])


async def pass_fence(connection: TransactionWrapper, lease: Lease) -> None:
    """
    Make sure, within a transaction and to its end, that nobody takes the mailbox.

    Raises:
        LeaseLost: somebody has.
    """
    if not await connection.execute_query_dict(FENCE, [lease.mailbox_id, lease.holder, lease.epoch]):
        raise LeaseLost
