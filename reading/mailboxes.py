"""How it stands with the mailboxes of the counter, as staff may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.connection import get_connections

from models.mail import Mailbox, MailItem
from rules.access import Role
from rules.duties import Duty, has_duty
from rules.mail import MailOutcome

if TYPE_CHECKING:
    from uuid import UUID

    from reading.access import Viewer

MOST_MAILBOXES = 100

HELD = "SELECT id FROM mailboxes WHERE leased_until > clock_timestamp()"
QUARANTINED = """
SELECT mailbox_id, count(*) AS number FROM mail_items
WHERE outcome = 'QUARANTINED' AND mailbox_id = ANY($1::uuid[]) GROUP BY mailbox_id
"""


@dataclass(frozen=True)
class MailboxView:
    """A mailbox, whether a worker has it now, and how many of its mails wait in quarantine."""

    row: Mailbox
    is_held: bool
    quarantined: int


async def mailboxes_for(viewer: Viewer) -> list[MailboxView]:
    """
    Return the mailboxes, by name, at most a hundred; those of their own offices to clerks, none to whom they are not for.
    """
    if not has_duty(viewer.role, Duty.SEE_MAILBOXES):
        return []
    query = Mailbox.all()
    if viewer.role is Role.CLERK:
        query = query.filter(office_id__in=list(viewer.office_ids))
    rows = await query.order_by("name", "account", "folder").limit(MOST_MAILBOXES)
    held = {row["id"] for row in await get_connections().get("default").execute_query_dict(HELD)}
    counts = await _quarantined([row.id for row in rows])
    return [MailboxView(row, row.id in held, counts.get(row.id, 0)) for row in rows]


async def quarantined_in(mailbox_id: UUID) -> int:
    """Return how many mails of a mailbox are in quarantine."""
    return await MailItem.filter(mailbox_id=mailbox_id, outcome=MailOutcome.QUARANTINED).count()


async def _quarantined(ids: list[UUID]) -> dict[UUID, int]:
    found = await get_connections().get("default").execute_query_dict(QUARANTINED, [ids])
    return {row["mailbox_id"]: row["number"] for row in found}
