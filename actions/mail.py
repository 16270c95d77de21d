"""Mail as filings: the lease of a mailbox, and the one transaction in which a mail gets its outcome."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from tortoise.connection import get_connections

from actions import bounces, mail_confirming, mail_replies, stray_replies, submission
from actions.answering import Writer, decide_answer
from actions.attachments import FiledFile
from actions.contents import abandon_contents, record_content
from actions.counter_policy import policy_of
from actions.filing_forms import OfficeRetired
from actions.transaction import CONNECTION, tx
from files.pages import Pages
from models.catalogue import Office
from models.mail import Mailbox, MailItem, MailSlot
from models.receipts import Notice
from reading.catalogue import office_of_code
from rules.catalogue import Channel
from rules.mail import MailOutcome, Proof, SenderProof, SuppressionReason
from rules.mail_links import LinkPurpose
from rules.mailboxes import Placement
from rules.notices import NoticeKind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.answering import Answer
    from actions.mail_replies import Reply
    from actions.tools import Tools
    from files.store import StoredContent
    from models.people import User
    from models.tramites import Tramite
    from rules.bounces import Failure

LEASE = timedelta(seconds=10)
"""A mailbox is free again this long after its worker was last heard of."""

RETRY_AFTER = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
MOVE_AGAIN = timedelta(minutes=10)

TAKE = """
UPDATE mailboxes SET holder = $2, epoch = epoch + 1, leased_until = clock_timestamp() + $3::interval
WHERE id = $1 AND (leased_until IS NULL OR leased_until <= clock_timestamp())
RETURNING epoch
"""
RENEW = """
UPDATE mailboxes SET leased_until = clock_timestamp() + $4::interval
WHERE id = $1 AND holder = $2 AND epoch = $3 RETURNING epoch
"""
RELEASE = """
UPDATE mailboxes SET leased_until = NULL, holder = NULL, is_listening = false
WHERE id = $1 AND holder = $2 AND epoch = $3
"""
FENCE = "SELECT office_id FROM mailboxes WHERE id = $1 AND holder = $2 AND epoch = $3 FOR SHARE"
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

FILL_SLOT = """
INSERT INTO mail_slots (id, mailbox_id, uidvalidity, uid, item_id, duplicate, attempts)
VALUES ($1, $2, $3, $4, $5, $6, 0)
ON CONFLICT (mailbox_id, uidvalidity, uid) DO UPDATE
SET item_id = excluded.item_id, duplicate = excluded.duplicate, next_try_at = NULL
WHERE mail_slots.item_id IS NULL
"""


class LeaseLost(Exception):
    """Another worker has the mailbox; what this one was about to write is not written."""


@dataclass(frozen=True)
class Lease:
    """The right to write for a mailbox; `epoch` grows with each holder, so that a late one is noticed."""

    mailbox_id: UUID
    holder: UUID
    epoch: int


@dataclass(frozen=True)
class Slot:
    """Where a mail lies: UIDs mean something only together with their UIDVALIDITY (RFC 3501, 2.3.1.1)."""

    uidvalidity: int
    uid: int


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
    contents: tuple[tuple[StoredContent, Pages], ...] = ()
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


async def take_lease(mailbox_id: UUID, *, holder: UUID) -> Lease | None:
    """Become the one worker of a mailbox for 10 seconds, to be renewed; None while somebody else is."""
    rows = await get_connections().get(CONNECTION).execute_query_dict(TAKE, [mailbox_id, holder, LEASE])
    return Lease(mailbox_id, holder, rows[0]["epoch"]) if rows else None


async def renew_lease(lease: Lease) -> None:
    """
    Hold the mailbox for another 10 seconds.

    Raises:
        LeaseLost: somebody else has taken it meanwhile.
    """
    values = [lease.mailbox_id, lease.holder, lease.epoch, LEASE]
    if not await get_connections().get(CONNECTION).execute_query_dict(RENEW, values):
        raise LeaseLost


async def release_lease(lease: Lease) -> None:
    """Let the next worker have the mailbox at once."""
    await get_connections().get(CONNECTION).execute_query(RELEASE, [lease.mailbox_id, lease.holder, lease.epoch])


async def record_mail(tools: Tools, lease: Lease, mail: ReceivedMail) -> MailItem:
    """
    Give a mail its one outcome, in one transaction: slot, item, and all that a filing or a correction is; and with it
    the one decision about its answer, promised or suppressed.

    A mail whose content this mailbox has had before gets a slot that points to the earlier item, and nothing else.
    Legal time is when our mail server received it, never later than now, never its Date header.

    Raises:
        LeaseLost: another worker has the mailbox.
    """
    async with tx() as connection:
        office_id = await _fence(connection, lease)
        item = await _claim_content(tools, lease, mail)
        is_duplicate = item is None
        if item is None:
            item = await MailItem.get(mailbox_id=lease.mailbox_id, content_key=mail.content_key)
        else:
            await _settle(connection, tools, item, mail, office_id=office_id)
        await connection.execute_query(FILL_SLOT, [*_slot_key(lease, mail.slot), item.id, is_duplicate])
    submission.wake(tools)
    return item


async def record_again(lease: Lease, slot: Slot, *, item: MailItem) -> None:
    """
    Record that a slot holds a mail that the mailbox has had before.

    Raises:
        LeaseLost: another worker has the mailbox.
    """
    async with tx() as connection:
        await _fence(connection, lease)
        await connection.execute_query(FILL_SLOT, [*_slot_key(lease, slot), item.id, True])


async def _fence(connection: TransactionWrapper, lease: Lease) -> UUID:
    rows = await connection.execute_query_dict(FENCE, [lease.mailbox_id, lease.holder, lease.epoch])
    if not rows:
        raise LeaseLost
    return rows[0]["office_id"]


def _slot_key(lease: Lease, slot: Slot) -> list[object]:
    return [uuid.uuid4(), lease.mailbox_id, slot.uidvalidity, slot.uid]


async def _claim_content(tools: Tools, lease: Lease, mail: ReceivedMail) -> MailItem | None:
    now = tools.clock()
    for content, pages in sorted([(mail.original, Pages()), *mail.contents], key=lambda each: each[0].sha256):
        await record_content(tools, content, pages)
    item = MailItem(
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
    await MailItem.bulk_create([item], ignore_conflicts=True)
    if await MailItem.exists(id=item.id):
        return item
    await abandon_contents(tools, [mail.original.sha256, *(content.sha256 for content, _ in mail.contents)])
    return None


async def _settle(
    connection: TransactionWrapper, tools: Tools, item: MailItem, mail: ReceivedMail, *, office_id: UUID
) -> None:
    """Do what the outcome of a new mail asks for, and note the decision about its answer."""
    match mail.outcome:
        case MailOutcome.FILED | MailOutcome.REPLY | MailOutcome.REJECTED:
            answer = await decide_answer(connection, tools, mail.answered)
            notice = await _act(connection, tools, item, mail, office_id=office_id, answer=answer)
            await MailItem.filter(id=item.id).update(
                outcome=item.outcome,
                tramite_id=item.tramite_id,
                hint_id=item.hint_id,
                notice_id=notice.id,
                suppression=answer.suppression,
            )
        case MailOutcome.BOUNCE:
            await bounces.record_failures(connection, tools, mail.failures, received_at=item.received_at)
        case MailOutcome.QUARANTINED:
            await stray_replies.tell_desk_of_quarantine(tools, item)
        case MailOutcome.AUTOMATIC:
            pass
        case _:
            assert_never(mail.outcome)


async def settle_kept(
    connection: TransactionWrapper, tools: Tools, item: MailItem, mail: ReceivedMail, *, office_id: UUID
) -> None:
    """
    Give a mail that waited for people, within a transaction that has locked it, what a mail has that is taken in.

    It is a filing or a reply now, as of when our mail server received it, with the one decision about its answer.
    """
    for content, pages in sorted(mail.contents, key=lambda each: each[0].sha256):
        await record_content(tools, content, pages)
    item.outcome, item.proof, item.hint_id = mail.outcome, mail.proof, mail.hint
    await item.save(update_fields=["outcome", "proof", "hint_id"])
    await _settle(connection, tools, item, mail, office_id=office_id)


async def _act(
    connection: TransactionWrapper,
    tools: Tools,
    item: MailItem,
    mail: ReceivedMail,
    *,
    office_id: UUID,
    answer: Answer,
) -> Notice:
    """Take a mail as what it is, and return the notice that answers it; what the item then says is set in memory."""
    hint = None
    if mail.outcome is MailOutcome.REJECTED:
        return await mail_replies.refuse_mail(
            tools, mail.refusal, kind=mail.refused_as, answer=answer, at=item.received_at
        )
    if mail.asked is not None:
        item.tramite_id = mail.asked
        return await mail_replies.tell_status(tools, mail.asked, answer=answer)
    assert mail.filing is not None
    owner = await _owner(mail.filing)
    if mail.reply is not None:
        taken = await mail_replies.take_reply(connection, tools, mail.reply, answer=answer, at=item.received_at)
        if isinstance(taken, Notice):
            item.tramite_id = mail.reply.tramite_id
            return taken
        item.outcome, item.hint_id, hint = MailOutcome.FILED, mail.reply.tramite_id, taken.sentence
    answered = await stray_replies.lock_answered(item.hint_id)
    if answered is not None and hint is None:
        hint = await stray_replies.hint_of(tools, answered, mail.filing, at=item.received_at)
    tramite = await _file(connection, tools, item, mail.filing, owner=owner, office_id=office_id, answer=answer)
    item.tramite_id = tramite.id
    if answered is not None:
        await stray_replies.tell_desk(tools, answered, tramite, at=item.received_at)
    notice = await Notice.get(tramite_id=tramite.id, kind=NoticeKind.SUBMISSION_RECEIPT)
    await mail_replies.offer_completion(connection, tools, tramite, notice, hint=hint)
    return notice


async def _owner(filing: MailFiling) -> User | None:
    """Lock whose filing a mail is, if it is somebody's: accounts are locked before trámites."""
    return await mail_confirming.lock_owner(filing.account, address=filing.sender_address, proof=filing.proof)


