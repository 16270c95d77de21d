"""The register as it is read: what was said with an act, and the chains page by page for who audits them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tortoise.expressions import Q, RawSQL, Subquery
from tortoise.models import Model

from models.register import Entry, ReadEntry
from models.tramites import Tramite
from reading.cursors import number_in
from reading.tramites import check_count
from rules.duties import Duty, has_duty
from rules.numbering import parse_number

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.queryset import QuerySet

    from reading.access import Viewer
    from rules.reads import ReadKind
    from rules.register import Act

Row = TypeVar("Row", bound=Model)

LAST_SEQUENCE = 2**63 - 1

IS_ERASED = """
EXISTS (SELECT FROM entry_texts w WHERE w.sequence = "entries"."sequence" AND w.erased_at IS NOT NULL)
"""
"""Whether what was said with an entry was erased."""


@dataclass(frozen=True)
class ActPage:
    """Some entries in their order, what was said with each, and whether there are more."""

    entries: list[Entry]
    erased: frozenset[int]
    has_next: bool


@dataclass(frozen=True)
class ReadPage:
    """Some sensitive reads in their order, and whether there are more."""

    entries: list[ReadEntry]
    has_next: bool


@dataclass(frozen=True, kw_only=True)
class ActsWanted:
    """Which entries of the register."""

    act: Act | None = None
    tramite: str | None = None
    actor_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ReadsWanted:
    """Which sensitive reads."""

    kind: ReadKind | None = None
    tramite: str | None = None
    viewer_id: UUID | None = None
    subject_id: UUID | None = None


async def acts_page(viewer: Viewer, wanted: ActsWanted, *, first: int, after: str | None) -> ActPage:
    """
    Return the *first* entries of the register after a place, the oldest first; to who may not see it there are none.

    Raises:
        TooManyAtOnce, UnknownCursor, InvalidNumber: what they say.
    """
    which = _about(wanted.tramite) & _equal(act=wanted.act, actor_id=wanted.actor_id)
    query = Entry.filter(which).select_related("tramite").annotate(is_text_erased=RawSQL(IS_ERASED))
    rows: list[Any] = await _page(viewer, query, first=first, after=after)
    erased = frozenset(row.sequence for row in rows if row.is_text_erased)
    return ActPage(rows[:first], erased, has_next=len(rows) > first)


async def reads_page(viewer: Viewer, wanted: ReadsWanted, *, first: int, after: str | None) -> ReadPage:
    """
    Return the *first* sensitive reads after a place, the oldest first; to who may not see the register there are none.

    Raises:
        TooManyAtOnce, UnknownCursor, InvalidNumber: what they say.
    """
    same = _equal(kind=wanted.kind, viewer_id=wanted.viewer_id, subject_id=wanted.subject_id)
    found = ReadEntry.filter(_about(wanted.tramite) & same).select_related("tramite")
    rows = await _page(viewer, found, first=first, after=after)
    return ReadPage(rows[:first], has_next=len(rows) > first)


def place_at(sequence: int) -> str:
    """Return the place of an entry in its list."""
    return str(sequence)


async def _page(viewer: Viewer, query: QuerySet[Row], *, first: int, after: str | None) -> list[Row]:
    """Return one more than *first*, if there are so many."""
    check_count(first, "first")
    beyond = number_in(after, most=LAST_SEQUENCE) if after is not None else 0
    if not has_duty(viewer.role, Duty.SEE_REGISTER):
        return []
    return await query.filter(sequence__gt=beyond).order_by("sequence").limit(first + 1)


def _about(number: str | None) -> Q:
    if number is None:
        return Q()
    return Q(
        tramite_id__in=Subquery(
            Tramite.filter(number=str(parse_number(number, field="tramite"))).values_list("id", flat=True)
        )
    )


def _equal(**wanted: object) -> Q:
    return Q(*(Q(**{name: value}) for name, value in wanted.items() if value is not None))  # pyright: ignore[reportArgumentType]
