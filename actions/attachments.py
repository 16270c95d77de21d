"""Files become part of a trámite: taken from uploads, judged in their place, attached as a version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import uploads
from models.fresh import fresh
from models.tramites import Attachment
from reading.tramites import attachments_of, current_files
from rules.catalogue import AttachmentRole
from rules.file_rules import FileRules
from rules.refusals import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from actions.uploads import Taken
    from models.tramites import Tramite
    from reading.access import Viewer


COUNTER_RULES = FileRules()
"""What the counter can take; what the institution takes of it, callers know by its policy."""


class SameUploadTwice(InvalidInput):
    """One upload was named for two places."""

    code = "UPLOAD_NAMED_TWICE"

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__("Un mismo archivo está puesto dos veces. Deje cada archivo una sola vez.", path=path)


@dataclass(frozen=True)
class FiledFile:
    """A file that is durable in the store."""

    role: AttachmentRole
    name: str
    sha256: str
    size_bytes: int
    pages: int | None = None


@dataclass(frozen=True)
class NamedUpload:
    """An upload that a form names: for which place (0 is the main document), in which of its fields, and as what."""

    id: UUID
    position: int
    path: tuple[str, ...]
    is_answer: bool = False

    @property
    def role(self) -> AttachmentRole:
        """What the file is in its place."""
        if self.is_answer:
            return AttachmentRole.ANSWER
        return AttachmentRole.MAIN if self.position == 0 else AttachmentRole.ANNEX


async def take_files(
    connection: TransactionWrapper,
    tools: Tools,
    viewer: Viewer,
    named: Sequence[NamedUpload],
    *,
    rules: FileRules = COUNTER_RULES,
) -> tuple[FiledFile, ...]:
    """
    Take the viewer's uploads, within a transaction, for the places that they are named for, as *rules* let them.

    Raises:
        InvalidInput: one cannot be taken in its place, or is named twice (told at the last).
        NoSuchUpload, UploadIncomplete: one is not there, or not whole.
    """
    try:
        taken = await uploads.take_uploads(connection, tools, viewer, [each.id for each in named])
    except (uploads.NoSuchUpload, uploads.UploadIncomplete) as refusal:
        refusal.path = named[int(refusal.path[0])].path
        raise
    return place_files(taken, named, rules=rules)


def place_files(
    taken: Sequence[Taken], named: Sequence[NamedUpload], *, rules: FileRules = COUNTER_RULES
) -> tuple[FiledFile, ...]:
    """
    Return the files of uploads in the places that they are named for, as *rules* let them.

    Raises:
        InvalidInput: one cannot be taken in its place, or is named twice (told at the last).
    """
    if len({each.id for each in named}) != len(named):
        raise SameUploadTwice(named[-1].path[:1])
    return tuple(_placed(upload, each, rules) for upload, each in zip(taken, named, strict=True))


def _placed(upload: Taken, named: NamedUpload, rules: FileRules) -> FiledFile:
    try:
        rules.check_file(
            upload.name,
            size_bytes=upload.size_bytes,
            role=named.role,
            position=named.position,
            judgement=upload.judgement,
        )
    except InvalidInput as refusal:
        raise refusal.at(*named.path) from None
    return FiledFile(named.role, upload.name, upload.content_id, upload.size_bytes, upload.judgement.pages)


async def files_now(tramite: Tramite) -> list[FiledFile]:
    """Return what was handed in for a trámite as it stands: of each place the latest version, the main one first."""
    found = await attachments_of([tramite.id])
    return [
        FiledFile(file.role, file.name, file.content_id, file.size_bytes, file.content.pages)
        for file in current_files(found.get(tramite.id, []))
    ]


async def attach(tramite: Tramite, placed: Iterable[tuple[int, FiledFile]], *, version: int) -> None:
    """Attach files, within a transaction, each in its place; what an earlier version holds there stays."""
    await Attachment.bulk_create(rows_of(tramite, placed, version=version))


def rows_of(tramite: Tramite, placed: Iterable[tuple[int, FiledFile]], *, version: int) -> list[Attachment]:
    """Return the rows of files, each in its place."""
    return [
        fresh(
            Attachment,
            tramite_id=tramite.id,
            version=version,
            role=file.role,
            position=position,
            name=file.name,
            content_id=file.sha256,
            size_bytes=file.size_bytes,
        )
        for position, file in placed
    ]