async def _file(
    connection: TransactionWrapper,
    tools: Tools,
    item: MailItem,
    asked: MailFiling,
    *,
    owner: User | None,
    office_id: UUID,
    answer: Answer,
) -> Tramite:
    return await submission.submit(
        connection,
        tools,
        submission.Submission(
            tramite_id=uuid.uuid4(),
            channel=Channel.EMAIL,
            office=await Office.get(id=office_id),
            sent_at=item.received_at,
            subject=asked.subject,
            sender_name=owner.full_name if owner else asked.sender_name,
            applicant=owner,
            sender_proof=SenderProof.PROVEN if asked.proof.is_proven else SenderProof.UNPROVEN,
            links=() if owner else (LinkPurpose.CONFIRM,),
            files=asked.files,
            contact_email=asked.sender_address,
            missing=asked.missing,
            correction_days=(await policy_of(tools, at=item.received_at)).correction_working_days,
            suppression=answer.suppression,
            in_reply_to=asked.message_id,
            answer_key=answer.key,
        ),
    )


async def record_failure(tools: Tools, lease: Lease, slot: Slot) -> int:
    """
    Record that a mail could not be taken; return how often so far. It is tried again after 30 seconds, from the fourth
    time on after twice as long each time, at most an hour: a mail that never comes must not fill the log.

    Raises:
        LeaseLost: another worker has the mailbox.
    """
    async with tx() as connection:
        await _fence(connection, lease)
        values = [*_slot_key(lease, slot), tools.clock(), RETRY_AFTER, LONGEST_RETRY]
        rows = await connection.execute_query_dict(NOTE_FAILURE, values)
        return int(rows[0]["attempts"])


async def record_moved(
    tools: Tools, lease: Lease, slot: Slot, *, placement: Placement | None = Placement.MOVED
) -> None:
    """
    Record where the mail ended up on the server; None: nowhere yet, to be tried again in ten minutes.

    Only a convenience for whoever looks into the folder: the ledger alone decides what is taken in.
    """
    now = tools.clock()
    async with tx():
        await MailSlot.filter(mailbox_id=lease.mailbox_id, uidvalidity=slot.uidvalidity, uid=slot.uid).update(
            moved_at=now if placement is Placement.MOVED else None,
            placement=placement,
            next_try_at=None if placement else now + MOVE_AGAIN,
        )


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
