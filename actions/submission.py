"""A document becomes part of the record: the one step that is the same whichever door it came through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from actions import issuing, notices, register
from actions.attachments import rows_of
from actions.mail_links import new_link
from actions.recording import Placeholder, insert_numbered
from actions.register import Record
from actions.waiting import terms_of_desk
from models.fresh import fresh
from models.tramites import Tramite
from reading.policies import calendar_of
from rules import numbering
from rules.access import Role
from rules.catalogue import ReceiptKind
from rules.chain import facts_digest
from rules.corrections import WORKING_DAYS
from rules.due import begin_terms
from rules.lifecycle import TramiteStatus
from rules.notices import SECRET, NoticeKind
from rules.register import Act
from rules.workdays import filed_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import AsyncpgDBClient

    from actions.attachments import FiledFile
    from actions.mail_links import FreshLink
    from actions.recording import Companion
    from actions.tools import Tools
    from models.catalogue import Office
    from models.mail_links import MailLink
    from models.people import User
    from models.receipts import Notice, Receipt
    from models.tramites import Attachment
    from rules.catalogue import Channel, DocumentKind
    from rules.due import Due
    from rules.mail import SenderProof, SuppressionReason
    from rules.mail_links import LinkPurpose
    from rules.receipts import LogHeadFacts
    from rules.workdays import Calendar, FiledOn


@dataclass(frozen=True)
class Submission:
    """
    A document ready to be recorded; `correction_days` is what its receipt tells, by the policy of `sent_at`.

    `links` go with the mail that brings the receipt, and are made only if it is sent; `told` is what else it tells.
    `calendar` is that of the office at `sent_at`, if it was looked up; `notice_id` names the promise of that mail.
    """

    tramite_id: UUID
    channel: Channel
    office: Office
    sent_at: datetime
    subject: str
    sender_name: str
    files: tuple[FiledFile, ...]
    applicant: User | None = None
    document_kind: DocumentKind | None = None
    document_number: str | None = None
    folios: int | None = None
    organization_ruc: str | None = None
    organization_name: str | None = None
    contact_email: str | None = None
    contact_mobile: str | None = None
    privacy_policy_version: str | None = None
    missing: tuple[str, ...] = ()
    correction_days: int = WORKING_DAYS
    sender_proof: SenderProof | None = None
    links: tuple[LinkPurpose, ...] = ()
    suppression: SuppressionReason | None = None
    in_reply_to: str | None = None
    answer_key: bytes | None = None
    told: Mapping[str, object] = field(default_factory=dict[str, object])
    calendar: Calendar | None = None
    log_head: LogHeadFacts | None = None
    notice_id: UUID = field(default_factory=uuid4)


def wake(tools: Tools) -> None:
    """Wake whoever follows the register and whoever sends notices."""
    tools.wake(register.ENTRIES)
    tools.wake(notices.NOTICES)


async def submit(
    connection: AsyncpgDBClient, tools: Tools, submission: Submission, *, beside: Companion | None = None
) -> Tramite:
    """
    Record a document: trámite, files, receipt, notice, number, entry; within the caller's transaction if there is one.

    Its files must be durable in the store, and their contents recorded, before.

    Raises:
        IntegrityError: a claim *beside* it cannot be had; nothing is recorded.
    """
    sent = submission.sent_at
    calendar = submission.calendar or await calendar_of(submission.office, at=sent)
    date = filed_on(sent, calendar)
    due = begin_terms(date.day, tools.institution.desk_terms, calendar)
    number = _number_of(tools, submission)
    written = write_out(tools, submission, date, due=due, number=number.text, facts=number.digest)
    tramite = written.tramite
    tramite.number = await insert_numbered(
        connection, [tramite, *written.belongings], written.record, number=number, beside=beside
    )
    return tramite


@dataclass(frozen=True)
class Written:
    """All that is recorded of a document: its row, the rows that belong to it, and the entry that tells of it."""

    tramite: Tramite
    belongings: list[Attachment | Receipt | Notice | MailLink]
    record: Record


def write_out(
    tools: Tools, submission: Submission, date: FiledOn, *, due: Due, number: str, facts: str | None = None
) -> Written:
    """
    Return what is recorded of a document with those dates under that number; nothing is saved.

    *facts* stands for the digest of its receipt, if that cannot be told yet.
    """
    tramite = fresh(
        Tramite,
        id=submission.tramite_id,
        number=number,
        lookup_key=numbering.new_code(tools.random_bytes(numbering.CODE_BYTES)),
        status=TramiteStatus.PENDING,
        filed_on=date.day,
        filing_rule=date.to_json(),
        route_by=due.route_by,
        attend_by=due.attend_by,
        missing=list(submission.missing),
        **_copied(submission),
    )
    receipt = issuing.receipt_of(
        tools,
        tramite,
        ReceiptKind.SUBMISSION,
        applicant=submission.applicant,
        files=submission.files,
        correction_days=submission.correction_days,
        log_head=submission.log_head,
    )
    links = _links(tools, tramite, submission)
    notice = notices.notice_of(
        tools,
        NoticeKind.SUBMISSION_RECEIPT,
        tramite=tramite,
        suppression=submission.suppression,
        in_reply_to=submission.in_reply_to,
        answer_key=submission.answer_key,
        detail={"receipt": str(receipt.id), **submission.told, **_told(links)},
    )
    notice.id = submission.notice_id
    files = rows_of(tramite, enumerate(submission.files), version=1)
    belongings = [*files, receipt, notice, *(link.row for link in links)]
    return Written(tramite, belongings, _record(tramite, submission, facts or facts_digest(receipt.facts)))


def _links(tools: Tools, tramite: Tramite, submission: Submission) -> list[FreshLink]:
    """Return the links that are wanted; none if nobody is sent them."""
    if submission.suppression is not None or submission.contact_email is None:
        return []
    return [new_link(tools, tramite.id, purpose) for purpose in submission.links]


def _told(links: list[FreshLink]) -> dict[str, object]:
    return {SECRET: {link.row.purpose.value.lower(): link.token for link in links}} if links else {}


def _number_of(tools: Tools, submission: Submission) -> Placeholder:
    series = f"{tools.institution.number_prefix}-{numbering.year_of(submission.sent_at)}"
    return Placeholder(series, f"<{tools.random_bytes(8).hex()}>")


def _copied(submission: Submission) -> dict[str, object]:
    same = (
        "channel applicant office sent_at subject sender_name sender_proof document_kind document_number folios "
        "organization_ruc organization_name contact_email contact_mobile privacy_policy_version"
    )
    return {name: getattr(submission, name) for name in same.split()}


def _record(tramite: Tramite, submission: Submission, facts: str) -> Record:
    return Record(
        Act.FILED,
        at=tramite.sent_at,
        role=Role.APPLICANT if submission.applicant else Role.SYSTEM,
        actor_id=submission.applicant.id if submission.applicant else None,
        tramite_id=tramite.id,
        to_status=tramite.status,
        detail={
            "number": tramite.number,
            "channel": tramite.channel.value,
            **({"senderProof": tramite.sender_proof.value} if tramite.sender_proof else {}),
            "officeCode": submission.office.code,
            "documentKind": tramite.document_kind.value if tramite.document_kind else None,
            "filedOn": tramite.filed_on.isoformat(),
            **terms_of_desk(tramite),
            "files": [{"position": place, "sha256": file.sha256} for place, file in enumerate(submission.files)],
            "facts": facts,
        },
    )
