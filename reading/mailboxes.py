"""How it stands with the mailboxes of the counter, as staff may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tortoise.connection import get_connections

from models.mail import Mailbox
from rules.access import Role
from rules.duties import Duty, has_duty

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from tortoise.queryset import QuerySet

    from reading.access import Viewer
    from rules.mailboxes import MailboxFailure

MOST_MAILBOXES = 100

HELD = "SELECT id FROM mailboxes WHERE leased_until > clock_timestamp()"
IS_HELD = "coalesce({row}.leased_until > clock_timestamp(), false)"
OF_WORKER = {
    "is_listening": f"{{row}}.is_listening AND {IS_HELD}",
    "backlog": f"CASE WHEN {IS_HELD} THEN {{row}}.backlog ELSE 0 END",
    "uid_validity": "{row}.uidvalidity::text",
    "quarantined": "(SELECT count(*) FROM mail_items WHERE mailbox_id = {row}.id AND outcome = 'QUARANTINED')",
}
"""What `MailboxView` says besides columns, of the one mailbox in `{row}`."""

QUARANTINED = """
SELECT mailbox_id, count(*) AS number FROM mail_items
WHERE outcome = 'QUARANTINED' AND mailbox_id = ANY($1::uuid[]) GROUP BY mailbox_id
"""


@dataclass(frozen=True)
class MailboxView:
    """A mailbox as of now: what its row says is believed only while a worker holds it."""

    id: UUID
    name: str | None
    account: str
    folder: str
    office_id: UUID
    is_listening: bool
    looked_at: datetime | None
    backlog: int
    failing_since: datetime | None
    failure: MailboxFailure | None
    uid_validity: str | None
    quarantined: int


async def mailboxes_for(viewer: Viewer) -> list[MailboxView]:
    """
    Return the mailboxes by name, at most a hundred: to clerks those of their offices, none to whom they are not for.
    """
    if not has_duty(viewer.role, Duty.SEE_MAILBOXES):
        return []
    rows = await mailboxes_query(viewer)
    held = {row["id"] for row in await get_connections().get("default").execute_query_dict(HELD)}
    counts = await _quarantined([row.id for row in rows])
    return [_view(row, is_held=row.id in held, quarantined=counts.get(row.id, 0)) for row in rows]


def mailboxes_query(viewer: Viewer) -> QuerySet[Mailbox]:
    """Return the query of what `mailboxes_for` finds for those who may see mailboxes."""
    query = Mailbox.filter(office_id__in=list(viewer.office_ids)) if viewer.role is Role.CLERK else Mailbox.all()
    return query.order_by("name", "account", "folder").limit(MOST_MAILBOXES)


def _view(row: Mailbox, *, is_held: bool, quarantined: int) -> MailboxView:
    return MailboxView(
        id=row.id,
        name=row.name,
        account=row.account,
        folder=row.folder,
        office_id=row.office_id,
        is_listening=row.is_listening and is_held,
        looked_at=row.looked_at,
        backlog=row.backlog if is_held else 0,
        failing_since=row.failing_since,
        failure=row.failure,
        uid_validity=None if row.uidvalidity is None else str(row.uidvalidity),
        quarantined=quarantined,
    )


async def addresses_read() -> frozenset[str]:
    """Return the addresses, in lower case, of the accounts whose mail was ever taken in."""
    accounts: list[Any] = await Mailbox.all().values_list("account", flat=True)  # pyright: ignore[reportAssignmentType]
    return frozenset(account.lower() for account in accounts if "@" in account)


async def _quarantined(ids: list[UUID]) -> dict[UUID, int]:
    found = await get_connections().get("default").execute_query_dict(QUARANTINED, [ids])
    return {row["mailbox_id"]: row["number"] for row in found}
