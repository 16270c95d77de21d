"""Finding trámites: what a viewer may see, narrowed down, in an order that stays while others come and go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q

from reading.cursors import day_in, id_in, instant_in, place_of, values_in
from reading.narrowing import narrowed
from reading.patience import refused_if_slow
from reading.tramites import UnknownCursor, check_count
from rules.orders import TramiteOrder
from rules.refusals import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from tortoise.queryset import QuerySet, ValuesListQuery

    from models.tramites import Tramite
    from reading.access import Viewer
    from reading.filters import Filter
    from reading.narrowing import Part

PAGE_LENGTH = 20
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Sorting:
    """By which column a list is ordered, and which way."""

    column: str
    is_descending: bool

    @property
    def is_descending_in_index(self) -> bool:
        """Whether the indexes have it the other way round than what comes before it."""
        return self.column not in _SOONEST


_SOONEST = ("correct_by", "due_on")
"""Columns that are ordered by the soonest day only, and are empty for what has none."""

SORTINGS = {
    TramiteOrder.SENT_LATEST_FIRST: Sorting("sent_at", is_descending=True),
    TramiteOrder.SENT_EARLIEST_FIRST: Sorting("sent_at", is_descending=False),
    TramiteOrder.FILED_LATEST_FIRST: Sorting("filed_on", is_descending=True),
    TramiteOrder.DEADLINE_SOONEST_FIRST: Sorting("correct_by", is_descending=False),
    TramiteOrder.DUE_SOONEST_FIRST: Sorting("due_on", is_descending=False),
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
    """Which part of the list: the *first* after a place, or the *last* before one."""

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
class Found:
    """A part of a list, and whether there is more on either side of it."""

    tramites: list[Tramite]
    places: list[str]
    has_next: bool
    has_previous: bool
    everything: list[Part] = field(repr=False)

    async def count(self) -> int:
        """Return how many there are in all, counted up to one more than a thousand; further parts are not read then."""
        ids = set[Any]()
        with refused_if_slow():
            for part in self.everything:
                ids.update(await counted_of(part))
                if len(ids) > MOST_COUNTED:
                    return MOST_COUNTED + 1
        return len(ids)


async def find_tramites(viewer: Viewer, wanted: Filter, part: Slice, order: TramiteOrder, *, today: date) -> Found:
    """
    Return a part of what *viewer* may see and *wanted* describes on the day *today*.

    A place is no row: what is inserted, voided or referred meanwhile neither repeats nor hides
    another.

    Raises:
        InvalidInput: for every field of the filter that does not hold what it must.
        TooManyAtOnce, BothEnds, UnknownCursor: the part is none.
        SearchTooBroad: it takes too long.
    """
    part.length()
    with refused_if_slow():
        return await part_of(await narrowed(viewer, wanted, order, today=today), part, order)


async def part_of(everything: list[Part], part: Slice, order: TramiteOrder) -> Found:
    """Return a part of *everything*, in which a trámite may be more than once, as if it were in it once."""
    length = part.length()
    found = {row.id: row for each in everything for row in await page_of(each, part, order).limit(length + 1)}
    rows = _sorted(found.values(), order, is_backward=part.is_backward)
    has_more, rows = len(rows) > length, rows[:length]
    if part.is_backward:
        rows.reverse()
    return Found(
        rows,
        [place_told(order, getattr(row, SORTINGS[order].column), row.id) for row in rows],
        has_next=part.before is not None if part.is_backward else has_more,
        has_previous=has_more if part.is_backward else part.after is not None,
        everything=everything,
    )


def counted_of(everything: Part) -> ValuesListQuery[Any]:
    """Return the query of the ids of one more than a thousand: as far as anything is counted."""
    leading = () if everything.is_looked_up else everything.leading
    return everything.counted.order_by(*leading).limit(MOST_COUNTED + 1).values_list("id", flat=True)


def page_of(everything: Part, part: Slice, order: TramiteOrder) -> QuerySet[Tramite]:
    """Return the query of what lies beyond the part's place, the nearest first."""
    sorting, told = SORTINGS[order], part.before if part.is_backward else part.after
    before, column, id_ = everything.place(sorting.column)
    query = everything.query
    if told is not None:
        query = query.filter(_beyond(told, order, (column, id_), is_backward=part.is_backward))
    sign = "-" if sorting.is_descending is not part.is_backward else ""
    leading = [f"{'-' if sorting.is_descending_in_index is not bool(sign) else ''}{name}" for name in before]
    return query.order_by(*leading, f"{sign}{column}", f"{sign}{id_}")


def _sorted(rows: Iterable[Tramite], order: TramiteOrder, *, is_backward: bool) -> list[Tramite]:
    """Return rows of several queries of `page_of` as one query would give them."""
    sorting = SORTINGS[order]
    is_descending = sorting.is_descending is not is_backward
    return sorted(rows, key=lambda row: (getattr(row, sorting.column), row.id), reverse=is_descending)


def _beyond(told: str, order: TramiteOrder, names: tuple[str, str], *, is_backward: bool) -> Q:
    value, id_ = place_in(told, order)
    column, key = names
    side = "lt" if SORTINGS[order].is_descending is not is_backward else "gt"
    beyond: dict[str, Any] = {f"{column}__{side}": value}
    beside: dict[str, Any] = {column: value, f"{key}__{side}": id_}
    return Q(**beyond) | Q(**beside)


def place_told(order: TramiteOrder, value: datetime | date, id_: UUID) -> str:
    """Return the place of a row in a list of that order, whose column has the *value*."""
    return place_of(order.value, value.isoformat(), id_.hex)


def place_in(told: str, order: TramiteOrder) -> tuple[datetime | date, UUID]:
    """
    Return the column's value and the id that a place in a list of that order holds.

    Raises:
        UnknownCursor: it is of another order, or none.
    """
    known, value, id_ = values_in(told, count=3)
    if known != order:
        raise UnknownCursor
    return value_in(order, value), id_in(id_)


def value_in(order: TramiteOrder, told: str) -> datetime | date:
    """
    Return the value of an order's column that was told as text, by a place or by the database.

    Raises:
        UnknownCursor: it is none.
    """
    return instant_in(told) if SORTINGS[order].column == "sent_at" else day_in(told)
