"""What a list is read from: a query for each reason to see a trámite, so that each has an index to go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tortoise.connection import get_connections
from tortoise.expressions import Q, RawSQL

from models.tramites import Tramite
from reading.access import Reason, in_office, visible_parts
from reading.filters import meaning_of, waits_for_desk
from rules.lifecycle import TramiteStatus
from rules.orders import TramiteOrder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date
    from uuid import UUID

    from tortoise.queryset import QuerySet

    from reading.access import Viewer
    from reading.filters import Filter, Meaning

MOST_PARTS = 24
"""What is asked for in several statuses is read status by status, unless it were in more parts than so many."""

PROBED = 1_000
RARE_SHARE = 0.01
PROBE = """
SELECT count(*) FILTER (WHERE {condition}) AS found
FROM (SELECT * FROM tramites ORDER BY sent_at DESC LIMIT $1) tramites
"""

_PLACELESS = {TramiteOrder.DEADLINE_SOONEST_FIRST: "correct_by", TramiteOrder.DUE_SOONEST_FIRST: "due_on"}
"""Orders by a column that is empty for what has no place in them."""


@dataclass(frozen=True)
class Part:
    """What is found for one reason to see it."""

    reason: Reason
    query: QuerySet[Tramite]

    @property
    def leading(self) -> tuple[str, ...]:
        """The column that comes before the order, as it does in the index by which this is read."""
        return ("office_id",) if self.reason is Reason.IN_OFFICE else ()


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
    Return the queries of what waits for the desk of the *offices*, None for all offices there are.

    Raises:
        InvalidInput: as for `narrowed`.
    """
    meaning = await meaning_of(wanted, viewer, today=today)
    seen = (
        [(Reason.ANY, Q(id__isnull=False))]
        if offices is None
        else [(Reason.IN_OFFICE, in_office(id_)) for id_ in offices]
    )
    parts = await _parts(seen, viewer, meaning, order)
    return [Part(part.reason, part.query.filter(waits_for_desk(today))) for part in parts]


def _seen(viewer: Viewer, offices: Sequence[UUID] | None) -> list[tuple[Reason, Q]]:
    """Return why *viewer* may see what lies in the *offices*; each of these is read apart, and no other."""
    everything = visible_parts(viewer)
    if offices is None:
        return everything
    reasons = {reason for reason, _ in everything}
    seen = offices if Reason.ANY in reasons else [id_ for id_ in offices if id_ in viewer.office_ids]
    others = [(reason, which) for reason, which in everything if reason in (Reason.OWN, Reason.REFERRED)]
    return [
        *((Reason.IN_OFFICE, in_office(id_)) for id_ in seen if reasons & {Reason.ANY, Reason.IN_OFFICE}),
        *((reason, which & Q(office_id__in=list(offices))) for reason, which in others),
    ]


async def _parts(seen: list[tuple[Reason, Q]], viewer: Viewer, meaning: Meaning, order: TramiteOrder) -> list[Part]:
    condition = meaning.condition
    if order in _PLACELESS:
        placed: dict[str, Any] = {f"{_PLACELESS[order]}__isnull": False}
        condition &= Q(**placed)
    if meaning.is_of_desk or order is TramiteOrder.DUE_SOONEST_FIRST:
        condition &= Q(Q(applicant_id__isnull=True), ~Q(applicant_id=viewer.user_id), join_type=Q.OR)
        seen = [each for each in seen if each[0] is not Reason.OWN]
    words = await _weighed(meaning.words)
    return [
        Part(reason, _matching(Tramite.filter(which, condition, status), reason, words))
        for reason, which in seen
        for status in _statuses(meaning.statuses, reason, of=len(seen))
    ]


def _statuses(statuses: tuple[TramiteStatus, ...], reason: Reason, *, of: int) -> Iterable[Q]:
    """Return the conditions for the statuses: one by one, where an index has each in the order that is asked for."""
    if not statuses:
        return [~Q(status=TramiteStatus.VOIDED)]
    if reason in (Reason.IN_OFFICE, Reason.ANY) and len(statuses) * of <= MOST_PARTS:
        return [Q(status=status) for status in statuses]
    return [Q(status__in=list(statuses))]


def _matching(query: QuerySet[Tramite], reason: Reason, words: Collection[Words]) -> QuerySet[Tramite]:
    """Narrow a query down to what has the *words*."""
    for each in words:
        # Among one's own the words are compared row by row: with «IS TRUE» no index of everybody's words is thought of,
        # and what others file makes no search slower.
        matches = f"({each.condition}) IS TRUE" if reason is Reason.OWN else each.condition
        query = query.annotate(**{f"has_{each.column}": RawSQL(matches)}).filter(**{f"has_{each.column}": True})
    return query


@dataclass(frozen=True)
class Words:
    """Words to be looked for in a column, as `to_tsquery` takes them; whether hardly anything has them."""

    column: str
    text: str
    is_rare: bool

    @property
    def condition(self) -> str:
        """
        The condition in SQL.

        The planner takes the beginning of a word to be in every two hundredth row at least, and would go through all in
        their order to meet it soon. Said twice, it is taken for as rare as it is, and is looked up in its index.
        """
        once = f"\"tramites\".\"{self.column}\" @@ to_tsquery('public.spanish_plain', '{self.text}')"
        return f"{once} AND {once}" if self.is_rare else once


async def _weighed(words: dict[str, str]) -> list[Words]:
    """Return words with whether they are rare, by how many of the latest trámites have them."""
    weighed = list[Words]()
    for column, text in words.items():
        probe = PROBE.format(condition=Words(column, text, is_rare=False).condition)
        [row] = await get_connections().get("default").execute_query_dict(probe, [PROBED])
        weighed.append(Words(column, text, is_rare=row["found"] < PROBED * RARE_SHARE))
    return weighed
