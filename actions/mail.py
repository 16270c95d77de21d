"""Mail as filings: the one transaction in which a mail gets its outcome."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from actions import bounces, mail_confirming, mail_replies, stray_replies, submission
from actions.answering import Writer, answer_of, counted_as
from actions.attachments import FiledFile
from actions.contents import abandon_contents, record_content
from actions.counter_policy import policy_of
from actions.filing_forms import OfficeRetired
from actions.mail_lease import Lease, LeaseLost, Slot, pass_fence, release_lease, take_lease
from actions.mail_ledger import Settlement, SlotSettlement, claim_mail, fill_slot, what_holds
from actions.mail_places import MOVE_AGAIN, record_failure, record_moved
from actions.transaction import tx
from models.fresh import fresh
from models.mail import Mailbox, MailItem
from models.receipts import Notice
from reading.catalogue import office_of_code
from reading.policies import calendar_of
from rules.catalogue import Channel
from rules.mail import MailOutcome, Proof, SenderProof, SuppressionReason
from rules.mail_links import LinkPurpose
from rules.notices import NoticeKind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.answering import Answer
    from actions.mail_ledger import Held
    from actions.mail_replies import Reply
    from actions.tools import Tools
    from files.store import StoredContent
    from models.people import User
    from models.tramites import Tramite
    from rules.bounces import Failure
    from rules.verdicts import Judgement

__all__ = [
    "Lease",
    "LeaseLost",
    "MOVE_AGAIN",
    "MailFiling",
    "ReceivedMail",
    "Slot",
    "open_mailbox",
    "record_again",
    "record_failure",
    "record_mail",
    "record_moved",
    "release_lease",
    "settle_kept",
    "take_lease",
]


@dataclass(frozen=True)
class MailFiling:
    """
    What a mail hands in.

    `account` is the one whose address it claims to come from; it is that account's filing only if *proof* says so.
    """

    subject: str
    sender_name: str
    sender_address: str | None
    files: tuple[FiledFile, ...]
    missing: tuple[str, ...]
    suppression: SuppressionReason | None
    message_id: str | None
    proof: Proof = Proof.NONE
    account: UUID | None = None


@dataclass(frozen=True)
class ReceivedMail:
    """
    A mail whose bytes are in the store, and what is to become of it.

    `filing` when it is filed, or a reply, which is filed if it cannot be taken as one; `failures` only of a bounce.
    `refusal` are the sentences for which it is rejected, `refused_as` the notice that tells them. `asked` is the
    trámite of which its proven party wants to know the status, `hint` one that the mail is about, for people to see.
    """

    slot: Slot
    content_key: str
    original: StoredContent
    received_at: datetime
    outcome: MailOutcome
    reason: str | None = None
    filing: MailFiling | None = None
    contents: tuple[tuple[StoredContent, Judgement], ...] = ()
    failures: tuple[Failure, ...] = ()
    proof: Proof | None = None
    writer: Writer = field(default_factory=Writer)
    reply: Reply | None = None
    refusal: tuple[str, ...] = ()
    refused_as: NoticeKind = NoticeKind.MAIL_REFUSED
    asked: UUID | None = None
    hint: UUID | None = None

    @property
    def answered(self) -> Writer:
        """Who is answered, if anybody is."""
        if self.filing is None:
            return self.writer
        return Writer(self.filing.sender_address, self.filing.message_id, self.filing.suppression)


async def record_mail(tools: Tools, lease: Lease, mail: ReceivedMail) -> MailItem:
    """
    Give a mail its one outcome, in one transaction: slot, item, and all that a filing or a correction is; and with it
    the one decision about its answer, promised or suppressed.

    A mail whose content this account has had before, in whatever folder, gets a slot that points to the earlier item,
    and nothing else.
    Legal time is when our mail server received it, never later than now, never its Date header.

    Raises:
        LeaseLost: another worker has the mailbox.
    """
    async with tx() as connection:
        item, key = _new_item(tools, lease, mail), _counted_as(tools, mail)
        contents = [(mail.original, None), *mail.contents]
        held = await claim_mail(connection, tools, lease, item=item, contents=contents, answer_key=key)
        if held is None:
            item = await _record_duplicate(connection, tools, lease, mail)
        else:
            await _settle(connection, tools, mail, held, settlement=SlotSettlement(item, lease, mail.slot))
    submission.wake(tools)
    return item


def _counted_as(tools: Tools, mail: ReceivedMail) -> bytes | None:
    """Return under what the answer to a mail is counted; None if it gets none."""
    if mail.outcome not in (MailOutcome.FILED, MailOutcome.REPLY, MailOutcome.REJECTED):
        return None
    return counted_as(tools, mail.answered)


def _new_item(tools: Tools, lease: Lease, mail: ReceivedMail) -> MailItem:
    now = tools.clock()
    return fresh(
        MailItem,
        account=lease.account,
        mailbox_id=lease.mailbox_id,
        content_key=mail.content_key,
        original_id=mail.original.sha256,
        received_at=min(mail.received_at, now),
        recorded_at=now,
        outcome=mail.outcome,
        reason=mail.reason,
        proof=mail.proof,
        hint_id=mail.hint,
        suppression=mail.answered.suppression or SuppressionReason.NOT_FILED,
    )


async def _record_duplicate(connection: TransactionWrapper, tools: Tools, lease: Lease, mail: ReceivedMail) -> MailItem:
    """Note that perhaps nothing refers to what the mail brought, and return the earlier one."""
    await abandon_contents(tools, [mail.original.sha256, *(content.sha256 for content, _ in mail.contents)])
    earlier = await MailItem.get(account=lease.account, content_key=mail.content_key, earlier_copies=0)
    await fill_slot(connection, lease, mail.slot, item=earlier)
    return earlier


async def record_again(lease: Lease, slot: Slot, *, item: MailItem) -> None:
    """
    Record that a slot holds a mail that the account has had before.

    Raises:
        LeaseLost: another worker has the mailbox.
    """
    async with tx() as connection:
        await pass_fence(connection, lease)
        await fill_slot(connection, lease, slot, item=item)


async def settle_kept(
    connection: TransactionWrapper, tools: Tools, item: MailItem, mail: ReceivedMail, *, office_id: UUID
) -> None:
    """
    Give a mail that waited for people, within a transaction that has locked it, what a mail has that is taken in.

    It is a filing or a reply now, as of when our mail server received it, with the one decision about its answer.
    """
    for content, judgement in sorted(mail.contents, key=lambda each: each[0].sha256):
        await record_content(tools, content, judgement)
    item.outcome, item.hint_id, item.proof = mail.outcome, mail.hint, mail.proof
    await item.save(update_fields=["proof"])
    held = await what_holds(connection, tools, office_id, answer_key=_counted_as(tools, mail))
    await _settle(connection, tools, mail, held, settlement=Settlement(item))


async def _settle(
    connection: TransactionWrapper, tools: Tools, mail: ReceivedMail, held: Held, *, settlement: Settlement
) -> None:
    """Do what the outcome of a new mail asks for, and note it with the decision about its answer."""
    match mail.outcome:
        case MailOutcome.FILED | MailOutcome.REPLY | MailOutcome.REJECTED:
            answer = answer_of(mail.answered, key=_counted_as(tools, mail), answered=held.answered)
            settlement.item.suppression = answer.suppression
            await _act(connection, tools, mail, held, settlement=settlement, answer=answer)
        case MailOutcome.BOUNCE:
            received_at = settlement.item.received_at
            await bounces.record_failures(connection, tools, mail.failures, received_at=received_at)
            await settlement.record(connection)
        case MailOutcome.QUARANTINED:
            if mail.contents:  # read anew out of the mail, if it is let in
                await abandon_contents(tools, [content.sha256 for content, _ in mail.contents])
            await stray_replies.tell_desk_of_quarantine(tools, settlement.item)
            await settlement.record(connection)
        case MailOutcome.AUTOMATIC:
            await settlement.record(connection)
        case _:
            assert_never(mail.outcome)


async def _act(
    connection: TransactionWrapper,
    tools: Tools,
    mail: ReceivedMail,
    held: Held,
    *,
    settlement: Settlement,
    answer: Answer,
) -> None:
    """Take a mail as what it is, and note that with the notice that answers it."""
    item, hint = settlement.item, None
    if mail.outcome is MailOutcome.REJECTED:
        notice = await mail_replies.refuse_mail(
            tools, mail.refusal, kind=mail.refused_as, answer=answer, at=item.received_at
        )
        return await settlement.record(connection, notice)
    if mail.asked is not None:
        item.tramite_id = mail.asked
        return await settlement.record(connection, await mail_replies.tell_status(tools, mail.asked, answer=answer))
    assert mail.filing is not None
    owner = await _owner(mail.filing)
    if mail.reply is not None:
        taken = await mail_replies.take_reply(connection, tools, mail.reply, answer=answer, at=item.received_at)
        if isinstance(taken, Notice):
            item.tramite_id = mail.reply.tramite_id
            return await settlement.record(connection, taken)
        item.outcome, item.hint_id, hint = MailOutcome.FILED, mail.reply.tramite_id, taken.sentence
    answered = await stray_replies.lock_answered(item.hint_id)
    if answered is not None and hint is None:
        hint = await stray_replies.hint_of(tools, answered, mail.filing, at=item.received_at)
    tramite = await _file(
        connection, tools, mail.filing, held, owner=owner, settlement=settlement, answer=answer, hint=hint
    )
    if answered is not None:
        await stray_replies.tell_desk(tools, answered, tramite, at=item.received_at)
    return None


async def _owner(filing: MailFiling) -> User | None:
    """Lock whose filing a mail is, if it is somebody's: accounts are locked before trámites."""
    return await mail_confirming.lock_owner(filing.account, address=filing.sender_address, proof=filing.proof)


