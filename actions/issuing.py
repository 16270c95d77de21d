"""Receipts: the facts are frozen in the transaction of the act that they prove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.receipts import Receipt
from receipts import wording
from receipts.facts import FileFacts, Identification, ReceiptFacts, SkippedDay
from rules import numbering
from rules.catalogue import Channel, ReceiptKind
from rules.lifecycle import TramiteStatus

if TYPE_CHECKING:
    from actions.filing import Submission
    from actions.tools import Tools
    from models.tramites import Tramite
    from rules.workdays import FiledOn


async def issue_submission(tools: Tools, tramite: Tramite, submission: Submission, *, date: FiledOn) -> Receipt:
    """Freeze, within a transaction, the facts of the constancia de envío of a trámite that was just recorded."""
    code = numbering.new_code(tools.random_bytes(numbering.CODE_BYTES))
    facts = ReceiptFacts(
        kind=ReceiptKind.SUBMISSION,
        entity=tools.institution.name,
        unit=tools.institution.unit,
        office=submission.office.name,
        number=tramite.number,
        verification_code=code,
        verify_url=f"{tools.institution.public_url}/verificar/{code}",
        sent_at=tramite.sent_at,
        filed_on=date.day,
        filing_policy=date.rule,
        calendar_version=date.calendar_version,
        skipped_days=tuple(SkippedDay(on=day.day, reason=day.reason) for day in date.skipped),
        channel=tramite.channel,
        applicant=submission.sender_name,
        identified_by=Identification.MAIL_SENDER if tramite.channel is Channel.EMAIL else Identification.DECLARED,
        identity_kind=submission.applicant.identity_kind if submission.applicant else None,
        identity_number=submission.applicant.identity_number if submission.applicant else None,
        organization=submission.organization_name,
        ruc=submission.organization_ruc,
        email=submission.contact_email,
        mobile=submission.contact_mobile,
        document_kind=submission.document_kind,
        document_number=submission.document_number,
        subject=submission.subject,
        folios=submission.folios,
        files=_files(submission),
        status=TramiteStatus.PENDING,
        missing=submission.missing,
        next_steps=wording.next_steps(ReceiptKind.SUBMISSION, missing=bool(submission.missing)),
        limits=wording.limits(ReceiptKind.SUBMISSION),
    )
    return await Receipt.create(
        tramite=tramite,
        kind=ReceiptKind.SUBMISSION,
        verification_code=code,
        facts=facts.to_json(),
        issued_at=tools.clock(),
    )


def _files(submission: Submission) -> tuple[FileFacts, ...]:
    return tuple(
        FileFacts(ordinal=place, role=file.role, name=file.name, size_bytes=file.size_bytes, sha256=file.sha256)
        for place, file in enumerate(submission.files, 1)
    )
