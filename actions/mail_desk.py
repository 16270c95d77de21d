"""Mails as staff decide them: let one out of quarantine, reject it, or answer its sender. Once, whoever is quicker."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from actions import notices, register, submission
from actions.contents import record_content
from actions.counter_policy import policy_of
from actions.register import Record
from actions.transaction import tx
from models.catalogue import Office
from models.mail import MailItem
from models.mail_desk import MailDecision
from models.receipts import Notice
from reading import mails as reading
from rules.catalogue import Channel
from rules.mail import MailOutcome
from rules.mail_desk import (
    ANSWER_WINDOW,
    MailDecisionKind,
    MailNoLongerKept,
    NoSuchMail,
    NotYourMail,
    check_answerable,
    check_quarantined,
    clean_answer,
    clean_reason,
    why_unanswered,
)
from rules.notices import NoticeKind, NoticeState
from rules.refusals import Checks
from rules.register import Act

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.mail import MailFiling
    from actions.mail_reading import Correspondent
    from actions.tools import Tools
    from reading.access import Viewer
    from rules.mail import SuppressionReason

_ACTS = {
    MailDecisionKind.RELEASED: Act.MAIL_RELEASED,
    MailDecisionKind.REJECTED: Act.MAIL_REJECTED,
    MailDecisionKind.ANSWERED: Act.MAIL_ANSWERED,
}

WRITTEN = (NoticeKind.SUBMISSION_RECEIPT, NoticeKind.MAIL_REJECTED_BY_STAFF, NoticeKind.MAIL_ANSWERED_BY_STAFF)
"""What is counted against the mails that one address is written in a day."""

LOCK_ADDRESS = "SELECT pg_advisory_xact_lock(hashtextextended('mail answers ' || lower($1), 0))"
"""Two who answer mails of one sender at once count one after the other."""


async def release_mail(tools: Tools, viewer: Viewer, mail_id: UUID) -> MailItem:
    """
    Let a mail out of quarantine: it becomes a trámite of its mailbox's office, as of when our server received it.

    What is suspicious about it is passed over; what cannot be read of it is listed as missing. The sender gets the
    receipt if the mail may be answered.

    Raises:
        NoSuchMail, NotYourMail: there is none that the viewer may see, or decide.
        MailNoLongerKept: its bytes are gone.
        MailNotQuarantined: it had another outcome, or somebody was quicker.
    """
    seen = await _decidable(viewer, mail_id)
    check_quarantined(seen.outcome)
    opened = await tools.mails.open(tools, seen.original_id, received_at=seen.received_at)
    async with tx() as connection:
        item = await _lock(mail_id)
        check_quarantined(item.outcome)
        for content, pages in sorted(opened.contents, key=lambda each: each[0].sha256):
            await record_content(tools, content, pages)
        written = await _written_to(connection, tools, opened.filing.sender_address)
        asked = opened.filing
        suppression = why_unanswered(asked.suppression, address=asked.sender_address, written=written)
        tramite = await submission.submit(
            connection, tools, await _submission(tools, item, asked, suppression=suppression)
        )
        receipt = await Notice.get(tramite_id=tramite.id, kind=NoticeKind.SUBMISSION_RECEIPT)
        item.outcome, item.tramite_id, item.suppression = MailOutcome.FILED, tramite.id, suppression
        item.notice_id = receipt.id
        await item.save(update_fields=["outcome", "tramite_id", "suppression", "notice_id"])
        await _record(connection, tools, viewer, MailDecision(item_id=item.id, kind=MailDecisionKind.RELEASED))
    submission.wake(tools)
    return item


async def _submission(
    tools: Tools, item: MailItem, asked: MailFiling, *, suppression: SuppressionReason | None
) -> submission.Submission:
    return submission.Submission(
        tramite_id=uuid.uuid4(),
        channel=Channel.EMAIL,
        office=await Office.get(id=item.mailbox.office_id),
        sent_at=item.received_at,
        subject=asked.subject,
        sender_name=asked.sender_name,
        files=asked.files,
        contact_email=asked.sender_address,
        missing=asked.missing,
        correction_days=(await policy_of(tools, at=item.received_at)).correction_working_days,
        suppression=suppression,
        in_reply_to=asked.message_id,
    )


async def reject_mail(tools: Tools, viewer: Viewer, mail_id: UUID, *, reason: str) -> MailItem:
    """
    Find that a mail in quarantine is no filing; its sender is told why, if it may be answered.

    Raises:
        InvalidInput: the reason is empty or too long.
        NoSuchMail, NotYourMail, MailNoLongerKept, MailNotQuarantined: as `release_mail`.
    """
    checks = Checks()
    said = checks.take("reason", clean_reason, reason)
    checks.refuse_any()
    seen = await _decidable(viewer, mail_id)
    check_quarantined(seen.outcome)
    sender = await tools.mails.sender_of(tools, seen.original_id)
    async with tx() as connection:
        item = await _lock(mail_id)
        check_quarantined(item.outcome)
        written = await _written_to(connection, tools, sender.address)
        suppression = why_unanswered(sender.suppression, address=sender.address, written=written)
        told = {"reason": said, "receivedAt": item.received_at.isoformat()}
        kind = NoticeKind.MAIL_REJECTED_BY_STAFF
        notice = await _promise(tools, kind, sender, told, suppression=suppression)
        item.outcome, item.suppression, item.notice_id = MailOutcome.REJECTED, suppression, notice.id
        await item.save(update_fields=["outcome", "suppression", "notice_id"])
        decision = MailDecision(item_id=item.id, kind=MailDecisionKind.REJECTED, text=said, notice=notice)
        await _record(connection, tools, viewer, decision)
    submission.wake(tools)
    return item


async def answer_mail(tools: Tools, viewer: Viewer, mail_id: UUID, *, text: str) -> MailItem:
    """
    Write to the sender of a mail, whatever its outcome; what they wrote is never quoted.

    Raises:
        InvalidInput: the text is empty or too long.
        NoSuchMail, NotYourMail, MailNoLongerKept: as `release_mail`.
        MailUnanswerable: a machine wrote it, or it has no single sender.
        TooManyAnswers: that address was written to as often today as it may be.
    """
    checks = Checks()
    said = checks.take("text", clean_answer, text)
    checks.refuse_any()
    seen = await _decidable(viewer, mail_id)
    sender = await tools.mails.sender_of(tools, seen.original_id)
    async with tx() as connection:
        item = await _lock(mail_id)
        written = await _written_to(connection, tools, sender.address)
        check_answerable(why_unanswered(sender.suppression, address=sender.address, written=written))
        told = {"answer": said, "receivedAt": item.received_at.isoformat()}
        notice = await _promise(tools, NoticeKind.MAIL_ANSWERED_BY_STAFF, sender, told, suppression=None)
        decision = MailDecision(item_id=item.id, kind=MailDecisionKind.ANSWERED, text=said, notice=notice)
        await _record(connection, tools, viewer, decision)
    submission.wake(tools)
    return item


async def _decidable(viewer: Viewer, mail_id: UUID) -> MailItem:
    mail = await reading.find_mail(viewer, mail_id)
    if mail is None:
        raise NoSuchMail
    if not reading.may_decide(viewer, mail):
        raise NotYourMail
    if mail.erased_at is not None:
        raise MailNoLongerKept
    return mail


async def _lock(mail_id: UUID) -> MailItem:
    item = await MailItem.filter(id=mail_id).select_for_update(no_key=True).get()
    await item.fetch_related("mailbox")
    if item.erased_at is not None:
        raise MailNoLongerKept
    return item


async def _written_to(connection: TransactionWrapper, tools: Tools, address: str | None) -> int:
    """Return how many mails an address was written in the last 24 hours; nobody else writes to it meanwhile."""
    if address is None:
        return 0
    await connection.execute_query(LOCK_ADDRESS, [address])
    since = tools.clock() - ANSWER_WINDOW
    written = Notice.filter(address=address, kind__in=WRITTEN, created_at__gt=since)
    return await written.exclude(state=NoticeState.SUPPRESSED).count()


async def _promise(
    tools: Tools,
    kind: NoticeKind,
    sender: Correspondent,
    told: dict[str, str | None],
    *,
    suppression: SuppressionReason | None,
) -> Notice:
    return await notices.promise(
        tools, kind, address=sender.address, in_reply_to=sender.message_id, suppression=suppression, detail=told
    )


async def _record(connection: TransactionWrapper, tools: Tools, viewer: Viewer, decision: MailDecision) -> None:
    decision.made_by_id, decision.made_at = viewer.user_id, tools.clock()
    await decision.save(force_create=True)
    item = await MailItem.get(id=decision.item_id)
    detail = {"mail": str(item.id), "outcome": item.outcome.value, "original": item.original_id}
    if decision.kind is MailDecisionKind.RELEASED:
        detail["tramiteId"] = str(item.tramite_id)
    record = Record(_ACTS[decision.kind], tools.clock(), viewer.role, actor_id=viewer.user_id, detail=detail)
    await register.append(connection, record)
