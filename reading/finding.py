"""Finding trámites: what a viewer may see, narrowed down, in an order that stays while others come and go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q, RawSQL

from models.tramites import Tramite
from reading.access import Reason, visible_parts
from reading.cursors import cursor_of, day_in, id_in, instant_in, values_in
from reading.filters import judged
from reading.tramites import UnknownCursor, check_count
from rules.orders import TramiteOrder
from rules.refusals import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from tortoise.queryset import QuerySet, ValuesListQuery

    from reading.access import Viewer
    from reading.filters import Filter

PAGE_LENGTH = 20
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class _Sorting:
    column: str
    is_descending: bool

    @property
    def is_descending_in_index(self) -> bool:
        """Whether the indexes have it the other way round than what comes before it."""
        return self.column != "correct_by"


_SORTINGS = {
    TramiteOrder.SENT_LATEST_FIRST: _Sorting("sent_at", is_descending=True),
    TramiteOrder.SENT_EARLIEST_FIRST: _Sorting("sent_at", is_descending=False),
    TramiteOrder.FILED_LATEST_FIRST: _Sorting("filed_on", is_descending=True),
    TramiteOrder.DEADLINE_SOONEST_FIRST: _Sorting("correct_by", is_descending=False),
}


class BothEnds(InvalidInput):
    """A page is asked for from both ends."""

    code = "PAGE_FROM_BOTH_ENDS"

    def __init__(self) -> None:
        super().__init__(
            "Pida la lista desde un solo lado: «first» con «after», o «last» con «before».", path=("last",)
        )


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Which part of the list: the *first* after a cursor, or the *last* before one."""

    first: int | None = None
    after: str | None = None
    last_: int | None = None
    before: str | None = None

    @property
    def is_backward(self) -> bool:
        """Whether it is the last ones that are asked for."""
        return self.last_ is not None or self.before is not None

    def length(self) -> int:
        """
        Return how many are asked for.

        Raises:
            BothEnds: it is asked from both ends.
            TooManyAtOnce: fewer than one or more than a hundred.
        """
        if self.is_backward and (self.first is not None or self.after is not None):
            raise BothEnds
        if self.is_backward:
            return check_count(PAGE_LENGTH if self.last_ is None else self.last_, "last")
        return check_count(PAGE_LENGTH if self.first is None else self.first, "first")


@dataclass(frozen=True)
class Part:
    """What is found for one reason to see it."""

    reason: Reason
    query: QuerySet[Tramite]

    @property
    def leading(self) -> tuple[str, ...]:
        """The column that comes before the order, as it does in the index by which this is read."""
        return ("office_id",) if self.reason is Reason.IN_OFFICE else ()


@dataclass(frozen=True)
class Found:
    """A part of a list, and whether there is more on either side of it."""

    tramites: list[Tramite]
    cursors: list[str]
    has_next: bool
    has_previous: bool
    everything: list[Part] = field(repr=False)

    async def count(self) -> int:
        """Return how many there are in all, counted up to one more than a thousand."""
        ids = {id_ for part in self.everything for id_ in await counted_of(part)}
        return min(len(ids), MOST_COUNTED + 1)


async def find_tramites(viewer: Viewer, wanted: Filter, part: Slice, order: TramiteOrder) -> Found:
    """
    Return a part of what *viewer* may see and *wanted* describes.

    A cursor names a place and not a row: what is inserted, voided or referred meanwhile neither repeats nor hides
    another.

    Raises:
        InvalidInput: for every field of the filter that does not hold what it must.
        TooManyAtOnce, BothEnds, UnknownCursor: the part is none.
    """
    length, everything = part.length(), await narrowed(viewer, wanted, order)
    found = {row.id: row for each in everything for row in await page_of(each, part, order).limit(length + 1)}
    rows = _sorted(found.values(), order, is_backward=part.is_backward)
    has_more, rows = len(rows) > length, rows[:length]
    if part.is_backward:
        rows.reverse()
    return Found(
        rows,
        [_cursor(row, order) for row in rows],
        has_next=part.before is not None if part.is_backward else has_more,
        has_previous=has_more if part.is_backward else part.after is not None,
        everything=everything,
    )


