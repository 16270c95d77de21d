"""Sensitive reads leave a trace before their answer goes out: who looked at what, in a chain of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from actions.transaction import database
from reading import files, tramites
from rules.access import Relation, Right, may
from rules.chain import canonical
from rules.reads import ReadKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from actions.tools import Tools
    from models.receipts import Receipt
    from models.tramites import Attachment, Tramite
    from reading.access import Viewer
    from rules.access import Role

APPEND = "SELECT reads_append($1)"


@dataclass(frozen=True)
class Read:
    """One sensitive read, as it will be kept: ids and codes only."""

    kind: ReadKind
    at: datetime
    viewer_id: UUID
    role: Role
    tramite_id: UUID | None = None
    subject_id: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def canonical(self) -> str:
        """Return the text that is hashed and from which the entry's columns are filled."""
        return canonical(
            {
                "kind": self.kind.value,
                "at": self.at.isoformat(timespec="microseconds"),
                "viewer": str(self.viewer_id),
                "role": self.role.value,
                "tramite": str(self.tramite_id) if self.tramite_id else None,
                "subject": str(self.subject_id) if self.subject_id else None,
                "detail": dict(self.detail),
            }
        )


async def note_read(
    tools: Tools,
    viewer: Viewer,
    kind: ReadKind,
    *,
    tramite_id: UUID | None = None,
    subject_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """
    Record, in one statement that is a transaction of its own, that *viewer* is about to be shown something.

    To be called after it was found and before the answer goes out: what could not be noted is not shown. *subject_id*
    is the person it is about, or the one thing looked at; *detail* holds ids, codes and counts, never what was shown
    nor what was searched for. What a program reads is noted under who made its token, with the token's id.

    Raises:
        NestedTransactionError: it was called within a transaction.
    """
    told = {**(detail or {}), "serviceToken": str(viewer.user_id)} if viewer.is_program else detail or {}
    read = Read(kind, tools.clock(), viewer.accountable_id, viewer.role, tramite_id, subject_id, told)
    await database().execute_query_dict(APPEND, [read.canonical()])


async def look_at_tramite(tools: Tools, viewer: Viewer, number: str) -> Tramite | None:
    """
    Return the trámite of that number, noting it unless it is the viewer's own; None if there is none they may see.

    Raises:
        InvalidNumber: the text is no number of a trámite, or was copied wrongly.
    """
    found = await tramites.find(viewer, number)
    if found is not None:
        await note_tramite(tools, viewer, found)
    return found


class Filed(NamedTuple):
    """What tells whose a trámite is."""

    id: UUID
    applicant_id: UUID | None


async def note_tramite(tools: Tools, viewer: Viewer, tramite: Tramite | Filed) -> None:
    """Record that *viewer* is about to be shown one trámite; of one's own nothing is recorded."""
    if tramite.applicant_id != viewer.user_id:
        await note_read(tools, viewer, ReadKind.TRAMITE, tramite_id=tramite.id)


async def note_file(tools: Tools, viewer: Viewer, file: Attachment, *, shown: str | None = None) -> None:
    """Record that *viewer* is about to be shown a file that was found for them, or what *shown* names of it."""
    if file.tramite.applicant_id != viewer.user_id:
        detail = {"shown": shown} if shown else {}
        await note_read(tools, viewer, ReadKind.FILE, tramite_id=file.tramite_id, subject_id=file.id, detail=detail)


async def fetch_receipt(tools: Tools, viewer: Viewer, receipt_id: UUID) -> Receipt:
    """
    Return a receipt that the viewer fetches, noting it unless its trámite is their own.

    Raises:
        NoSuchReceipt: there is none that they may see.
    """
    found = await files.find_receipt(viewer, receipt_id)
    if found.tramite.applicant_id != viewer.user_id:
        await note_read(tools, viewer, ReadKind.RECEIPT, tramite_id=found.tramite_id, subject_id=found.id)
    return found


async def note_following(tools: Tools, viewer: Viewer, number: str | None, *, tells_people: bool) -> None:
    """
    Record that *viewer* follows one trámite from now on; or whose trámites change, and what people write of them
    (*tells_people*), of all that they may see of others. Who is told only numbers, dates and offices looks at none.

    Raises:
        InvalidNumber: the text is no number of a trámite, or was copied wrongly.
    """
    if number is not None:
        await look_at_tramite(tools, viewer, number)
    elif tells_people and may(viewer.role, Right.SEE, Relation(in_office=True)):
        await note_read(tools, viewer, ReadKind.PEOPLE, detail={"following": True})


async def note_list(
    tools: Tools, viewer: Viewer, kind: ReadKind, ids: Collection[UUID], *, by_person: bool = False
) -> None:
    """
    Record that *viewer* is about to be shown these, found by whom they are about or not; of none nothing is recorded.

    At most a page of them: all their ids are kept.
    """
    if ids:
        detail = {"ids": [str(id_) for id_ in ids], "byPerson": by_person}
        await note_read(tools, viewer, kind, detail=detail)


async def note_range(tools: Tools, viewer: Viewer, kind: ReadKind, sequences: Sequence[int]) -> None:
    """Record that *viewer* is about to be shown a page of a chain, from the first to the last of its sequences."""
    if sequences:
        await note_read(tools, viewer, kind, detail={"first": sequences[0], "last": sequences[-1]})
