"""Mail that came back: what delivery reports say, the addresses found dead by it, and what the desk is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.expressions import Q

from actions.tasks import open_task
from models.bounces import BouncedAddress
from models.receipts import Notice
from rules.bounces import MARK_LIFE, REPORT_WINDOW, is_dead
from rules.notices import BOUNCED, SECRET, WITHOUT_TASK, NoticeKind, NoticeState
from rules.tasks import TaskKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from rules.bounces import Failure

MARK = """
INSERT INTO bounced_addresses (address, status, notice_id, marked_at, expires_at) VALUES (lower($1), $2, $3, $4, $5)
ON CONFLICT (address) DO UPDATE SET status = excluded.status, notice_id = excluded.notice_id,
    marked_at = excluded.marked_at, expires_at = excluded.expires_at, lifted_at = NULL
"""


async def record_failures(
    connection: TransactionWrapper, tools: Tools, failures: Iterable[Failure], *, received_at: datetime
) -> None:
    """
    Record, within a transaction, what a delivery report that came at *received_at* says of our notices.

    Anybody can write such a report. It counts only if it names a Message-ID of ours, which nobody but the recipient
    and the servers on the way can know, together with the address that this notice went to, within ten days.
    """
    for failure in failures:
        notice = await _find(failure, received_at=received_at)
        if notice is None:
            continue
        await Notice.filter(id=notice.id).update(
            state=NoticeState.UNDELIVERABLE,
            reason=f"{BOUNCED} {failure.status}",
            detail={name: value for name, value in notice.detail.items() if name != SECRET},
            finished_at=tools.clock(),
            next_try_at=None,
            lease_holder=None,
            leased_until=None,
        )
        await record_undelivered(connection, tools, notice, status=failure.status)


async def _find(failure: Failure, *, received_at: datetime) -> Notice | None:
    notices = await (
        Notice.filter(
            Q(state=NoticeState.SENT) | Q(state=NoticeState.PENDING, attempts__gt=0),
            message_id__in=failure.message_ids,
            created_at__gte=received_at - REPORT_WINDOW,
        )
        .select_for_update(no_key=True)
        .order_by("id")
    )
    found = next((each for each in notices if (each.address or "").lower() in failure.addresses), None)
    if found is not None:
        await found.fetch_related("tramite", "user")
    return found


async def record_undelivered(
    connection: TransactionWrapper, tools: Tools, notice: Notice, *, status: str | None
) -> None:
    """
    Do, within a transaction, what follows when *notice*, fetched with trámite and user, has not arrived and never will.

    An enhanced *status* that tells of a dead address marks it: nothing is sent there until it is proved anew.
    """
    if is_dead(status):
        assert status is not None
        assert notice.address is not None
        now = tools.clock()
        await connection.execute_query(MARK, [notice.address, status, notice.id, now, now + MARK_LIFE])
    await tell_desk(tools, notice, has_bounced=is_dead(status))


async def tell_desk(tools: Tools, notice: Notice, *, has_bounced: bool) -> None:
    """
    Open, within a transaction, the tasks for a notice that does not arrive: for an observation and a receipt always,
    for others if their address is dead (*has_bounced*).

    None for accounts whose address was never proved, as everybody can register with any, nor for who has no account.
    """
    user = None if notice.tramite else notice.user
    is_known = notice.tramite is not None or (user is not None and user.email_verified_at is not None)
    if notice.kind in WITHOUT_TASK or not is_known:
        return
    detail = {"notice": str(notice.id), "kind": notice.kind.value}
    for kind in _tasks_for(notice, has_bounced=has_bounced):
        await open_task(tools, kind, tramite=notice.tramite, user=user, detail=detail)


def _tasks_for(notice: Notice, *, has_bounced: bool) -> list[TaskKind]:
    kinds = [TaskKind.OBSERVATION_UNDELIVERED] if notice.kind is NoticeKind.OBSERVED else []
    if has_bounced:
        return [*kinds, TaskKind.ADDRESS_BOUNCED]
    return [*kinds, TaskKind.RECEIPT_UNDELIVERED] if "receipt" in notice.detail else kinds


async def has_bounced(address: str, *, at: datetime) -> bool:
    """Say whether an address was found dead, and neither proved anew nor long ago."""
    return await BouncedAddress.exists(address=address.lower(), lifted_at__isnull=True, expires_at__gt=at)


async def lift_mark(address: str, *, at: datetime) -> None:
    """Write to an address again, within a transaction: mail was seen to arrive there, or somebody vouches for it."""
    await BouncedAddress.filter(address=address.lower(), lifted_at__isnull=True).update(lifted_at=at)
