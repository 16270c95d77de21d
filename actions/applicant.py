"""What applicants do with their own trámite: update, void, correct."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actions import client_keys, issuing, notices, uploads
from actions.attachments import FiledFile, NamedUpload, attach, take_files
from actions.filing import UnknownOffice, wake
from actions.steps import lock_for_applicant, record_step, take_step
from actions.transaction import tx
from models.catalogue import Office
from models.people import User
from reading.policies import calendar_of
from reading.tramites import attachments_of, current_files
from rules import corrections, files, people, words
from rules.catalogue import ReceiptKind
from rules.lifecycle import Step
from rules.notices import NoticeKind
from rules.refusals import Checks, InvalidInput
from rules.register import Act

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from models.tramites import Tramite
    from reading.access import Viewer
    from rules.catalogue import DocumentKind

MAIN_COLUMNS = (
    "office_id",
    "document_kind",
    "document_number",
    "subject",
    "folios",
    "contact_email",
    "contact_mobile",
)


@dataclass(frozen=True)
class MainData:
    """The main data of a trámite as they shall be, as typed; contact data that are None stay as they are."""

    office_code: str
    document_kind: DocumentKind
    document_number: str | None
    subject: str
    folios: int
    contact_email: str | None = None
    contact_mobile: str | None = None


@dataclass(frozen=True)
class CorrectedAnnex:
    """An annex of a correction; it takes the place of an earlier one, or a new place if `replaces` is None."""

    upload: UUID
    replaces: int | None = None


@dataclass(frozen=True)
class Correction:
    """What an applicant answers to an observation, as typed; uploads by id."""

    client_key: UUID
    text: str | None = None
    main_upload: UUID | None = None
    annexes: tuple[CorrectedAnnex, ...] = ()


async def update_tramite(tools: Tools, viewer: Viewer, tramite_id: UUID, form: MainData) -> Tramite:
    """
    Change the main data of a trámite that nobody has validated yet; what is the same already changes nothing.

    Its number, its legal date, its files and the receipt of its filing stay. Mails the applicant what was changed;
    an address that is left behind is told that it was, and no more.

    Raises:
        NoSuchTramite: there is none that the viewer may see.
        NotTheApplicant: the viewer may see it, but did not file it.
        WrongStep: it is not pending.
        InvalidInput: for every field that does not hold what it must.
    """
    values = await _checked(form)
    async with tx() as connection:
        tramite = await lock_for_applicant(viewer, tramite_id)
        before, old = take_step(tramite, Step.UPDATE, viewer), _main_data(tramite)
        for name, value in values.items():
            setattr(tramite, name, value)
        changes = _changes(old, _main_data(tramite))
        if not changes:
            return tramite
        await tramite.save(update_fields=MAIN_COLUMNS)
        await _promise_update(tools, tramite, changes)
        await record_step(
            connection, tools, viewer, tramite, act=Act.UPDATED, before=before, detail={"changes": changes}
        )
    wake(tools)
    return tramite


async def _checked(form: MainData) -> dict[str, Any]:
    office = await Office.get_or_none(code=form.office_code)
    checks = Checks()
    values: dict[str, Any] = {
        "office": office,
        "document_kind": form.document_kind,
        "document_number": checks.take("documentNumber", words.clean_document_number, form.document_number),
        "subject": checks.take("subject", words.clean_subject, form.subject),
        "folios": checks.take("folios", words.clean_folios, form.folios),
    }
    if form.contact_email is not None:
        values["contact_email"] = checks.take("contactEmail", people.clean_email, form.contact_email)
    if form.contact_mobile is not None:
        values["contact_mobile"] = checks.take("contactMobile", people.clean_mobile, form.contact_mobile)
    if office is None:
        checks.note(UnknownOffice().at("officeCode"))
    checks.refuse_any()
    return values


def _main_data(tramite: Tramite) -> dict[str, object]:
    return {
        "officeCode": tramite.office.code,
        "documentKind": tramite.document_kind.value if tramite.document_kind else None,
        "documentNumber": tramite.document_number,
        "subject": tramite.subject,
        "folios": tramite.folios,
        "contactEmail": tramite.contact_email,
        "contactMobile": tramite.contact_mobile,
    }


def _changes(old: dict[str, object], new: dict[str, object]) -> dict[str, dict[str, object]]:
    return {name: {"before": old[name], "after": new[name]} for name in old if old[name] != new[name]}


async def _promise_update(tools: Tools, tramite: Tramite, changes: dict[str, dict[str, object]]) -> None:
    await notices.promise(
        tools,
        NoticeKind.UPDATED,
        tramite=tramite,
        detail={"changes": {name: change["after"] for name, change in changes.items()}},
    )
    left = changes.get("contactEmail", {}).get("before")
    if isinstance(left, str):
        await notices.promise(tools, NoticeKind.CONTACT_CHANGED, tramite=tramite, address=left)


async def void_tramite(tools: Tools, viewer: Viewer, tramite_id: UUID) -> Tramite:
    """
    Withdraw a trámite that nobody has validated yet. It stays as a tombstone with its files; its number is spent.

    Mails the applicant the constancia de anulación.

    Raises:
        NoSuchTramite, NotTheApplicant, WrongStep: as for `update_tramite`.
    """
    async with tx() as connection:
        tramite = await lock_for_applicant(viewer, tramite_id)
        before, now = take_step(tramite, Step.VOID, viewer), tools.clock()
        await tramite.save(update_fields=["status"])
        receipt = await issuing.issue_receipt(
            tools,
            tramite,
            ReceiptKind.VOIDING,
            applicant=await User.get(id=viewer.user_id),
            files=await _current(tramite),
            acted_at=now,
        )
        await notices.promise(tools, NoticeKind.VOIDED, tramite=tramite, detail={"receipt": str(receipt.id)})
        await record_step(connection, tools, viewer, tramite, act=Act.VOIDED, before=before, at=now)
    wake(tools)
    return tramite


async def _current(tramite: Tramite) -> list[FiledFile]:
    found = await attachments_of([tramite.id])
    return [
        FiledFile(file.role, file.name, file.content_id, file.size_bytes)
        for file in current_files(found.get(tramite.id, []))
    ]


async def correct_tramite(tools: Tools, viewer: Viewer, tramite_id: UUID, form: Correction) -> Tramite:
    """
    Answer an observation, with words, files or both; the trámite is pending again and keeps its legal date.

    Files become a new version of their places, and what was there stays. The same client key with the same content
    answers with the same trámite for 30 days, whatever happened to it since. Mails the applicant what was received.

    Raises:
        NoSuchTramite, NotTheApplicant: as for `update_tramite`.
        WrongStep: it is not observed, or the legal date of now is after the last day (CorrectionLate).
        InvalidInput: for every field that does not hold what it must.
        KeyReused: the client key was used for another content.
        NoSuchUpload, UploadIncomplete: a file is not there, or not whole.
    """
    said, sent_at = _said(form), tools.clock()
    asked = client_keys.request_hash(await _canonical(viewer, tramite_id, form))
    async with tx() as connection:
        tramite = await lock_for_applicant(viewer, tramite_id)
        if await client_keys.claim_key(
            connection, user_id=viewer.user_id, key=form.client_key, asked=asked, makes_id=tramite.id, now=sent_at
        ):
            return tramite
        before = take_step(tramite, Step.CORRECT, viewer)
        assert tramite.correct_by is not None, "what is observed has a term"
        calendar = await calendar_of(tramite.office, at=sent_at)
        corrections.check_in_time(sent_at, correct_by=tramite.correct_by, calendar=calendar)
        received = await _add_version(connection, tools, viewer, tramite, form=form)
        await tramite.save(update_fields=["status"])
        told = {"receivedAt": sent_at.isoformat(), "correction": said or "", "files": received}
        await notices.promise(tools, NoticeKind.CORRECTED, tramite=tramite, detail=told)
        await record_step(
            connection,
            tools,
            viewer,
            tramite,
            act=Act.CORRECTED,
            before=before,
            at=sent_at,
            text=said,
            detail={"files": received},
        )
    wake(tools)
    return tramite


def _said(form: Correction) -> str | None:
    checks = Checks()
    said = checks.take("text", words.clean_statement, form.text) if (form.text or "").strip() else None
    checks.take("annexes", files.check_annex_count, len(form.annexes))
    checks.refuse_any()
    if said is None and form.main_upload is None and not form.annexes:
        raise corrections.CorrectionEmpty
    return said


async def _canonical(viewer: Viewer, tramite_id: UUID, form: Correction) -> dict[str, object]:
    """Return what is asked: files by what they hold, for a client that tries again may have sent them again."""
    main, annexes = [form.main_upload] if form.main_upload else [], [annex.upload for annex in form.annexes]
    found = await uploads.arrived(viewer, [*main, *annexes])
    return {
        "correct": str(tramite_id),
        "text": form.text,
        "main": uploads.contents_of(main, found),
        "annexes": uploads.contents_of(annexes, found),
        "replaces": [annex.replaces for annex in form.annexes],
    }


async def _add_version(
    connection: TransactionWrapper, tools: Tools, viewer: Viewer, tramite: Tramite, *, form: Correction
) -> list[dict[str, object]]:
    """Attach the files of a correction; return what was received, for the register and the mail."""
    before = (await attachments_of([tramite.id])).get(tramite.id, [])
    version = max((file.version for file in before), default=0) + 1
    named = _named(form, taken={file.position for file in before if file.position})
    if not named:
        return []
    received = await take_files(connection, tools, viewer, named)
    placed = [(each.position, file) for each, file in zip(named, received, strict=True)]
    await attach(tramite, placed, version=version)
    return [
        {"version": version, "position": position, "name": file.name, "sha256": file.sha256}
        for position, file in placed
    ]


def _named(form: Correction, *, taken: set[int]) -> list[NamedUpload]:
    try:
        places = corrections.places_of([annex.replaces for annex in form.annexes], taken=taken)
    except InvalidInput as refusal:
        raise refusal.at("annexes") from None
    main = [NamedUpload(form.main_upload, 0, ("mainUpload",))] if form.main_upload else []
    annexes = enumerate(zip(form.annexes, places, strict=True))
    return main + [
        NamedUpload(annex.upload, place, ("annexes", str(index), "upload")) for index, (annex, place) in annexes
    ]
