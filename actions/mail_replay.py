"""A mail replayed by hand: recorded under the rules of the ledger, beside whoever reads the mailbox meanwhile."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from actions import mail as mail_actions
from actions.mail import Lease, Slot
from models.mail import Mailbox

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from uuid import UUID

    from actions.tools import Tools

REPLAYED: Final = 0
"""The UIDVALIDITY of what came from no server: no server has it, as it is never zero (RFC 3501, 2.3.1.1)."""


@asynccontextmanager
async def replaying(mailbox_id: UUID) -> AsyncGenerator[Lease]:
    """
    Yield the right to write for a mailbox: one of our own, or that of the worker that reads it now.

    To stand beside a worker loses nothing: that a mail is recorded once is settled by its content, not by the lease.
    """
    own = await mail_actions.take_lease(mailbox_id, holder=uuid4())
    if own is None:
        yield await _of_worker(mailbox_id)
        return
    try:
        yield own
    finally:
        await mail_actions.release_lease(own)


async def _of_worker(mailbox_id: UUID) -> Lease:
    mailbox = await Mailbox.get(id=mailbox_id)
    if mailbox.holder is None:
        raise mail_actions.LeaseLost
    return Lease(mailbox.id, mailbox.holder, mailbox.epoch, mailbox.account)


def new_slot(tools: Tools) -> Slot:
    """Return a place for a mail that has none on a server."""
    return Slot(REPLAYED, int.from_bytes(tools.random_bytes(7)))
