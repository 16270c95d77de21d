"""Mails as staff decide them: let one out of quarantine, reject it, or answer its sender. Once, whoever is quicker."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from actions import notices, register, submission
from actions.answering import decide_answer
from actions.client_keys import claim
from actions.mail import settle_kept
from actions.register import Record
from actions.transaction import tx
from models.mail import MailItem
from models.mail_desk import MailDecision
from models.people import User
from reading import mails as reading
from rules.mail import MailOutcome
from rules.mail_desk import (
    MailDecisionKind,
    MailNoLongerKept,
    NoSuchMail,
    NotYourMail,
    check_answerable,
    check_not_own,
    check_quarantined,
    clean_answer,
    clean_reason,
)
from rules.notices import NoticeKind
from rules.refusals import Checks
from rules.register import Act

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.answering import Answer
    from actions.mail_reading import Correspondent
    from actions.tools import Tools
    from models.receipts import Notice
    from reading.access import Viewer

_ACTS = {
    MailDecisionKind.RELEASED: Act.MAIL_RELEASED,
    MailDecisionKind.REJECTED: Act.MAIL_REJECTED,
    MailDecisionKind.ANSWERED: Act.MAIL_ANSWERED,
}


async def release_mail(tools: Tools, viewer: Viewer, mail_id: UUID) -> MailItem:
    """
    Let a mail out of quarantine: it becomes what it would have been, as of when our server received it.

    That is a trámite of its mailbox's office, whoever lets it in no part of it, or what corrects one. What is
    suspicious about it is passed over; what cannot be read of it is listed as missing. The sender gets the receipt,
    and the links, if the mail may be answered.

    Raises:
        NoSuchMail, NotYourMail: there is none that the viewer may see, or decide.
        OwnMail: the viewer sent it.
        MailNoLongerKept: its bytes are gone.
        MailNotQuarantined: it had another outcome, or somebody was quicker.
    """
    seen = await _decidable(viewer, mail_id)
    check_quarantined(seen.outcome)
    opened = await tools.mails.open(tools, seen)
    await _check_not_own(viewer, opened.sender)
    async with tx() as connection:
        item = await _lock(mail_id)
        check_quarantined(item.outcome)
        await settle_kept(connection, tools, item, opened.received, office_id=item.mailbox.office_id)
        await _record(connection, tools, viewer, MailDecision(item_id=item.id, kind=MailDecisionKind.RELEASED))
    submission.wake(tools)
    return await _as_it_is(mail_id)


async def reject_mail(tools: Tools, viewer: Viewer, mail_id: UUID, *, reason: str) -> MailItem:
    """
    Find that a mail in quarantine is no filing; its sender is told why, if it may be answered.

    Raises:
        InvalidInput: the reason is empty or too long.
        NoSuchMail, NotYourMail, OwnMail, MailNoLongerKept, MailNotQuarantined: as `release_mail`.
    """
    checks = Checks()
    said = checks.take("reason", clean_reason, reason)
    checks.refuse_any()
    seen = await _decidable(viewer, mail_id)
    check_quarantined(seen.outcome)
    sender = await tools.mails.sender_of(tools, seen)
    await _check_not_own(viewer, sender)
    async with tx() as connection:
        item = await _lock(mail_id)
        check_quarantined(item.outcome)
        answer = await decide_answer(connection, tools, sender.writer)
        told = {"reason": said, "receivedAt": item.received_at.isoformat()}
        notice = await _promise(tools, NoticeKind.MAIL_REJECTED_BY_STAFF, answer, told)
        item.outcome, item.suppression, item.notice_id = MailOutcome.REJECTED, answer.suppression, notice.id
        await item.save(update_fields=["outcome", "suppression", "notice_id"])
        decision = MailDecision(item_id=item.id, kind=MailDecisionKind.REJECTED, text=said, notice=notice)
        await _record(connection, tools, viewer, decision)
    submission.wake(tools)
    return item


async def answer_mail(
    tools: Tools, viewer: Viewer, mail_id: UUID, *, text: str, client_key: UUID | None = None
) -> MailItem:
    """
    Write to the sender of a mail, whatever its outcome; what they wrote is never quoted.

    It counts among the answers to that address, and leaves however many answers of machines wait: no loop is of
    people.

    Raises:
        InvalidInput: the text is empty or too long.
        NoSuchMail, NotYourMail, OwnMail, MailNoLongerKept: as `release_mail`.
        MailUnanswerable: a machine wrote it, or it has no single sender.
        TooManyAnswers: that address was written to as often today as it may be.
        KeyReused: the client key was used for something else.
    """
    checks = Checks()
    said = checks.take("text", clean_answer, text)
    checks.refuse_any()
    seen = await _decidable(viewer, mail_id)
    sender = await tools.mails.sender_of(tools, seen)
    await _check_not_own(viewer, sender)
    async with tx() as connection:
        item, new_id = await _lock(mail_id), uuid4()
        asked = {"act": "answerMail", "id": mail_id, "text": said}
        if await claim(connection, viewer, client_key, makes_id=new_id, at=tools.clock(), asked=asked):
            return item
        answer = await decide_answer(connection, tools, sender.writer)
        check_answerable(answer.suppression)
        told = {"answer": said, "receivedAt": item.received_at.isoformat()}
        notice = await _promise(tools, NoticeKind.MAIL_ANSWERED_BY_STAFF, answer, told)
        decision = MailDecision(id=new_id, item_id=item.id, kind=MailDecisionKind.ANSWERED, text=said, notice=notice)
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


async def _check_not_own(viewer: Viewer, sender: Correspondent) -> None:
    check_not_own(sender.claimed, own=(await User.get(id=viewer.user_id)).email)


async def _as_it_is(mail_id: UUID) -> MailItem:
    return await MailItem.get(id=mail_id).select_related("mailbox")


async def _lock(mail_id: UUID) -> MailItem:
    item = await MailItem.filter(id=mail_id).select_for_update(no_key=True).get()
    await item.fetch_related("mailbox")
    if item.erased_at is not None:
        raise MailNoLongerKept
    return item


async def _promise(tools: Tools, kind: NoticeKind, answer: Answer, told: dict[str, str | None]) -> Notice:
    return await notices.promise(
        tools,
        kind,
        address=answer.address,
        in_reply_to=answer.in_reply_to,
        suppression=answer.suppression,
        answer_key=answer.key,
        detail=told,
    )


async def _record(connection: TransactionWrapper, tools: Tools, viewer: Viewer, decision: MailDecision) -> None:
    decision.made_by_id, decision.made_at = viewer.user_id, tools.clock()
    await decision.save(force_create=True)
    item = await MailItem.get(id=decision.item_id)
    detail = {"mail": str(item.id), "outcome": item.outcome.value, "original": item.original_id}
    if item.tramite_id is not None:
        detail["tramiteId"] = str(item.tramite_id)
    record = Record(_ACTS[decision.kind], tools.clock(), viewer.role, actor_id=viewer.user_id, detail=detail)
    await register.append(connection, record)
