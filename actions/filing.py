"""File a trámite: the one step in which a document becomes part of the record, whichever door it came through."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError

from actions import client_keys, issuing, notices, register, uploads
from actions.attachments import FiledFile, NamedUpload, place_files, rows_of, take_files
from actions.recording import Claim, Placeholder, insert_numbered
from actions.register import Record
from actions.transaction import database, tx
from models.catalogue import Office
from models.people import User
from models.tramites import Tramite
from reading.policies import calendar_of
from rules import files, numbering, people, words
from rules.access import Role
from rules.catalogue import Channel, DocumentKind, ReceiptKind
from rules.lifecycle import TramiteStatus
from rules.notices import NoticeKind
from rules.refusals import Checks, InvalidInput, NotAllowed
from rules.register import Act
from rules.workdays import filed_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import AsyncpgDBClient

    from actions.tools import Tools
    from actions.uploads import Taken
    from reading.access import Viewer
    from rules.mail import SuppressionReason


class UnknownOffice(InvalidInput):
    """There is no office of that code."""

    code = "OFFICE_UNKNOWN"

    def __init__(self) -> None:
        super().__init__("Esa dependencia de destino no existe. Elija una de la lista de dependencias.")


class PrivacyPolicyNotAccepted(InvalidInput):
    """The accepted privacy policy is not the one in force."""

    code = "PRIVACY_POLICY_NOT_ACCEPTED"

    def __init__(self, version: str) -> None:
        super().__init__(
            f"Para enviar debe aceptar la política de privacidad vigente (versión {version}).",
            path=("acceptedPrivacyPolicy",),
        )


class EmailNotVerified(NotAllowed):
    """The person may sign in, but not file before their address is proved."""

    code = "EMAIL_NOT_VERIFIED"

    def __init__(self) -> None:
        super().__init__(
            "Antes de presentar documentos confirme su correo: escriba el código que le enviamos, o pida uno nuevo. "
            "Si el correo está mal escrito, cámbielo en sus datos de contacto."
        )


@dataclass(frozen=True)
class FilingForm:
    """What a signed-in person sends, as typed; uploads by id."""

    client_key: UUID
    office_code: str
    document_kind: DocumentKind
    document_number: str | None
    subject: str
    folios: int
    main_upload: UUID
    annex_uploads: tuple[UUID, ...]
    accepted_privacy_policy: str
    organization_ruc: str | None = None
    organization_name: str | None = None
    contact_email: str | None = None
    contact_mobile: str | None = None


@dataclass(frozen=True)
class Submission:
    """A document ready to be recorded."""

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
    suppression: SuppressionReason | None = None
    in_reply_to: str | None = None


@dataclass(frozen=True)
class Judged:
    """A filing that was judged: the hash of what is asked, and the document; without files if one has not arrived."""

    asked: bytes
    submission: Submission


async def file_tramite(tools: Tools, viewer: Viewer, form: FilingForm) -> Tramite:
    """
    File a document from uploads that have arrived whole; answer with the recorded trámite.

    The same client key with the same content answers with the same trámite for 30 days, whatever happened to the
    first answer.

    Raises:
        EmailNotVerified: the applicant's address is not proved yet.
        InvalidInput: for every field that does not hold what it must.
        KeyReused: the client key was used for another content.
        NoSuchUpload, UploadIncomplete: a file is not there, or not whole.
    """
    tramite = await record_filing(tools, viewer, form, await judge_filing(tools, viewer, form))
    wake(tools)
    return tramite


async def judge_filing(tools: Tools, viewer: Viewer, form: FilingForm) -> Judged:
    """
    Judge what a person sends and read what it needs, before anything is locked.

    Raises:
        EmailNotVerified: the applicant's address is not proved yet.
        InvalidInput: for every field that does not hold what it must.
    """
    applicant = await User.get(id=viewer.user_id)
    if applicant.email_verified_at is None:
        raise EmailNotVerified
    named = _named(form)
    arrived = await uploads.arrived(viewer, [each.id for each in named])
    submission = await _checked(tools, applicant, form)
    if all(each.id in arrived for each in named):
        submission = replace(submission, files=place_files([arrived[each.id] for each in named], named))
    return Judged(client_keys.request_hash(_canonical(form, arrived)), submission)


async def record_filing(tools: Tools, viewer: Viewer, form: FilingForm, judged: Judged) -> Tramite:
    """
    Record what was judged, unless its client key has made a trámite before.

    All at once, which the first time nearly always succeeds; if not, step by step, which knows the earlier answer or
    tells what is wrong.

    Raises:
        KeyReused, NoSuchUpload, UploadIncomplete: as `file_tramite`.
    """
    submission = judged.submission
    claim = Claim(
        viewer.user_id,
        form.client_key,
        judged.asked,
        submission.tramite_id,
        submission.sent_at,
        (form.main_upload, *form.annex_uploads),
    )
    if submission.files:
        try:
            return await submit(database(), tools, submission, claim=claim)
        except IntegrityError:
            pass
    return await _record_by_steps(tools, viewer, form, judged)


async def _record_by_steps(tools: Tools, viewer: Viewer, form: FilingForm, judged: Judged) -> Tramite:
    submission = judged.submission
    async with tx() as connection:
        earlier = await client_keys.claim_key(
            connection,
            user_id=viewer.user_id,
            key=form.client_key,
            asked=judged.asked,
            makes_id=submission.tramite_id,
            now=submission.sent_at,
        )
        if earlier is not None:
            return await Tramite.get(id=earlier)
        taken = await take_files(connection, tools, viewer, _named(form))
        return await submit(connection, tools, replace(submission, files=taken))


def wake(tools: Tools) -> None:
    """Wake whoever follows the register and whoever sends notices."""
    tools.wake(register.ENTRIES)
    tools.wake(notices.NOTICES)


def _canonical(form: FilingForm, arrived: Mapping[UUID, Taken]) -> dict[str, object]:
    """Return what is asked: files by what they hold, for a client that tries again may have sent them again."""
    asked = asdict(form) | {"client_key": None, "main_upload": None, "annex_uploads": None}
    return {**asked, "files": uploads.contents_of([form.main_upload, *form.annex_uploads], arrived)}


async def _checked(tools: Tools, applicant: User, form: FilingForm) -> Submission:
    office = await Office.get_or_none(code=form.office_code)
    checks = Checks()
    subject = checks.take("subject", words.clean_subject, form.subject)
    number = checks.take("documentNumber", words.clean_document_number, form.document_number)
    folios = checks.take("folios", words.clean_folios, form.folios)
    ruc, name = _organization(checks, form)
    email = checks.take("contactEmail", people.clean_email, form.contact_email or applicant.email)
    mobile = checks.take("contactMobile", people.clean_mobile, form.contact_mobile or applicant.mobile)
    checks.take("annexUploads", files.check_annex_count, len(form.annex_uploads))
    if office is None:
        checks.note(UnknownOffice().at("officeCode"))
    version = tools.institution.privacy_policy_version
    if form.accepted_privacy_policy != version:
        checks.note(PrivacyPolicyNotAccepted(version))
    checks.refuse_any()
    assert office is not None
    assert subject is not None
    return Submission(
        tramite_id=uuid.uuid4(),
        channel=Channel.WEB,
        office=office,
        sent_at=tools.clock(),
        subject=subject,
        sender_name=applicant.full_name,
        files=(),
        applicant=applicant,
        document_kind=form.document_kind,
        document_number=number,
        folios=folios,
        organization_ruc=ruc,
        organization_name=name,
        contact_email=email,
        contact_mobile=mobile,
        privacy_policy_version=version,
    )


def _organization(checks: Checks, form: FilingForm) -> tuple[str | None, str | None]:
    if form.organization_ruc is None and form.organization_name is None:
        return None, None
    ruc = checks.take("organizationRuc", people.clean_ruc, form.organization_ruc or "")
    return ruc, checks.take("organizationName", people.clean_organization_name, form.organization_name)


def _named(form: FilingForm) -> list[NamedUpload]:
    annexes = enumerate(form.annex_uploads)
    return [
        NamedUpload(form.main_upload, 0, ("mainUpload",)),
        *(NamedUpload(upload, index + 1, ("annexUploads", str(index))) for index, upload in annexes),
    ]


async def submit(
    connection: AsyncpgDBClient, tools: Tools, submission: Submission, *, claim: Claim | None = None
) -> Tramite:
    """
    Record a document: trámite, files, receipt, notice, number, entry; within the caller's transaction if there is one.

    Its files must be durable in the store, and their contents recorded, before.

    Raises:
        IntegrityError: the *claim* cannot be had; nothing is recorded.
    """
    sent = submission.sent_at
    date = filed_on(sent, await calendar_of(submission.office, at=sent))
    number = _number_of(tools, submission)
    tramite = Tramite(
        id=submission.tramite_id,
        number=number.text,
        lookup_key=numbering.new_code(tools.random_bytes(numbering.CODE_BYTES)),
        status=TramiteStatus.PENDING,
        filed_on=date.day,
        filing_rule=date.to_json(),
        missing=list(submission.missing),
        **_copied(submission),
    )
    files = rows_of(tramite, enumerate(submission.files), version=1)
    receipt = issuing.receipt_of(
        tools, tramite, ReceiptKind.SUBMISSION, applicant=submission.applicant, files=submission.files
    )
    notice = notices.notice_of(
        tools,
        NoticeKind.SUBMISSION_RECEIPT,
        tramite=tramite,
        suppression=submission.suppression,
        in_reply_to=submission.in_reply_to,
        detail={"receipt": str(receipt.id)},
    )
    tramite.number = await insert_numbered(
        connection, [tramite, *files, receipt, notice], _record(tramite, submission), number=number, claim=claim
    )
    return tramite


def _number_of(tools: Tools, submission: Submission) -> Placeholder:
    series = f"{tools.institution.number_prefix}-{numbering.year_of(submission.sent_at)}"
    return Placeholder(series, f"<{tools.random_bytes(8).hex()}>")


def _copied(submission: Submission) -> dict[str, object]:
    same = (
        "channel applicant office sent_at subject sender_name document_kind document_number folios "
        "organization_ruc organization_name contact_email contact_mobile privacy_policy_version"
    )
    return {name: getattr(submission, name) for name in same.split()}


def _record(tramite: Tramite, submission: Submission) -> Record:
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
            "filedOn": tramite.filed_on.isoformat(),
            "files": [{"name": file.name, "sha256": file.sha256} for file in submission.files],
        },
    )
