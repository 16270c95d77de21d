"""How it stands with a mailbox, kept in its row by the one worker that holds its lease."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.connection import get_connections

from actions.mail_lease import LEASE, LeaseLost
from actions.transaction import CONNECTION

if TYPE_CHECKING:
    from datetime import datetime

    from actions.mail_lease import Lease
    from rules.mailboxes import MailboxFailure

KEEP = """
UPDATE mailboxes SET leased_until = clock_timestamp() + $4::interval, is_listening = $5, backlog = $6,
    looked_at = coalesce($7, looked_at),
    failing_since = CASE WHEN $8 THEN NULL ELSE failing_since END,
    failure = CASE WHEN $8 THEN NULL ELSE failure END
WHERE id = $1 AND holder = $2 AND epoch = $3
RETURNING (SELECT count(*) FROM mail_items WHERE mailbox_id = $1 AND outcome = 'QUARANTINED') AS quarantined
"""
FAIL = """
UPDATE mailboxes SET is_listening = false, failure = $4, failing_since = coalesce(failing_since, $5)
WHERE id = $1 AND holder = $2 AND epoch = $3
"""
NUMBER = """
UPDATE mailboxes m SET uidvalidity = $4
FROM (SELECT id, uidvalidity FROM mailboxes WHERE id = $1 AND holder = $2 AND epoch = $3 FOR UPDATE) before
WHERE m.id = before.id RETURNING before.uidvalidity
"""


@dataclass(frozen=True)
class MailboxState:
    """
    What a worker knows of its mailbox now. `looked_at` is None before the first look over this connection.

    `backlog` is how many mails wait to be taken in, as far as the folder was looked through.
    """

    looked_at: datetime | None
    is_listening: bool
    backlog: int


async def keep_mailbox(lease: Lease, state: MailboxState) -> int:
    """
    Hold the mailbox for another 10 seconds and tell how it stands; once it was looked at, it is not failing.

    Returns how many of its mails are in quarantine.

    Raises:
        LeaseLost: somebody else has taken it meanwhile.
    """
    has_looked = state.looked_at is not None
    values = [*_key(lease), LEASE, state.is_listening, state.backlog, state.looked_at, has_looked]
    rows = await get_connections().get(CONNECTION).execute_query_dict(KEEP, values)
    if not rows:
        raise LeaseLost
    return int(rows[0]["quarantined"])


async def record_trouble(lease: Lease, failure: MailboxFailure, *, at: datetime) -> None:
    """Tell that the mailbox is not read, and since when; nothing if somebody else has it meanwhile."""
    await get_connections().get(CONNECTION).execute_query(FAIL, [*_key(lease), failure.value, at])


async def record_uidvalidity(lease: Lease, uidvalidity: int) -> int | None:
    """
    Record how the server numbers the mails of the folder now (RFC 3501, 2.3.1.1); return how before, None at first.

    Raises:
        LeaseLost: somebody else has taken it meanwhile.
    """
    values = [*_key(lease), uidvalidity]
    rows = await get_connections().get(CONNECTION).execute_query_dict(NUMBER, values)
    if not rows:
        raise LeaseLost
    return rows[0]["uidvalidity"]


def _key(lease: Lease) -> list[object]:
    return [lease.mailbox_id, lease.holder, lease.epoch]
