"""Corrections (subsanaciones): what an applicant answers to an observation, received as the next version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import client_keys, issuing, notices, register, uploads
from actions.attachments import FiledFile, NamedUpload, attach, take_files
from actions.counter_policy import base_of, policy_of
from actions.issuing import Added
from actions.register import Record
from actions.steps import lock_for_applicant, role_on, save_change, take_step_as
from actions.submission import wake
from actions.transaction import tx
from actions.waiting import WAITING, resume_waiting, terms_of_desk
from models.people import User
from models.register import Entry
from models.tramites import Tramite
from reading.policies import calendar_of, policy_book
from reading.terms import terms_of
from reading.tramites import attachments_of
from rules import corrections, files, words
from rules.access import Role
from rules.catalogue import AttachmentRole, ReceiptKind
from rules.chain import facts_digest
from rules.corrections import CorrectionLate, Term
from rules.lifecycle import Step
from rules.notices import NoticeKind
from rules.refusals import Checks, InvalidInput
from rules.register import Act
from rules.workdays import filed_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.answering import Answer
    from actions.tools import Tools
    from models.receipts import Notice, Receipt
    from models.tramites import Attachment
    from reading.access import Viewer
    from rules.lifecycle import TramiteStatus


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


@dataclass(frozen=True)
class Version:
    """What a correction adds: its number, what was said, and each file with its place."""

    number: int
    said: str | None
    placed: tuple[tuple[int, FiledFile], ...]

    def received(self) -> list[dict[str, object]]:
        """Return the files, for the mail."""
        return [
            {"version": self.number, "position": position, "name": file.name, "sha256": file.sha256}
            for position, file in self.placed
        ]

    def recorded(self) -> list[dict[str, object]]:
        """Return the files, for the register: what people call them is no part of it."""
        return [{"position": position, "sha256": file.sha256} for position, file in self.placed]


async def correct_tramite(tools: Tools, viewer: Viewer, tramite_id: UUID, form: Correction) -> Tramite:
    """
    Answer an observation, with words, files or both; the trámite is pending again.

    Files become a new version of their places, and what was there stays. They are judged by the policy of now; whether
    the trámite keeps its legal date, by the policy that held when it was observed. The same client key with the same
    content answers with the same trámite for 30 days, whatever happened to it since. Mails the applicant the receipt
    of what was received.

    Raises:
        NoSuchTramite: there is none that the viewer may see.
        NotTheApplicant: the viewer may see it, but did not file it.
        WrongStep: it is not observed, or its term is over (CorrectionLate).
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
        by = Corrector(role_on(tramite, viewer), viewer.user_id)
        before = await _begin(tramite, by, at=sent_at)
        version = await _add_version(connection, tools, viewer, tramite, form=form, said=said)
        await _record(connection, tools, tramite, by, version=version, before=before, at=sent_at)
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


@dataclass(frozen=True)
class Corrector:
    """
    Who corrects: somebody signed in, or whoever writes from the address of the party, with an account or without.

    `answer` is how the mail is answered that brought the correction.
    """

    role: Role
    user_id: UUID | None = None
    answer: Answer | None = None


@dataclass(frozen=True)
class MailedCorrection:
    """What a mail answers to an observation: its words, and its files, the main document first."""

    said: str | None
    files: tuple[FiledFile, ...]


async def correct_by_mail(
    connection: TransactionWrapper,
    tools: Tools,
    tramite_id: UUID,
    correction: MailedCorrection,
    *,
    answer: Answer | None,
    at: datetime,
) -> tuple[Tramite, Notice]:
    """
    Answer an observation, within a transaction, with a mail that came at *at* from the proven address of the party;
    *answer* is None if it is the later proof that is answered.

    As `correct_tramite`, but for the places: a main document takes the place of the first, an annex that of the annex
    of the same name, or else one that is free.

    Raises:
        WrongStep: it is not observed, or its term is over (CorrectionLate). Nothing was changed.
        InvalidInput: there is nothing in it, or there are too many annexes. Nothing was changed.
    """
    if correction.said is None and not correction.files:
        raise corrections.CorrectionEmpty
    tramite = await Tramite.filter(id=tramite_id).select_for_update(no_key=True).get()
    await tramite.fetch_related("office")
    by = Corrector(Role.APPLICANT, tramite.applicant_id, answer)
    before = await _begin(tramite, by, at=at)
    version = await _place(tools, tramite, correction)
    await attach(tramite, version.placed, version=version.number)
    notice = await _record(connection, tools, tramite, by, version=version, before=before, at=at)
    return tramite, notice


async def _place(tools: Tools, tramite: Tramite, correction: MailedCorrection) -> Version:
    existing = (await attachments_of([tramite.id])).get(tramite.id, [])
    number = max((file.version for file in existing), default=1) + 1
    by_name = {file.name.casefold(): file.position for file in existing if file.position}
    annexes = [file for file in correction.files if file.role is AttachmentRole.ANNEX]
    wanted = [by_name.pop(file.name.casefold(), None) for file in annexes]
    places = corrections.places_of(
        wanted,
        taken={file.position for file in existing if file.position},
        max_annexes=(await policy_of(tools)).files.max_annexes,
    )
    mains = [(0, file) for file in correction.files if file.role is AttachmentRole.MAIN]
    return Version(number, correction.said, (*mains, *zip(places, annexes, strict=True)))


