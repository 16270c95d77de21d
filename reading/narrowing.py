"""What a list is read from: a query for each reason to see a trámite, so that each has an index to go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from tortoise.connection import get_connections
from tortoise.expressions import Q, RawSQL

from models.tramites import Tramite
from reading.access import Reason, in_office, visible_parts
from reading.filters import meaning_of, waits_for_desk
from reading.in_files import located
from rules.lifecycle import TramiteStatus
from rules.orders import TramiteOrder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date
    from uuid import UUID

    from tortoise.queryset import QuerySet

    from reading.access import Viewer
    from reading.filters import Filter, Meaning
    from reading.in_files import InFiles

MOST_PARTS = 24
"""What is asked for in several statuses is read status by status, unless it were in more parts than so many."""

PROBED = 2_000
FEWEST = 8
"""What fewer of so many latest trámites have is rare."""

MANY = 80
"""What so many of them have is frequent: the thousandth is met sooner on the way than all are looked up."""

PROBE = """
SELECT count(*) FILTER (WHERE {condition}) AS found
FROM (SELECT * FROM tramites ORDER BY sent_at DESC LIMIT $1) tramites
"""

_PLACELESS = {TramiteOrder.DEADLINE_SOONEST_FIRST: "correct_by", TramiteOrder.DUE_SOONEST_FIRST: "due_on"}
"""Orders by a column that is empty for what has no place in them."""

_DATES = {
    TramiteOrder.SENT_LATEST_FIRST: "sent_at",
    TramiteOrder.SENT_EARLIEST_FIRST: "sent_at",
    TramiteOrder.FILED_LATEST_FIRST: "filed_on",
}
"""Orders by one of the two dates."""

_KEPT_APART = ("status", "sent_at", "filed_on", "due_on")
"""Columns that what was referred is read by from `past_offices`, where each office has them in order."""


@dataclass(frozen=True)
class Part:
    """What is found for one reason to see it; `counted` finds the same, and is faster where there are many."""

    reason: Reason
    query: QuerySet[Tramite]
    counted: QuerySet[Tramite]
    is_looked_up: bool = False
    """Whether what is counted is looked up by its words, and then in no order, for which all had to be found first."""

    @property
    def leading(self) -> tuple[str, ...]:
        """The column that comes before the order, as it does in the index by which this is read."""
        match self.reason:
            case Reason.IN_OFFICE:
                return ("office_id",)
            case Reason.REFERRED:
                return ("past_offices__office_id",)
            case Reason.OWN | Reason.ANY:
                return ()
            case _:
                assert_never(self.reason)

    def place(self, column: str) -> tuple[tuple[str, ...], str, str]:
        """Return the columns that an order by *column* goes by: what leads, the column itself, the id."""
        if self.reason is not Reason.REFERRED:
            return self.leading, column, "id"
        if column not in _KEPT_APART:
            return (), column, "id"
        return self.leading, f"past_offices__{column}", "past_offices__tramite_id"


async def narrowed(viewer: Viewer, wanted: Filter, order: TramiteOrder, *, today: date) -> list[Part]:
    """
    Return the queries of all that *viewer* may see and *wanted* describes and *order* has a place for.

    They are several for a clerk, one for each reason to see a trámite; it may be among more than one of them. As one
    query they would be served by no index: with little to see, it would read through all that is not theirs.

    Raises:
        InvalidInput: for every field of the filter that does not hold what it must.
    """
    meaning = await meaning_of(wanted, viewer, today=today)
    return await _parts(_seen(viewer, meaning.offices), viewer, meaning, order)


async def waiting(
    viewer: Viewer, offices: Sequence[UUID] | None, wanted: Filter, order: TramiteOrder, *, today: date
) -> list[Part]:
    """
    Return the queries of what waits for the desk of the *offices*, None for all; of those that *wanted* names, if any.

    Raises:
        InvalidInput: as for `narrowed`.
    """
    meaning = await meaning_of(wanted, viewer, today=today)
    if meaning.offices is not None:
        offices = [id_ for id_ in meaning.offices if offices is None or id_ in offices]
    seen = (
        [(Reason.ANY, Q(id__isnull=False))]
        if offices is None
        else [(Reason.IN_OFFICE, in_office(id_)) for id_ in offices]
    )
    return await _parts(seen, viewer, meaning, order, besides=waits_for_desk(today))


def _seen(viewer: Viewer, offices: Sequence[UUID] | None) -> list[tuple[Reason, Q]]:
    """
    Return why *viewer* may see what lies in the *offices*, None for any; each office apart, as it has its own index.

    Offices where trámites are now come before those that referred them, so that what is referred meanwhile is in one
    or the other.
    """
    everything = visible_parts(viewer)
    reasons = {reason for reason, _ in everything}
    if offices is not None and Reason.ANY in reasons:
        return [(Reason.IN_OFFICE, in_office(id_)) for id_ in offices]
    mine = sorted(viewer.office_ids if offices is None else viewer.office_ids.intersection(offices))
    now = Q() if offices is None else Q(office_id__in=list(offices))
    seen = [(reason, which & now) for reason, which in everything if reason in (Reason.OWN, Reason.ANY)]
    if Reason.IN_OFFICE in reasons:
        seen += [(Reason.IN_OFFICE, in_office(id_)) for id_ in mine]
    if Reason.REFERRED in reasons:
        seen += [(Reason.REFERRED, _was_in(id_) & now) for id_ in sorted(viewer.office_ids)]
    return seen


def _was_in(id_: UUID) -> Q:
    """Return the condition for what an office referred, as a range of one; see `in_office`."""
    return Q(past_offices__office_id__gte=id_, past_offices__office_id__lte=id_)


async def _parts(
    seen: list[tuple[Reason, Q]], viewer: Viewer, meaning: Meaning, order: TramiteOrder, *, besides: Q | None = None
) -> list[Part]:
    condition = meaning.condition if besides is None else meaning.condition & besides
    if meaning.is_of_desk or order is TramiteOrder.DUE_SOONEST_FIRST:
        condition &= Q(Q(applicant_id__isnull=True), ~Q(applicant_id=viewer.user_id), join_type=Q.OR)
        seen = [each for each in seen if each[0] is not Reason.OWN]
    words, files = await _weighed(meaning.words), await located(meaning.in_files)
    return [
        _part(
            reason,
            Tramite.filter(which, condition, status, _days(meaning, order, reason), _placed(order, reason)),
            words,
            files,
        )
        for reason, which in seen
        for status in _statuses(meaning.statuses, reason, of=len(seen))
    ]


def _part(reason: Reason, query: QuerySet[Tramite], words: Collection[Words], files: InFiles | None) -> Part:
    """Return what of *query* has the *words*, and in its *files* those that are looked for there."""
    query = files.narrow(query, reason) if files else query
    counted = query
    for each in words:
        # Among one's own the words are compared row by row, so that what others file makes no search slower.
        as_read = each.row_by_row if reason is Reason.OWN else each.condition
        as_counted = each.row_by_row if reason is Reason.OWN else each.to_be_counted
        query = _with(query, each.column, as_read)
        counted = _with(counted, each.column, as_counted)
    looks_up = reason is not Reason.OWN and any(not each.is_frequent for each in (*words, *([files] if files else [])))
    return Part(reason, query, counted, looks_up)


def _with(query: QuerySet[Tramite], column: str, condition: str) -> QuerySet[Tramite]:
    return query.annotate(**{f"has_{column}": RawSQL(condition)}).filter(**{f"has_{column}": True})


def _name(column: str, reason: Reason) -> str:
    """Return the column, or a bound of it, as what is seen for that reason has it."""
    is_apart = reason is Reason.REFERRED and column.partition("__")[0] in _KEPT_APART
    return f"past_offices__{column}" if is_apart else column


def _days(meaning: Meaning, order: TramiteOrder, reason: Reason) -> Q:
    days = meaning.days | meaning.implied.get(_DATES.get(order, ""), {})
    bounds: dict[str, Any] = {_name(column, reason): day for column, day in days.items()}
    return Q(**bounds)


def _placed(order: TramiteOrder, reason: Reason) -> Q:
    if order not in _PLACELESS:
        return Q()
    placed: dict[str, Any] = {f"{_name(_PLACELESS[order], reason)}__isnull": False}
    return Q(**placed)


def _statuses(statuses: tuple[TramiteStatus, ...], reason: Reason, *, of: int) -> Iterable[Q]:
    """Return the conditions for the statuses: one by one, where an index has each in the order that is asked for."""
    name = _name("status", reason)
    if not statuses:
        return [~Q(**{name: TramiteStatus.VOIDED})]
    if reason is not Reason.OWN and len(statuses) * of <= MOST_PARTS:
        return [Q(**{name: status}) for status in statuses]
    chosen: dict[str, Any] = {f"{name}__in": list(statuses)}
    return [Q(**chosen)]


@dataclass(frozen=True)
class Words:
    """Words to be looked for in a column, as `to_tsquery` takes them; how many of the latest trámites have them."""

    column: str
    text: str
    found: int = FEWEST

    @property
    def is_rare(self) -> bool:
        """Whether hardly anything has them."""
        return self.found < FEWEST

    @property
    def is_frequent(self) -> bool:
        """Whether they are met often enough on the way."""
        return self.found >= MANY

    @property
    def looked_up(self) -> str:
        """
        The condition as the index of words is asked, if the planner so likes.

        It takes the beginning of a word to be in every two hundredth row at least, and would go through all in their
        order to meet it soon. What is rare is said twice, and so taken for rarer.
        """
        return f"{self._once} AND {self._once}" if self.is_rare else self._once

    @property
    def row_by_row(self) -> str:
        """The condition in a form for which no index of words is thought of."""
        return f"({self._once}) IS TRUE"

    @property
    def condition(self) -> str:
        """
        The condition for one page: what is frequent is met soon in any order, what is rare is looked up.

        Of what is frequent the planner is told nothing: it takes two words to be together by chance alone.
        """
        return self.looked_up if self.is_rare else self._met

    @property
    def to_be_counted(self) -> str:
        """The condition for a count up to the thousandth."""
        return self._met if self.is_frequent else self.looked_up

    @property
    def _met(self) -> str:
        return f"CASE WHEN {self._once} THEN true ELSE false END"

    @property
    def _once(self) -> str:
        return f"\"tramites\".\"{self.column}\" @@ to_tsquery('public.spanish_plain', '{self.text}')"


async def _weighed(words: dict[str, str]) -> list[Words]:
    """Return words with how many of the latest trámites have them."""
    weighed = list[Words]()
    for column, text in words.items():
        probe = PROBE.format(condition=Words(column, text).looked_up)
        [row] = await get_connections().get("default").execute_query_dict(probe, [PROBED])
        weighed.append(Words(column, text, row["found"]))
    return weighed
