"""Where mails are on the server, and which could not be taken in: noted in the ledger, and tried again later."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from actions.mail_lease import pass_fence
from actions.mail_ledger import slot_key
from actions.transaction import database, tx
from rules.mailboxes import Placement

if TYPE_CHECKING:
    from actions.mail_lease import Lease, Slot
    from actions.tools import Tools

RETRY_AFTER = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
MOVE_AGAIN = timedelta(minutes=10)

NOTE_FAILURE = """
INSERT INTO mail_slots (id, mailbox_id, uidvalidity, uid, duplicate, attempts, next_try_at)
VALUES ($1, $2, $3, $4, false, 1, $5::timestamptz + $6::interval)
ON CONFLICT (mailbox_id, uidvalidity, uid) DO UPDATE
SET attempts = least(mail_slots.attempts, 9999) + 1,
    next_try_at = $5::timestamptz
        + least($7::interval, $6::interval * 2 ^ least(greatest(mail_slots.attempts - 2, 0), 20))
RETURNING attempts
"""
"""Three tries at the first pause, which doubles from then on; the count stops long before its column would burst."""

NOTE_MOVE = """
UPDATE mail_slots SET moved_at = $4, placement = $5, next_try_at = $6
WHERE mailbox_id = $1 AND uidvalidity = $2 AND uid = ANY($3::bigint[])
    AND set_config('synchronous_commit', 'off', true) IS NOT NULL
"""


async def record_failure(tools: Tools, lease: Lease, slot: Slot) -> int:
    """
    Record that a mail could not be taken; return how often so far. It is tried again after 30 seconds, from the fourth
    time on after twice as long each time, at most an hour: a mail that never comes must not fill the log.

    Raises:
        LeaseLost: another worker has the mailbox.
    """
    async with tx() as connection:
        await pass_fence(connection, lease)
        values = [*slot_key(lease, slot), tools.clock(), RETRY_AFTER, LONGEST_RETRY]
        rows = await connection.execute_query_dict(NOTE_FAILURE, values)
        return int(rows[0]["attempts"])


async def record_moved(tools: Tools, lease: Lease, *slots: Slot, placement: Placement | None = Placement.MOVED) -> None:
    """
    Record where mails of one UIDVALIDITY are now on the server; None: nowhere yet, to be tried again in ten minutes.

    Only a convenience for whoever looks into the folder: the ledger alone decides what is taken in. So it is not waited
    for until it is on the disk: what a crash of the database forgets is moved again.
    """
    now, is_moved = tools.clock(), placement is Placement.MOVED
    uids = [slot.uid for slot in slots]
    values = [lease.mailbox_id, slots[0].uidvalidity, uids, now if is_moved else None, placement]
    await database().execute_query(NOTE_MOVE, [*values, None if placement else now + MOVE_AGAIN])