async def _begin(tramite: Tramite, by: Corrector, *, at: datetime) -> TramiteStatus:
    """Take the step, in memory, if it is in time; return the status before it."""
    before = take_step_as(by.role, tramite, Step.CORRECT)
    await _check_in_time(tramite, at=at)
    return before


async def _record(
    connection: TransactionWrapper,
    tools: Tools,
    tramite: Tramite,
    by: Corrector,
    *,
    version: Version,
    before: TramiteStatus,
    at: datetime,
) -> Notice:
    """Record a correction whose files are attached: dates, receipt, notice, which is returned, and the entry."""
    keeps_date = await _keeps_date(tools, tramite, at=at)
    if not keeps_date:
        await _date_anew(tramite, at=at)
    await resume_waiting(tools, tramite, at=at, keeps_date=keeps_date)
    await save_change(tramite, ["status", "filed_on", "filing_rule", *WAITING])
    receipt, notice = await _promise(tools, tramite, by, version, at=at)
    detail = {
        "version": version.number,
        "filedOn": tramite.filed_on.isoformat(),
        "files": version.recorded(),
        "facts": facts_digest(receipt.facts),
        **terms_of_desk(tramite),
    }
    record = Record(
        Act.CORRECTED,
        at=at,
        role=by.role,
        actor_id=by.user_id,
        tramite_id=tramite.id,
        from_status=before,
        to_status=tramite.status,
        text=version.said,
        detail=detail,
    )
    await register.append(connection, record)
    return notice


async def _check_in_time(tramite: Tramite, *, at: datetime) -> None:
    assert tramite.correct_by is not None, "what is observed has a term"
    terms = await terms_of([tramite], at=at)
    if terms[tramite.id] is Term.OVER:
        raise CorrectionLate(tramite.correct_by)


async def _keeps_date(tools: Tools, tramite: Tramite, *, at: datetime) -> bool:
    """Tell whether a corrected trámite keeps its date, by what held when it was observed."""
    observed = await Entry.filter(tramite_id=tramite.id, act=Act.OBSERVED).order_by("-sequence").first()
    book = await policy_book()
    return book.at(observed.at if observed else at, base=base_of(tools)).correction_keeps_date


async def _date_anew(tramite: Tramite, *, at: datetime) -> None:
    date = filed_on(at, await calendar_of(tramite.office, at=at))
    tramite.filed_on, tramite.filing_rule = date.day, date.to_json()


async def _add_version(
    connection: TransactionWrapper,
    tools: Tools,
    viewer: Viewer,
    tramite: Tramite,
    *,
    form: Correction,
    said: str | None,
) -> Version:
    """Attach the files of a correction, if it has any, as the next version."""
    before: Sequence[Attachment] = (await attachments_of([tramite.id])).get(tramite.id, [])
    number = max((file.version for file in before), default=1) + 1
    rules = (await policy_of(tools)).files
    named = _named(form, taken={file.position for file in before if file.position}, max_annexes=rules.max_annexes)
    if not named:
        return Version(number, said, ())
    received = await take_files(connection, tools, viewer, named, rules=rules)
    placed = tuple((each.position, file) for each, file in zip(named, received, strict=True))
    await attach(tramite, placed, version=number)
    return Version(number, said, placed)


def _named(form: Correction, *, taken: set[int], max_annexes: int) -> list[NamedUpload]:
    replaced = [annex.replaces for annex in form.annexes]
    try:
        places = corrections.places_of(replaced, taken=taken, max_annexes=max_annexes)
    except InvalidInput as refusal:
        raise refusal.at("annexes") from None
    main = [NamedUpload(form.main_upload, 0, ("mainUpload",))] if form.main_upload else []
    annexes = enumerate(zip(form.annexes, places, strict=True))
    return main + [
        NamedUpload(annex.upload, place, ("annexes", str(index), "upload")) for index, (annex, place) in annexes
    ]


async def _promise(
    tools: Tools, tramite: Tramite, by: Corrector, version: Version, *, at: datetime
) -> tuple[Receipt, Notice]:
    """Issue the receipt of the correction and promise the mail that brings it; return both."""
    placed = sorted(version.placed, key=lambda each: each[0])
    receipt = await issuing.issue_receipt(
        tools,
        tramite,
        ReceiptKind.SUBMISSION,
        applicant=await User.get(id=by.user_id) if by.user_id else None,
        files=[file for _, file in placed],
        acted_at=at,
        added=Added(version.number, version.said, tuple(position for position, _ in placed)),
    )
    told = {"receivedAt": at.isoformat(), "correction": version.said or "", "files": version.received()}
    notice = await notices.promise(
        tools,
        NoticeKind.CORRECTED,
        tramite=tramite,
        suppression=by.answer.suppression if by.answer else None,
        in_reply_to=by.answer.in_reply_to if by.answer else None,
        answer_key=by.answer.key if by.answer else None,
        detail=told | {"receipt": str(receipt.id)},
    )
    return receipt, notice
