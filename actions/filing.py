"""File a trámite: the one step in which a document becomes part of the record, whichever door it came through."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from actions import client_keys, issuing, notices, register, uploads
from actions.register import Record
from actions.transaction import tx
from models.catalogue import Office
from models.people import User
from models.tramites import Attachment, Tramite
from reading.policies import calendar_of
from rules import files, numbering, people, words
from rules.access import Role
from rules.catalogue import AttachmentRole, Channel, DocumentKind
from rules.lifecycle import TramiteStatus
from rules.notices import NoticeKind
from rules.refusals import Checks, InvalidInput, NotAllowed
from rules.register import Act
from rules.workdays import filed_on

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from models.files import Upload
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


class SameUploadTwice(InvalidInput):
    """One upload was named for two places."""

    code = "UPLOAD_NAMED_TWICE"

    def __init__(self) -> None:
        super().__init__(
            "Un mismo archivo está puesto dos veces. Deje cada archivo una sola vez.", path=("annexUploads",)
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
class FiledFile:
    """A file that is durable in the store."""

    role: AttachmentRole
    name: str
    sha256: str
    size_bytes: int


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
    applicant = await User.get(id=viewer.user_id)
    if applicant.email_verified_at is None:
        raise EmailNotVerified
    asked = client_keys.request_hash(await _canonical(viewer, form))
    submission = await _checked(tools, applicant, form)
    async with tx() as connection:
        earlier = await client_keys.claim_key(
            connection,
            user_id=viewer.user_id,
            key=form.client_key,
            asked=asked,
            makes_id=submission.tramite_id,
            now=submission.sent_at,
        )
        if earlier is not None:
            return await Tramite.get(id=earlier)
        taken = await _take_files(tools, viewer, form)
        tramite = await submit(connection, tools, replace(submission, files=taken))
    wake(tools)
    return tramite


def wake(tools: Tools) -> None:
    """Wake whoever follows the register and whoever sends notices."""
    tools.wake(register.ENTRIES)
    tools.wake(notices.NOTICES)


async def _canonical(viewer: Viewer, form: FilingForm) -> dict[str, object]:
    """Return what is asked: files by what they hold, for a client that tries again may have sent them again."""
    asked = asdict(form) | {"client_key": None, "main_upload": None, "annex_uploads": None}
    files = await uploads.contents_of(viewer, [form.main_upload, *form.annex_uploads])
    return {**asked, "files": files}


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


async def _take_files(tools: Tools, viewer: Viewer, form: FilingForm) -> tuple[FiledFile, ...]:
    ids = [form.main_upload, *form.annex_uploads]
    if len(set(ids)) != len(ids):
        raise SameUploadTwice
    try:
        taken = await uploads.take_uploads(tools, viewer, ids)
    except (uploads.NoSuchUpload, uploads.UploadIncomplete) as refusal:
        refusal.path = _field(int(refusal.path[0]))
        raise
    return tuple(_placed(upload, place) for place, upload in enumerate(taken))


def _field(place: int) -> tuple[str, ...]:
    return ("mainUpload",) if place == 0 else ("annexUploads", str(place - 1))


def _placed(upload: Upload, place: int) -> FiledFile:
    role = AttachmentRole.MAIN if place == 0 else AttachmentRole.ANNEX
    assert upload.content_id is not None
    try:
        files.check_file(upload.name, size_bytes=upload.size_bytes, role=role, position=place)
    except InvalidInput as refusal:
        raise refusal.at(*_field(place)) from None
    return FiledFile(role, upload.name, upload.content_id, upload.size_bytes)


async def submit(connection: TransactionWrapper, tools: Tools, submission: Submission) -> Tramite:
    """
    Record a document within the caller's transaction: trámite, files, receipt, notice, number, entry.

    Its files must be durable in the store, and their contents recorded, before.
    """
    sent = submission.sent_at
    date = filed_on(sent, await calendar_of(submission.office, at=sent))
    year = numbering.year_of(sent)
    serial = await register.take_number(connection, f"{tools.institution.number_prefix}-{year}")
    tramite = Tramite(
        id=submission.tramite_id,
        number=numbering.format_number(tools.institution.number_prefix, year, serial),
        lookup_key=numbering.new_code(tools.random_bytes(numbering.CODE_BYTES)),
        status=TramiteStatus.PENDING,
        filed_on=date.day,
        filing_rule=date.to_json(),
        missing=list(submission.missing),
        **_copied(submission),
    )
    await tramite.save(force_create=True)
    await Attachment.bulk_create([_attachment(tramite, file, place) for place, file in enumerate(submission.files)])
    receipt = await issuing.issue_submission(tools, tramite, submission, date=date)
    await notices.promise(
        tools,
        NoticeKind.SUBMISSION_RECEIPT,
        tramite=tramite,
        suppression=submission.suppression,
        in_reply_to=submission.in_reply_to,
        detail={"receipt": str(receipt.id)},
    )
    await register.append(connection, _record(tramite, submission))
    return tramite


def _copied(submission: Submission) -> dict[str, object]:
    same = (
        "channel applicant office sent_at subject sender_name document_kind document_number folios "
        "organization_ruc organization_name contact_email contact_mobile privacy_policy_version"
    )
    return {name: getattr(submission, name) for name in same.split()}


def _attachment(tramite: Tramite, file: FiledFile, place: int) -> Attachment:
    return Attachment(
        tramite_id=tramite.id,
        role=file.role,
        position=place,
        name=file.name,
        content_id=file.sha256,
        size_bytes=file.size_bytes,
    )


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
