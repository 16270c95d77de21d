"""Receipts: the facts are frozen in the transaction of the act that they prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

from models.fresh import fresh
from models.receipts import Receipt
from reading.policies import read_latest
from rules import numbering
from rules import receipt_words as wording
from rules.catalogue import Channel, ReceiptKind
from rules.corrections import WORKING_DAYS
from rules.mail import SenderProof
from rules.receipts import FileFacts, FoliosCount, Identification, LogHeadFacts, ReceiptFacts, SkippedDay

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from actions.attachments import FiledFile
    from actions.tools import Tools
    from models.people import User
    from models.tramites import Tramite


@dataclass(frozen=True)
class Added:
    """What was added to a filing: its version (from 2), what was said, and each file's position."""

    version: int
    said: str | None
    places: tuple[int, ...]


async def issue_receipt(
    tools: Tools,
    tramite: Tramite,
    kind: ReceiptKind,
    *,
    applicant: User | None,
    files: Iterable[FiledFile],
    acted_at: datetime | None = None,
    added: Added | None = None,
    folios_count: FoliosCount = FoliosCount.DECLARED,
    correction_days: int = WORKING_DAYS,
) -> Receipt:
    """Issue a receipt, within a transaction; its facts are frozen as `receipt_of` says."""
    receipt = receipt_of(
        tools,
        tramite,
        kind,
        applicant=applicant,
        files=files,
        acted_at=acted_at,
        added=added,
        folios_count=folios_count,
        correction_days=correction_days,
        log_head=(await read_latest()).log_head,
    )
    await receipt.save(force_create=True)
    return receipt


def receipt_of(
    tools: Tools,
    tramite: Tramite,
    kind: ReceiptKind,
    *,
    applicant: User | None,
    files: Iterable[FiledFile],
    acted_at: datetime | None = None,
    added: Added | None = None,
    folios_count: FoliosCount = FoliosCount.DECLARED,
    correction_days: int = WORKING_DAYS,
    log_head: LogHeadFacts | None = None,
) -> Receipt:
    """
    Return the row of a receipt of *tramite*, which has its office loaded and its new status.

    *acted_at* is the instant of the act, None for the filing. A trámite has one receipt of each kind, and one more of
    kind SUBMISSION for the correction, whose words and files are *added*, as are those of a completion. Those of the
    filing and of the completion say how many working days there are to correct. *log_head* is the last one published.
    """
    code = numbering.new_code(tools.random_bytes(numbering.CODE_BYTES))
    facts = ReceiptFacts(
        kind=kind,
        verification_code=code,
        verify_url=f"{tools.institution.public_url}/verificar/{code}",
        acted_at=acted_at,
        issued_at=tools.clock(),
        folios_count=folios_count,
        files=_files(files, added),
        log_head=log_head,
        **_added(added),
        **_words(tramite, kind, is_correction=added is not None, correction_days=correction_days),
        **_where(tools, tramite),
        **_when(tramite),
        **_what(tramite),
        **_who(tramite, applicant),
    )
    return _row_of(tramite, facts)


def _row_of(tramite: Tramite, facts: ReceiptFacts) -> Receipt:
    return fresh(
        Receipt,
        tramite_id=tramite.id,
        kind=facts.kind,
        version=facts.version,
        verification_code=facts.verification_code,
        facts=facts.to_json(),
        issued_at=facts.issued_at,
    )


def _added(added: Added | None) -> dict[str, Any]:
    return {"version": added.version, "correction": added.said} if added else {"version": 1, "correction": None}


def _words(tramite: Tramite, kind: ReceiptKind, *, is_correction: bool, correction_days: int) -> dict[str, Any]:
    is_correction = is_correction and kind is ReceiptKind.SUBMISSION
    steps = wording.next_steps(
        kind,
        missing=bool(tramite.missing),
        is_correction=is_correction,
        status=tramite.status,
        correction_days=correction_days,
    )
    return {"next_steps": steps, "limits": wording.limits(kind, is_correction=is_correction)}


def _where(tools: Tools, tramite: Tramite) -> dict[str, Any]:
    institution = tools.institution
    return {
        "entity": institution.name,
        "unit": institution.unit,
        "entity_ruc": institution.ruc,
        "letterhead": institution.letterhead,
        "seal": tools.seal.facts,
        "office": tramite.office.name,
    }


def _when(tramite: Tramite) -> dict[str, Any]:
    rule = tramite.filing_rule
    skipped = [SkippedDay(on=date.fromisoformat(each["day"]), reason=each["reason"]) for each in rule["skipped"]]
    return {
        "sent_at": tramite.sent_at,
        "filed_on": tramite.filed_on,
        "filing_policy": rule["rule"],
        "calendar_version": rule["calendarVersion"],
        "skipped_days": tuple(skipped),
    }


def _what(tramite: Tramite) -> dict[str, Any]:
    same = "number channel document_kind document_number subject folios status"
    return {name: getattr(tramite, name) for name in same.split()} | {"missing": tuple(tramite.missing)}


def _who(tramite: Tramite, applicant: User | None) -> dict[str, Any]:
    known = applicant if applicant and applicant.has_identity else None
    return {
        "applicant": tramite.sender_name,
        "identified_by": _identification(tramite, known),
        "identity_kind": known.identity_kind if known else None,
        "identity_number": known.identity_number if known else None,
        "organization": tramite.organization_name,
        "ruc": tramite.organization_ruc,
        "email": tramite.contact_email,
        "mobile": tramite.contact_mobile,
    }


def _identification(tramite: Tramite, known: User | None) -> Identification:
    if tramite.channel is not Channel.EMAIL:
        return Identification.DECLARED
    return Identification.MAIL_ACCOUNT if known else _OF_MAIL.get(tramite.sender_proof, Identification.MAIL_SENDER)


_OF_MAIL: Mapping[SenderProof | None, Identification] = {
    SenderProof.UNPROVEN: Identification.MAIL_UNPROVEN,
    SenderProof.PROVEN: Identification.MAIL_PROVEN,
    SenderProof.CONFIRMED: Identification.MAIL_CONFIRMED,
}


def _files(files: Iterable[FiledFile], added: Added | None) -> tuple[FileFacts, ...]:
    places = added.places if added else count()
    return tuple(
        FileFacts(
            ordinal=place + 1,
            role=file.role,
            name=file.name,
            size_bytes=file.size_bytes,
            pages=file.pages,
            sha256=file.sha256,
        )
        for place, file in zip(places, files, strict=False)
    )
