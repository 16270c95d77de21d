"""Finding trámites: what a viewer may see, narrowed down, in an order that stays while others come and go."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q, RawSQL

from models.tramites import Tramite
from reading.access import sees_only_own, visible_tramites
from reading.catalogue import is_office_code
from reading.cursors import cursor_of, day_in, id_in, instant_in, values_in
from reading.tramites import UnknownCursor, check_count
from rules.lifecycle import TramiteStatus
from rules.numbering import parse_number
from rules.orders import TramiteOrder
from rules.people import clean_ruc
from rules.refusals import Checks, InvalidInput
from rules.workdays import LIMA

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.queryset import QuerySet

    from reading.access import Viewer
    from rules.catalogue import Channel, DocumentKind

PAGE_LENGTH = 20
MOST_COUNTED = 1_000
MOST_CHOICES = 20
LONGEST_TEXT = 200
MOST_WORDS = 10
LONGEST_WORD = 40
_WORD = re.compile(r"[^\W_]+")
_NUMBER_BEGINNING = re.compile(r"[A-Z0-9-]{1,24}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Sorting:
    column: str
    is_descending: bool


_SORTINGS = {
    TramiteOrder.SENT_LATEST_FIRST: _Sorting("sent_at", is_descending=True),
    TramiteOrder.SENT_EARLIEST_FIRST: _Sorting("sent_at", is_descending=False),
    TramiteOrder.FILED_LATEST_FIRST: _Sorting("filed_on", is_descending=True),
    TramiteOrder.DEADLINE_SOONEST_FIRST: _Sorting("correct_by", is_descending=False),
}


class TextUnsearchable(InvalidInput):
    """The text holds nothing that can be looked for, or too much."""

    code = "TEXT_UNSEARCHABLE"

    def __init__(self) -> None:
        super().__init__(f"Escriba al menos una palabra, y hasta {LONGEST_TEXT} caracteres.")


class NumberUnsearchable(InvalidInput):
    """The text is not how a number begins."""

    code = "NUMBER_UNSEARCHABLE"

    def __init__(self) -> None:
        super().__init__("Escriba el número de trámite, o su comienzo, por ejemplo MPD-2026-0000.")


class TooManyChoices(InvalidInput):
    """A list in the filter is too long."""

    code = "TOO_MANY_CHOICES"

    def __init__(self) -> None:
        super().__init__(f"Elija hasta {MOST_CHOICES} valores.")


class BothEnds(InvalidInput):
    """A page is asked for from both ends."""

    code = "PAGE_FROM_BOTH_ENDS"

    def __init__(self) -> None:
        super().__init__(
            "Pida la lista desde un solo lado: «first» con «after», o «last» con «before».", path=("last",)
        )


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What trámites must be like; days are Lima's, both ends count. Voided ones only where a status asks for them."""

    number: str | None = None
    document_kinds: tuple[DocumentKind, ...] = ()
    statuses: tuple[TramiteStatus, ...] = ()
    channel: Channel | None = None
    office_codes: tuple[str, ...] = ()
    organization_ruc: str | None = None
    sent_from: date | None = None
    sent_to: date | None = None
    filed_from: date | None = None
    filed_to: date | None = None
    text: str | None = None


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
class Found:
    """A part of a list, and whether there is more on either side of it."""

    tramites: list[Tramite]
    cursors: list[str]
    has_next: bool
    has_previous: bool
    everything: QuerySet[Tramite] = field(repr=False)

    async def count(self) -> int:
        """Return how many there are in all, counted up to one more than a thousand."""
        return len(await self.everything.limit(MOST_COUNTED + 1).values_list("id", flat=True))


async def find_tramites(viewer: Viewer, wanted: Filter, part: Slice, order: TramiteOrder) -> Found:
    """
    Return a part of what *viewer* may see and *wanted* describes.

    A cursor names a place and not a row: what is inserted, voided or referred meanwhile neither repeats nor hides
    another.

    Raises:
        InvalidInput: for every field of the filter that does not hold what it must.
        TooManyAtOnce, BothEnds, UnknownCursor: the part is none.
    """
    length, everything = part.length(), narrowed(viewer, wanted, order)
    found = await page_of(everything, part, order).limit(length + 1)
    has_more, rows = len(found) > length, found[:length]
    if part.is_backward:
        rows.reverse()
    return Found(
        rows,
        [_cursor(row, order) for row in rows],
        has_next=part.before is not None if part.is_backward else has_more,
        has_previous=has_more if part.is_backward else part.after is not None,
        everything=everything,
    )


