"""Trámites that a viewer may see: lists, one by its number, and what belongs to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise.connection import get_connections
from tortoise.expressions import Q

from models.receipts import Receipt
from models.tramites import Attachment, Tramite
from reading.access import relations_of, visible_tramites
from reading.policies import CALENDAR_NOW
from reading.rights import right_sql
from reading.terms import TOLD_AT, term_at_once, terms_of
from reading.validations import IS_VALIDATED, validated_among
from rules.access import Relation, Right, Role, acting_role, may
from rules.catalogue import AttachmentRole
from rules.corrections import Term
from rules.history import HIDDEN, hidden_acts
from rules.lifecycle import Facts, Step, TramiteStatus, steps_open_to
from rules.numbering import parse_number
from rules.refusals import InvalidInput
from rules.register import Act

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from reading.access import Viewer

MOST_AT_ONCE = 100

OFFERED_STEPS = (
    Step.UPDATE,
    Step.VOID,
    Step.CORRECT,
    Step.RECEIVE,
    Step.OBSERVE,
    Step.REFER,
    Step.RESOLVE,
    Step.CORRECT_FOLIOS,
    Step.REOPEN,
)
"""Steps that have a verb so far, in the order in which they are shown."""

VERSIONS = """
SELECT tramite_id, at, act, coalesce((detail->>'version')::int, 1) AS number FROM entries
WHERE tramite_id = ANY($1::uuid[]) AND (act = 'FILED' OR detail->>'version' IS NOT NULL)
ORDER BY tramite_id, sequence
"""

HISTORY = """
SELECT e.sequence, e.at, e.act, e.role, e.from_status, e.to_status, coalesce(w.text, e.text) AS text,
    t.id AS tramite_id, t.number, t.applicant_id, t.office_id