def counted_of(everything: Part) -> ValuesListQuery[Any]:
    """Return the query of the ids of one more than a thousand: as far as anything is counted."""
    return everything.query.order_by(*everything.leading).limit(MOST_COUNTED + 1).values_list("id", flat=True)


def page_of(everything: Part, part: Slice, order: TramiteOrder) -> QuerySet[Tramite]:
    """Return the query of what lies beyond the part's cursor, the nearest first."""
    sorting, cursor = _SORTINGS[order], part.before if part.is_backward else part.after
    query = everything.query
    if cursor is not None:
        query = query.filter(_beyond(cursor, order, is_backward=part.is_backward))
    sign = "-" if sorting.is_descending is not part.is_backward else ""
    leading = [
        f"{'-' if sorting.is_descending_in_index is not bool(sign) else ''}{name}" for name in everything.leading
    ]
    return query.order_by(*leading, f"{sign}{sorting.column}", f"{sign}id")


def _sorted(rows: Iterable[Tramite], order: TramiteOrder, *, is_backward: bool) -> list[Tramite]:
    """Return rows of several queries of `page_of` as one query would give them."""
    sorting = _SORTINGS[order]
    is_descending = sorting.is_descending is not is_backward
    return sorted(rows, key=lambda row: (getattr(row, sorting.column), row.id), reverse=is_descending)


def _beyond(cursor: str, order: TramiteOrder, *, is_backward: bool) -> Q:
    value, id_ = _place(cursor, order)
    sorting = _SORTINGS[order]
    side = "lt" if sorting.is_descending is not is_backward else "gt"
    beyond: dict[str, Any] = {f"{sorting.column}__{side}": value}
    beside: dict[str, Any] = {sorting.column: value, f"id__{side}": id_}
    return Q(**beyond) | Q(**beside)


def _cursor(tramite: Tramite, order: TramiteOrder) -> str:
    return cursor_of(order.value, getattr(tramite, _SORTINGS[order].column).isoformat(), tramite.id.hex)


def _place(cursor: str, order: TramiteOrder) -> tuple[datetime | date, UUID]:
    known, value, id_ = values_in(cursor, count=3)
    if known != order:
        raise UnknownCursor
    return (instant_in(value) if _SORTINGS[order].column == "sent_at" else day_in(value)), id_in(id_)


async def narrowed(viewer: Viewer, wanted: Filter, order: TramiteOrder) -> list[Part]:
    """
    Return the queries of all that *viewer* may see and *wanted* describes and *order* has a place for.

    They are several for a clerk, one for each reason to see a trámite; it may be among more than one of them. As one
    query they would be served by no index: with little to see, it would read through all that is not theirs.

    Raises:
        InvalidInput: for every field of the filter that does not hold what it must.
    """
    condition, words = await judged(wanted)
    if _SORTINGS[order].column == "correct_by":
        condition &= Q(correct_by__isnull=False)
    parts = [Part(reason, Tramite.filter(visible, condition)) for reason, visible in visible_parts(viewer)]
    return [Part(part.reason, _matching(part, words)) for part in parts] if words else parts


def _matching(part: Part, words: str) -> QuerySet[Tramite]:
    matches = (
        f"\"tramites\".\"search\" @@ to_tsquery('public.spanish_plain', '{words}')"  # letters, digits, & and :* only
    )
    # Among one's own the words are compared row by row: with «IS TRUE» no index of everybody's words is thought of, and
    # what others file makes no search slower.
    indexed = f"({matches}) IS TRUE" if part.reason is Reason.OWN else matches
    return part.query.annotate(matches=RawSQL(indexed)).filter(matches=True)
