"""Outgoing mail as promises: a row made in the transaction of what it tells, claimed and sent by the delivery."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from actions import answering, bounces
from actions.transaction import tx
from models.fresh import fresh
from models.receipts import Notice
from rules.notices import BY_HAND, SECRET, NoticeKind, NoticeState, is_courtesy, next_try, withheld
from rules.reply_tokens import make_token

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from models.people import User
    from models.tramites import Tramite
    from rules.mail import SuppressionReason
    from rules.reply_tokens import Sign

NOTICES = "mesa_notices"
"""Channel on which the delivery is woken."""

ATTEMPT_TIME = timedelta(seconds=60)
"""An attempt to send is given up after this."""

LEASE = timedelta(seconds=75)
"""A claimed notice is free again after this; longer than an attempt, short enough for a worker that died."""

CLAIM = """
UPDATE notices SET lease_holder = $1, leased_until = $2, attempts = attempts + 1
WHERE id IN (
    SELECT id FROM notices due
    WHERE state = 'PENDING' AND next_try_at <= $3 AND (leased_until IS NULL OR leased_until <= $3)
        AND ($5 OR answer_key IS NULL OR kind = ANY($6))
        AND NOT EXISTS (
            SELECT FROM notices other
            WHERE other.address = due.address AND other.state = 'PENDING' AND other.leased_until > $3
        )
    ORDER BY next_try_at LIMIT $4 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""
"""
What goes to an address that is being written to waits: a slow one must not hold all who send. So do answers to mails
while $5 is false, those of a kind in $6 excepted.
"""

WITHDRAW = """
UPDATE notices SET state = 'SUPPRESSED', reason = $3, detail = detail - $4, finished_at = $5,
    next_try_at = NULL, lease_holder = NULL, leased_until = NULL
WHERE state = 'PENDING' AND user_id = $1 AND kind = ANY($2)
"""


async def promise(
    tools: Tools,
    kind: NoticeKind,
    *,
    tramite: Tramite | None = None,
    user: User | None = None,
    address: str | None = None,
    suppression: SuppressionReason | None = None,
    in_reply_to: str | None = None,
    answer_key: bytes | None = None,
    detail: dict[str, Any] | None = None,
) -> Notice:
    """
    Promise one mail, within a transaction, or record that none will be sent and why.

    The Message-ID is fixed here: whatever is sent again is sent as the same mail.
    """
    notice = notice_of(
        tools,
        kind,
        tramite=tramite,
        user=user,
        address=address,
        suppression=suppression,
        in_reply_to=in_reply_to,
        answer_key=answer_key,
        detail=detail,
    )
    await notice.save(force_create=True)
    return notice


def notice_of(
    tools: Tools,
    kind: NoticeKind,
    *,
    tramite: Tramite | None = None,
    user: User | None = None,
    address: str | None = None,
    suppression: SuppressionReason | None = None,
    in_reply_to: str | None = None,
    answer_key: bytes | None = None,
    detail: dict[str, Any] | None = None,
) -> Notice:
    """
    Return the row of a promise, which is none before it is saved.

    *answer_key*: it answers a mail, whose sender is counted under that.
    """
    now = tools.clock()
    to = address or (tramite.contact_email if tramite else None) or (user.email if user else None)
    is_due = suppression is None and to is not None
    return fresh(
        Notice,
        kind=kind,
        tramite_id=tramite.id if tramite else None,
        user_id=user.id if user else None,
        address=to,
        in_reply_to=in_reply_to,
        answer_key=answer_key,
        detail=(_as_of_now(tramite) if tramite else {}) | (detail or {}),
        message_id=_message_id(tools, kind, tramite),
        state=NoticeState.PENDING if is_due else NoticeState.SUPPRESSED,
        reason=None if is_due else (suppression.value if suppression else "NO_ADDRESS"),
        created_at=now,
        next_try_at=now if is_due else None,
        finished_at=None if is_due else now,
    )


def _message_id(tools: Tools, kind: NoticeKind, tramite: Tramite | None) -> str:
    """Return a fresh Message-ID; of a mail about a trámite it holds the token by which an answer is known."""
    token = f".{make_token(tramite.id, reply_signer(tools))}" if tramite else ""
    return f"<{kind.value.lower()}.{uuid.uuid4().hex}{token}@{_domain(tools)}>"


def reply_signer(tools: Tools) -> Sign:
    """Return what signs and knows the tokens of replies, with a key of its own made from the secret key."""
    return lambda data: tools.security_check.blind(f"reply-token.{data.hex()}")


def _as_of_now(tramite: Tramite) -> dict[str, Any]:
    """Return what a later act may change before the mail goes out, which still tells of this one."""
    return {
        "office": tramite.office.name,
        "subject": tramite.subject,
        "observation": tramite.observation or "",
        "resolution": tramite.resolution or "",
    }


def _domain(tools: Tools) -> str:
    return tools.institution.intake_address.rpartition("@")[2]


async def withdraw(
    connection: TransactionWrapper, tools: Tools, user_id: UUID, kinds: Iterable[NoticeKind], *, reason: str
) -> None:
    """Take back, within a transaction, mails to somebody that were not sent yet and would tell what no longer holds."""
    names = [kind.value for kind in kinds]
    await connection.execute_query(WITHDRAW, [user_id, names, reason, SECRET, tools.clock()])


async def claim_notices(tools: Tools, holder: UUID, *, most: int) -> list[Notice]:
    """
    Lease up to *most* due notices to *holder* for 75 seconds; other workers pass them over meanwhile, and what else
    goes to the same addresses. While too many answers to mails leave, those wait that no person wrote.
    """
    now = tools.clock()
    async with tx() as connection:
        room = await answering.have_room(connection, at=now)
        claimed = await connection.execute_query_dict(CLAIM, [holder, now + LEASE, now, most, room, list(BY_HAND)])
        ids = [row["id"] for row in claimed]
        return (
            await Notice.filter(id__in=ids)
            .select_related("tramite__office", "tramite__applicant", "user")
            .order_by("created_at")
        )


async def withhold(tools: Tools, notice: Notice, *, holder: UUID) -> bool:
    """
    End a claimed notice unsent that is not wanted, or whose address takes no mail; say whether it ended.

    Judged when it is about to be sent, so that what was promised before counts too. The desk is told as if it had
    not arrived.
    """
    assert notice.address is not None
    applicant = notice.tramite.applicant if notice.tramite else None
    has_bounced = await bounces.has_bounced(notice.address, at=tools.clock())
    is_needed = not is_courtesy(notice.kind, notice.detail)
    is_wanted = is_needed or applicant is None or applicant.wants_courtesy_notices
    reason = withheld(notice.kind, is_wanted=is_wanted, has_bounced=has_bounced)
    if reason is None:
        return False
    async with tx():
        if await _finish(tools, notice, holder, state=NoticeState.SUPPRESSED, reason=reason.value) and has_bounced:
            await bounces.tell_desk(tools, notice, has_bounced=True)
    return True


async def record_sent(tools: Tools, notice: Notice, *, holder: UUID) -> bool:
    """Record that the mail was taken over by the outgoing server; False if *holder* no longer holds the lease."""
    async with tx():
        return await _finish(tools, notice, holder, state=NoticeState.SENT, reason=None)


async def record_refused(tools: Tools, notice: Notice, *, holder: UUID, reason: str, status: str | None = None) -> bool:
    """
    Record that the mail will never be taken (a permanent refusal, code and class only in *reason*).

    The enhanced *status* may tell that the address is dead.
    """
    return await _give_up(tools, notice, holder, reason=reason, status=status)


async def record_failed(tools: Tools, notice: Notice, *, holder: UUID, reason: str) -> bool:
    """Record an attempt that failed for now; after 72 hours of them the notice is undeliverable."""
    wait = next_try(notice.attempts)
    if wait is None:
        return await _give_up(tools, notice, holder, reason=reason, status=None)
    async with tx():
        changed = await Notice.filter(id=notice.id, lease_holder=holder, state=NoticeState.PENDING).update(
            reason=reason, next_try_at=tools.clock() + wait, lease_holder=None, leased_until=None
        )
    return changed == 1


async def _give_up(tools: Tools, notice: Notice, holder: UUID, *, reason: str, status: str | None) -> bool:
    async with tx() as connection:
        is_recorded = await _finish(tools, notice, holder, state=NoticeState.UNDELIVERABLE, reason=reason)
        if is_recorded:
            await bounces.record_undelivered(connection, tools, notice, status=status)
    return is_recorded


async def _finish(tools: Tools, notice: Notice, holder: UUID, *, state: NoticeState, reason: str | None) -> bool:
    changed = await Notice.filter(id=notice.id, lease_holder=holder, state=NoticeState.PENDING).update(
        state=state,
        reason=reason,
        detail={name: value for name, value in notice.detail.items() if name != SECRET},
        finished_at=tools.clock(),
        next_try_at=None,
        lease_holder=None,
        leased_until=None,
    )
    return changed == 1