FROM unnest($1::uuid[], $3::text[]) AS asked (id, hidden) JOIN tramites t ON t.id = asked.id CROSS JOIN LATERAL (
    SELECT * FROM entries
    WHERE tramite_id = t.id AND act <> ALL (string_to_array(asked.hidden, ',')) ORDER BY sequence DESC LIMIT $2
) e LEFT JOIN entry_texts w ON w.sequence = e.sequence
ORDER BY e.sequence
"""
"""What is hidden is passed over before it is counted, so that nobody can tell how much there is of it."""


ATTACHMENTS = """
SELECT DISTINCT ON (position) * FROM attachments
WHERE tramite_id = {row}.id AND role <> 'ANSWER' AND ({version}::int IS NULL OR version <= {version})
ORDER BY position, version DESC
"""
ALL_ATTACHMENTS = """
SELECT * FROM attachments
WHERE tramite_id = {row}.id AND role <> 'ANSWER' AND ({version}::int IS NULL OR version <= {version})
ORDER BY version, position
"""
ANSWERS = "SELECT * FROM attachments WHERE tramite_id = {row}.id AND role = 'ANSWER' ORDER BY version, position"
VERSIONS_OF_ONE = """
SELECT at, act, coalesce((detail->>'version')::int, 1) AS number FROM entries
WHERE tramite_id = {row}.id AND (act = 'FILED' OR detail->>'version' IS NOT NULL) ORDER BY sequence
"""
RECEIPTS = "SELECT * FROM receipts WHERE tramite_id = {row}.id ORDER BY issued_at, version, id"
"""These select what the functions here return of the same things, for the one trámite in `{row}`."""


def history_sql(role: Role) -> str:
    """Return the selection of what `history_of` returns, for one trámite."""
    shown = [f"(act <> '{act}' OR {right_sql(role, right)})" for act, right in HIDDEN.items()]
    return f"""
        SELECT e.sequence, e.at, e.act, e.role, e.from_status, e.to_status, coalesce(w.text, e.text) AS text,
            {{row}}.applicant_id, {{row}}.office_id
        FROM (
            SELECT * FROM entries WHERE tramite_id = {{row}}.id AND {" AND ".join(shown)}
            ORDER BY sequence DESC LIMIT {{last}}
        ) e LEFT JOIN entry_texts w ON w.sequence = e.sequence ORDER BY e.sequence
    """  # noqa: S608 - our own words


def text_sql(role: Role) -> str:
    """Return what `text_for` returns of an act."""
    return f"CASE WHEN {{row}}.act <> 'REFERRED' OR {right_sql(role, Right.READ_NOTES)} THEN {{row}}.text END"


class TooManyAtOnce(InvalidInput):
    """A list was asked for with more items than are given at once, or with none."""

    code = "PAGE_SIZE"

    def __init__(self, argument: str) -> None:
        super().__init__(f"Pida de 1 a {MOST_AT_ONCE} elementos a la vez.", path=(argument,))


class UnknownCursor(InvalidInput):
    """The cursor is none that this counter gave."""

    code = "UNKNOWN_CURSOR"

    def __init__(self, argument: str = "after") -> None:
        super().__init__("El cursor no es válido. Vuelva a pedir la lista desde el comienzo.", path=(argument,))


@dataclass(frozen=True)
class PastAct:
    """An act in the history of a trámite, with how the trámite stands to people."""

    sequence: int
    at: datetime
    act: Act
    role: Role
    from_status: TramiteStatus | None
    to_status: TramiteStatus | None
    text: str | None
    tramite_id: UUID
    number: str
    applicant_id: UUID | None
    office_id: UUID


@dataclass(frozen=True)
class Version:
    """One time at which something was handed in for a trámite: as filed, or with a correction."""

    tramite_id: UUID
    number: int
    at: datetime
    act: Act


def check_count(count: int, argument: str) -> int:
    """
    Return how many items are asked for.

    Raises:
        TooManyAtOnce: fewer than one or more than a hundred.
    """
    if not 1 <= count <= MOST_AT_ONCE:
        raise TooManyAtOnce(argument)
    return count


async def find(viewer: Viewer, number: str) -> Tramite | None:
    """
    Return the trámite of that number; None if there is none that the viewer may see.

    Raises:
        InvalidNumber: the text is no number of a trámite, or was copied wrongly.
    """
    return await visible_tramites(viewer).get_or_none(number=str(parse_number(number)))


async def by_id(viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, Tramite]:
    """Return those of the given trámites that the viewer may see."""
    return {tramite.id: tramite for tramite in await visible_tramites(viewer).filter(id__in=list(ids))}


async def history_of(viewer: Viewer, tramite_ids: Collection[UUID], *, last: int) -> dict[UUID, list[PastAct]]:
    """
    Return the *last* acts of each trámite that its viewer may know of, the oldest first.

    Raises:
        TooManyAtOnce: fewer than one or more than a hundred are asked for.
    """
    check_count(last, "last")
    standing = await relations_of(viewer, tramite_ids)
    hidden = [",".join(sorted(hidden_acts(viewer.role, each))) for each in standing.values()]
    rows = await get_connections().get("default").execute_query_dict(HISTORY, [list(standing), last, hidden])
    found: dict[UUID, list[PastAct]] = {}
    for row in rows:
        act = act_of(row)
        found.setdefault(act.tramite_id, []).append(act)
    return found


def act_of(row: dict[str, object]) -> PastAct:
    """Return the act in a row with its columns and those of its trámite."""
    statuses = {name: TramiteStatus(row[name]) if row[name] else None for name in ("from_status", "to_status")}
    return PastAct(**{**row, **statuses, "act": Act(row["act"]), "role": Role(row["role"])})  # pyright: ignore[reportArgumentType]


async def attachments_of(tramite_ids: Collection[UUID]) -> dict[UUID, list[Attachment]]:
    """Return all files handed in for each trámite with their contents, the first version first, each in its order."""
    return await _files_of(Q(tramite_id__in=list(tramite_ids)) & ~Q(role=AttachmentRole.ANSWER))


async def answers_of(tramite_ids: Collection[UUID]) -> dict[UUID, list[Attachment]]:
    """Return all files with which each trámite was answered, with their contents, those of the first answer first."""
    return await _files_of(Q(tramite_id__in=list(tramite_ids), role=AttachmentRole.ANSWER))


async def _files_of(which: Q) -> dict[UUID, list[Attachment]]:
    found: dict[UUID, list[Attachment]] = {}
    files = Attachment.filter(which).select_related("content")
    for file in await files.order_by("version", "position"):
        found.setdefault(file.tramite_id, []).append(file)
    return found


def current_files(files: Iterable[Attachment]) -> list[Attachment]:
    """Return the latest version of each place, the main document first, of files as `attachments_of` gives them."""
    by_place = {file.position: file for file in files}
    return [by_place[place] for place in sorted(by_place)]


async def versions_of(tramite_ids: Collection[UUID]) -> dict[UUID, list[Version]]:
    """Return what was handed in for each trámite and when, the first version first."""
    rows = await get_connections().get("default").execute_query_dict(VERSIONS, [list(tramite_ids)])
    found: dict[UUID, list[Version]] = {}
    for row in rows:
        version = Version(row["tramite_id"], row["number"], row["at"], Act(row["act"]))
        found.setdefault(version.tramite_id, []).append(version)
    return found


async def receipts_of(tramite_ids: Collection[UUID]) -> dict[UUID, list[Receipt]]:
    """Return the receipts of each trámite, the oldest first."""
    found: dict[UUID, list[Receipt]] = {}
    for receipt in await Receipt.filter(tramite_id__in=list(tramite_ids)).order_by("issued_at", "version", "id"):
        found.setdefault(receipt.tramite_id, []).append(receipt)
    return found


async def allowed_steps(viewer: Viewer, tramites: Sequence[Tramite], *, at: datetime) -> dict[UUID, list[Step]]:
    """Return what the viewer may do with each trámite at the instant *at*, as far as there is a verb for it."""
    validated = await validated_among(tramite for tramite in tramites if tramite.applicant_id == viewer.user_id)
    steps = {tramite.id: _open_steps(viewer, tramite, is_validated=tramite.id in validated) for tramite in tramites}
    terms = await terms_of([tramite for tramite in tramites if Step.CORRECT in steps[tramite.id]], at=at)
    for id_, term in terms.items():
        if term is Term.OVER:
            steps[id_] -= {Step.CORRECT}
    return {id_: [step for step in OFFERED_STEPS if step in open_] for id_, open_ in steps.items()}


STEP_FACTS = {
    "is_validated": IS_VALIDATED,
    "told_at": TOLD_AT,
    "calendar_id": f"CASE WHEN {{row}}.status = 'OBSERVED' THEN {CALENDAR_NOW} END",
}
"""What `steps_at_once` must know of the trámite in `{row}` besides its columns."""


def steps_at_once(viewer: Viewer, tramite: Any, *, at: datetime) -> list[Step]:
    """
    Return what `allowed_steps` returns, of a row that was read with `STEP_FACTS`.

    Raises:
        NotAtHand: its calendar was not read yet.
    """
    open_ = _open_steps(viewer, tramite, is_validated=tramite.is_validated)
    if Step.CORRECT in open_ and tramite.correct_by is not None and term_at_once(tramite, at=at) is Term.OVER:
        open_ -= {Step.CORRECT}
    return [step for step in OFFERED_STEPS if step in open_]


def _open_steps(viewer: Viewer, tramite: Tramite, *, is_validated: bool) -> frozenset[Step]:
    relation = _relation(viewer, applicant_id=tramite.applicant_id, office_id=tramite.office_id)
    facts = Facts(
        tramite.status,
        observed_before=tramite.observed_before,
        is_received=tramite.received_at is not None,
        is_validated=is_validated,
        is_erased=tramite.erased_at is not None,
    )
    steps = steps_open_to(facts, acting_role(viewer.role, relation))
    if may(viewer.role, Right.ACT, relation) or may(viewer.role, Right.ACT_AS_APPLICANT, relation):
        return steps
    return steps & {Step.REOPEN} if may(viewer.role, Right.REOPEN, relation) else frozenset()


def text_for(viewer: Viewer, act: PastAct) -> str | None:
    """Return what was said with an act; a word between offices only to those who may read notes."""
    relation = _relation(viewer, applicant_id=act.applicant_id, office_id=act.office_id)
    is_note = act.act is Act.REFERRED
    return act.text if not is_note or may(viewer.role, Right.READ_NOTES, relation) else None


def _relation(viewer: Viewer, *, applicant_id: UUID | None, office_id: UUID) -> Relation:
    """Return how the viewer stands to a trámite now; that their office had it before gives no right but to see it."""
    return Relation(is_applicant=applicant_id == viewer.user_id, in_office=viewer.serves(office_id))