def page_of(everything: QuerySet[Tramite], part: Slice, order: TramiteOrder) -> QuerySet[Tramite]:
    """Return the query of what lies beyond the part's cursor, the nearest first."""
    sorting, cursor = _SORTINGS[order], part.before if part.is_backward else part.after
    query = (
        everything.filter(_beyond(cursor, order, is_backward=part.is_backward)) if cursor is not None else everything
    )
    sign = "-" if sorting.is_descending is not part.is_backward else ""
    return query.order_by(f"{sign}{sorting.column}", f"{sign}id")


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


def narrowed(viewer: Viewer, wanted: Filter, order: TramiteOrder) -> QuerySet[Tramite]:
    """
    Return the query of all that *viewer* may see and *wanted* describes and *order* has a place for.

    Raises:
        InvalidInput: for every field of the filter that does not hold what it must.
    """
    checks = Checks()
    condition = (
        _statuses(checks, wanted)
        & _choices(checks, wanted)
        & _number(checks, wanted.number)
        & _days(wanted)
        & _of_organization(checks, wanted.organization_ruc)
    )
    words = checks.take("text", search_words, wanted.text) if wanted.text is not None else None
    try:
        checks.refuse_any()
    except InvalidInput as refusal:
        raise refusal.at("filter") from None
    query = visible_tramites(viewer).filter(condition)
    if _SORTINGS[order].column == "correct_by":
        query = query.filter(correct_by__isnull=False)
    if words is None:
        return query
    matches = (
        f"\"tramites\".\"search\" @@ to_tsquery('public.spanish_plain', '{words}')"  # letters, digits, & and :* only
    )
    # Among one's own the words are compared row by row: with «IS TRUE» no index of everybody's words is thought of, and
    # what others file makes no search slower.
    indexed = f"({matches}) IS TRUE" if sees_only_own(viewer) else matches
    return query.annotate(matches=RawSQL(indexed)).filter(matches=True)


def _statuses(checks: Checks, wanted: Filter) -> Q:
    statuses = checks.take("statuses", _bounded, wanted.statuses)
    return Q(status__in=list(statuses)) if statuses else ~Q(status=TramiteStatus.VOIDED)


def _choices(checks: Checks, wanted: Filter) -> Q:
    condition = Q(channel=wanted.channel) if wanted.channel else Q()
    if kinds := checks.take("documentKinds", _bounded, wanted.document_kinds):
        condition &= Q(document_kind__in=list(kinds))
    if codes := checks.take("officeCodes", _bounded, wanted.office_codes):
        condition &= Q(office__code__in=[code for code in codes if is_office_code(code)])
    return condition


def _bounded(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(values) > MOST_CHOICES:
        raise TooManyChoices
    return values


def _number(checks: Checks, number: str | None) -> Q:
    beginning = checks.take("number", _beginning, number) if number is not None else None
    return Q(number__startswith=beginning) if beginning else Q()


def _beginning(number: str) -> str:
    try:
        return str(parse_number(number))
    except InvalidInput:
        typed = "".join(number.upper().split())
        if not _NUMBER_BEGINNING.fullmatch(typed):
            raise NumberUnsearchable from None
        return typed


def _days(wanted: Filter) -> Q:
    condition = Q()
    if wanted.sent_from:
        condition &= Q(sent_at__gte=datetime.combine(wanted.sent_from, time(), LIMA))
    if wanted.sent_to and wanted.sent_to < date.max:
        condition &= Q(sent_at__lt=datetime.combine(wanted.sent_to + timedelta(days=1), time(), LIMA))
    if wanted.filed_from:
        condition &= Q(filed_on__gte=wanted.filed_from)
    if wanted.filed_to:
        condition &= Q(filed_on__lte=wanted.filed_to)
    return condition


def _of_organization(checks: Checks, ruc: str | None) -> Q:
    known = checks.take("organizationRuc", clean_ruc, ruc) if ruc is not None else None
    return Q(organization_ruc=known) if known else Q()


def search_words(text: str) -> str:
    """
    Return a text as PostgreSQL's `to_tsquery` takes it: all of its words, of the last one the beginning.

    Only letters and digits are left of it, so nothing that a person types is syntax.

    Raises:
        TextUnsearchable: there is no word, or the text is too long.
    """
    if len(text) > LONGEST_TEXT:
        raise TextUnsearchable
    words = [word[:LONGEST_WORD] for word in _WORD.findall(unicodedata.normalize("NFC", text))][:MOST_WORDS]
    if not words:
        raise TextUnsearchable
    return " & ".join(words) + ":*"
