"""Completing (completar): what a mail lacked as a filing is added, once, by whoever holds the link that was mailed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from actions import gate, issuing, mail_links, notices, register
from actions.attachments import FiledFile, NamedUpload, attach, take_files
from actions.contents import abandon_contents, record_content
from actions.counter_policy import policy_of
from actions.issuing import Added
from actions.judging import judged_soon
from actions.register import Record
from actions.steps import save_change, take_step_as
from actions.submission import wake
from actions.transaction import tx
from files.staging import TooLong
from models.people import User
from models.tramites import Tramite
from reading.tramites import attachments_of
from reading.validations import validated_among
from rules import files, words
from rules.access import Role
from rules.catalogue import AttachmentRole, ReceiptKind
from rules.chain import facts_digest
from rules.completions import CompletionEmpty, MainStillMissing, NothingMissing
from rules.lifecycle import Step
from rules.mail_links import LinkPurpose
from rules.mail_missing import WITHOUT_SUBJECT, still_missing
from rules.notices import NoticeKind
from rules.refusals import Checks, Conflict, InvalidInput, NotFound
from rules.register import Act
from rules.throttling import Door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from files.store import StoredContent
    from models.receipts import Receipt
    from reading.access import Viewer
    from rules.catalogue import DocumentKind
    from rules.file_rules import FileRules
    from rules.throttling import Client
    from rules.verdicts import Judgement


@dataclass(frozen=True)
class Brought:
    """A file that was sent along, whole in the store."""

    name: str
    content: StoredContent
    judgement: Judgement


@dataclass(frozen=True)
class Completion:
    """
    What is added, as typed: files sent along by whoever holds the link, or uploads of somebody who is signed in.

    Of a trámite that has it already nothing is replaced.
    """

    subject: str | None = None
    document_kind: DocumentKind | None = None
    document_number: str | None = None
    folios: int | None = None
    main: Brought | None = None
    annexes: tuple[Brought, ...] = ()
    main_upload: UUID | None = None
    annex_uploads: tuple[UUID, ...] = ()

    def file_at(self, path: tuple[str, ...]) -> Brought | None:
        """Return the file sent along that a refusal at this path is about, if it is about one."""
        match path:
            case ("mainUpload", *_):
                return self.main
            case ("annexUploads", index, *_):
                return self.annexes[int(index)] if int(index) < len(self.annexes) else None
            case _:
                return None

    @property
    def brings_main(self) -> bool:
        """Whether it brings a main document."""
        return self.main is not None or self.main_upload is not None


async def open_completion(tools: Tools, token: str) -> Tramite:
    """
    Return the trámite that a link completes, with its office; the link stays good.

    Raises:
        NoSuchLink, LinkUsed, LinkExpired: what they say.
    """
    tramite_id = await mail_links.find_link(tools, token, LinkPurpose.COMPLETE)
    return await Tramite.get(id=tramite_id).select_related("office")


async def lacks_main(tramite: Tramite) -> bool:
    """Say whether a filing has no main document."""
    return all(file.position for file in (await attachments_of([tramite.id])).get(tramite.id, []))


async def find_completion(tools: Tools, token: str) -> Tramite | None:
    """Return what `open_completion` does; None for a link that is not good."""
    try:
        return await open_completion(tools, token)
    except (NotFound, Conflict):
        return None


async def complete_filing(
    tools: Tools, token: str, form: Completion, *, client: Client, viewer: Viewer | None = None
) -> Tramite:
    """
    Add what a filing lacked; its instant and its legal date stay as they are. The link is then used up.

    Files become the next version. Mails the contact of the trámite the receipt of what was received, whoever held the
    link.

    Raises:
        TooManyAttempts: too many tries from this address, or by everybody.
        NoSuchLink, LinkUsed, LinkExpired: what they say.
        WrongStep: it is no longer pending.
        InvalidInput: for every field that does not hold what it must; MainStillMissing, CompletionEmpty.
        NothingMissing: it has already what is given.
        NoSuchUpload, UploadIncomplete: a file is not there, or not whole.
    """
    await gate.admit(tools, Door.COMPLETE_FILING, client)
    values, now = _checked(form), tools.clock()
    rules = (await policy_of(tools)).files
    async with tx() as connection:
        tramite = (await mail_links.use_link(connection, tools, token, LinkPurpose.COMPLETE)).tramite
        is_validated = bool(await validated_among([tramite]))
        before = take_step_as(Role.APPLICANT, tramite, Step.COMPLETE, is_validated=is_validated)
        placed, version = await _take(connection, tools, viewer, tramite, form=form, rules=rules)
        await attach(tramite, placed, version=version)
        changed = _fill(tramite, values)
        tramite.missing = list(await _still_missing(tramite))
        await save_change(tramite, [*changed, "missing"])
        receipt = await _promise(tools, tramite, placed, version=version, at=now)
        named = [{"position": place, "sha256": file.sha256} for place, file in placed]
        record = Record(
            Act.COMPLETED,
            at=now,
            role=Role.APPLICANT,
            actor_id=viewer.user_id if viewer else None,
            tramite_id=tramite.id,
            from_status=before,
            to_status=tramite.status,
            detail={"version": version, "files": named, "filled": changed, "facts": facts_digest(receipt.facts)},
        )
        await register.append(connection, record)
    wake(tools)
    return tramite


async def _promise(
    tools: Tools, tramite: Tramite, placed: list[tuple[int, FiledFile]], *, version: int, at: datetime
) -> Receipt:
    """Issue the receipt of what was handed in, and promise the mail that brings it."""
    in_order = sorted(placed, key=lambda each: each[0])
    receipt = await issuing.issue_receipt(
        tools,
        tramite,
        ReceiptKind.COMPLETION,
        applicant=await User.get(id=tramite.applicant_id) if tramite.applicant_id else None,
        files=[file for _, file in in_order],
        acted_at=at,
        added=Added(version, None, tuple(place for place, _ in in_order)),
        correction_days=(await policy_of(tools, at=tramite.sent_at)).correction_working_days,
    )
    told = [{"version": version, "position": place, "name": file.name, "sha256": file.sha256} for place, file in placed]
    detail = {"receivedAt": at.isoformat(), "files": told, "receipt": str(receipt.id)}
    await notices.promise(tools, NoticeKind.COMPLETED, tramite=tramite, detail=detail)
    return receipt


async def receive_file(tools: Tools, name: str, chunks: AsyncIterator[bytes]) -> Brought:
    """
    Keep a file that is sent along, while it is read; what is refused leaves nothing behind.

    Raises:
        InvalidInput: it is of no kind that is taken, too large, or not what its name says.
    """
    staged, clean_name = uuid4(), files.clean_file_name(name)
    files.kind_of(clean_name)
    try:
        arrived = await tools.staging.append(staged, 0, chunks, limit_bytes=files.LARGEST_BYTES)
        files.check_announced(clean_name, size_bytes=arrived.length)
        files.check_head(clean_name, await tools.staging.head(staged, files.HEAD_BYTES))
        judgement = await judged_soon(tools, tools.staging.path(staged))
        content = await tools.store.put_file(tools.staging.path(staged), known=arrived.content)
    except TooLong:
        raise files.FileTooLarge(files.LARGEST_BYTES) from None
    finally:
        await tools.staging.discard(staged)
    return Brought(clean_name, content, judgement)


async def give_up(tools: Tools, brought: list[Brought]) -> None:
    """Let go of files that were sent along and became part of nothing; what others refer to stays."""
    async with tx():
        for each in sorted(brought, key=lambda one: one.content.sha256):
            await record_content(tools, each.content, each.judgement)
        await abandon_contents(tools, [each.content.sha256 for each in brought])


def _checked(form: Completion) -> dict[str, Any]:
    checks = Checks()
    values = {
        "subject": checks.take("subject", words.clean_subject, form.subject) if form.subject else None,
        "document_kind": form.document_kind,
        "document_number": checks.take("documentNumber", words.clean_document_number, form.document_number)
        if form.document_number
        else None,
        "folios": checks.take("folios", words.clean_folios, form.folios) if form.folios is not None else None,
    }
    checks.refuse_any()
    given = {name: value for name, value in values.items() if value is not None}
    if not (given or form.brings_main or form.annexes or form.annex_uploads):
        raise CompletionEmpty
    return given


_CALLED = {
    "subject": ("asunto", "subject"),
    "document_kind": ("tipo de documento", "documentKind"),
    "document_number": ("número de documento", "documentNumber"),
    "folios": ("número de folios", "folios"),
}


def _fill(tramite: Tramite, values: dict[str, Any]) -> list[str]:
    """Set, in memory, what is empty; return the columns."""
    for name, value in values.items():
        if getattr(tramite, name) not in (None, WITHOUT_SUBJECT):
            what, field = _CALLED[name]
            raise NothingMissing(what, field)
        setattr(tramite, name, value)
    return list(values)


async def _still_missing(tramite: Tramite) -> tuple[str, ...]:
    return still_missing(has_main=not await lacks_main(tramite), has_subject=tramite.subject != WITHOUT_SUBJECT)


async def _take(
    connection: TransactionWrapper,
    tools: Tools,
    viewer: Viewer | None,
    tramite: Tramite,
    *,
    form: Completion,
    rules: FileRules,
) -> tuple[list[tuple[int, FiledFile]], int]:
    """Return the files, each in its place, and the version that they are."""
    before = (await attachments_of([tramite.id])).get(tramite.id, [])
    has_main = any(file.position == 0 for file in before)
    if has_main and form.brings_main:
        raise NothingMissing("documento principal", "mainUpload")
    if not has_main and not form.brings_main:
        raise MainStillMissing
    count = len(form.annexes) + len(form.annex_uploads)
    taken = {file.position for file in before}
    rules.check_annex_count(len(taken - {0}) + count)
    free = [place for place in range(1, rules.max_annexes + 1) if place not in taken]
    brought = [(0, form.main, ("mainUpload",))] if form.main else []
    annexes = enumerate(zip(free, form.annexes, strict=False))
    brought += [(place, each, ("annexUploads", str(index))) for index, (place, each) in annexes]
    placed = [(place, _placed(each, place, path, rules=rules)) for place, each, path in brought]
    for _, each, _ in sorted(brought, key=lambda one: one[1].content.sha256):
        await record_content(tools, each.content, each.judgement)
    if viewer is not None:
        named = _named(form, free[len(form.annexes) :])
        received = await take_files(connection, tools, viewer, named, rules=rules) if named else ()
        placed += [(each.position, file) for each, file in zip(named, received, strict=True)]
    return placed, max((file.version for file in before), default=1) + 1


def _named(form: Completion, free: list[int]) -> list[NamedUpload]:
    main = [NamedUpload(form.main_upload, 0, ("mainUpload",))] if form.main_upload else []
    annexes = enumerate(zip(form.annex_uploads, free, strict=False))
    return main + [NamedUpload(upload, place, ("annexUploads", str(index))) for index, (upload, place) in annexes]


def _placed(brought: Brought, place: int, path: tuple[str, ...], *, rules: FileRules) -> FiledFile:
    role = AttachmentRole.ANNEX if place else AttachmentRole.MAIN
    try:
        rules.check_file(
            brought.name,
            size_bytes=brought.content.size_bytes,
            role=role,
            position=place,
            judgement=brought.judgement,
        )
    except InvalidInput as refusal:
        raise refusal.at(*path) from None
    return FiledFile(role, brought.name, brought.content.sha256, brought.content.size_bytes, brought.judgement.pages)