async def _file(
    connection: TransactionWrapper,
    tools: Tools,
    asked: MailFiling,
    held: Held,
    *,
    owner: User | None,
    settlement: Settlement,
    answer: Answer,
    hint: str | None,
) -> Tramite:
    item, office = settlement.item, held.office
    policy = await policy_of(tools, at=item.received_at, latest=held.latest)
    document = submission.Submission(
        tramite_id=uuid.uuid4(),
        channel=Channel.EMAIL,
        office=office,
        sent_at=item.received_at,
        subject=asked.subject,
        sender_name=owner.full_name if owner else asked.sender_name,
        applicant=owner,
        sender_proof=SenderProof.PROVEN if asked.proof.is_proven else SenderProof.UNPROVEN,
        links=_links(asked, owner),
        files=asked.files,
        contact_email=asked.sender_address,
        missing=asked.missing,
        correction_days=policy.correction_working_days,
        suppression=answer.suppression,
        in_reply_to=asked.message_id,
        answer_key=answer.key,
        told={mail_replies.HINT: hint} if hint else {},
        calendar=await calendar_of(office, at=item.received_at, latest=held.latest),
        log_head=held.latest.log_head,
    )
    item.tramite_id, item.notice_id = document.tramite_id, document.notice_id
    return await submission.submit(connection, tools, document, beside=settlement)


def _links(asked: MailFiling, owner: User | None) -> tuple[LinkPurpose, ...]:
    wanted = {LinkPurpose.CONFIRM: owner is None, LinkPurpose.COMPLETE: bool(asked.missing)}
    return tuple(purpose for purpose, is_wanted in wanted.items() if is_wanted)


async def open_mailbox(*, account: str, folder: str, office_code: str, name: str | None = None) -> Mailbox:
    """
    Return the mailbox of that account and folder, which from now on files to the office of that code; made if new.

    *name* is what it is called wherever people are told of it; without one it keeps the name that it has.

    Raises:
        NoSuchOffice: there is no office of that code.
        OfficeRetired: it takes no documents; mail waits on the server, whose date it keeps, for another office.
    """
    async with tx():
        office = await office_of_code(office_code)
        if office.retired_at is not None:
            raise OfficeRetired
        fresh = Mailbox(account=account, folder=folder, office=office)
        await Mailbox.bulk_create([fresh], ignore_conflicts=True)
        await Mailbox.filter(account=account, folder=folder).exclude(office_id=office.id).update(office_id=office.id)
        if name is not None:
            await Mailbox.filter(account=account, folder=folder).update(name=name)
        return await Mailbox.get(account=account, folder=folder)
