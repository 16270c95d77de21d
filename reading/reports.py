"""Reports: acts, what waits, and the times of steps, counted from the facts that the database keeps of each act."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, assert_never

from tortoise.connection import get_connections

from reading.catalogue import is_code
from reading.report_sums import by_days, by_lines
from rules.catalogue import Channel, DocumentKind
from rules.choices import check_choices
from rules.duties import Duty, has_duty
from rules.lifecycle import TramiteStatus
from rules.refusals import Checks
from rules.register import Act
from rules.reports import Line, Period, ReportGroup, ReportStep, StepTime, check_period
from rules.service_tokens import Scope
from rules.workdays import day_of

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from reading.access import Viewer

NO_KIND = ""
"""What is kept as the kind of what none is known of."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a report shall tell of, and by what apart; an empty list means all."""

    period: Period
    group: ReportGroup | None = None
    office_codes: tuple[str, ...] = ()
    document_kinds: tuple[DocumentKind, ...] = ()
    statuses: tuple[TramiteStatus, ...] = ()
    channel: Channel | None = None
    within: frozenset[UUID] | None = None
    """Of which offices a program may read, None for any."""


@dataclass(frozen=True)
class Report:
    """A report; what waits is counted as it is at the end of the day `waiting_on`."""

    waiting_on: date
    group: ReportGroup | None
    lines: list[Line]


async def report_of(viewer: Viewer, wanted: Wanted, *, at: datetime) -> Report | None:
    """
    Return a report as of the instant *at*; None for who has no duty to see any.

    An act counts on the day in Lima on which it was done, with the office, kind and channel that the trámite had then
    and the status that it led to; a referral with the office that referred. What waits, and what is late, is counted
    as of the end of the period, or of today while that is to come. All of it is of one moment, and exact.

    Raises:
        InvalidInput: the period is none or too long, or a list is.
    """
    if not has_duty(viewer.role, Duty.SEE_REPORTS) or not viewer.may_read(Scope.REPORTS):
        return None
    if viewer.is_program and not viewer.has_all_offices:
        wanted = replace(wanted, within=viewer.office_ids)
    check_period(wanted.period, group=wanted.group)
    _check_lists(wanted)
    counted_on = min(wanted.period.to_on, day_of(at))
    statement, values = question(wanted, counted_on)
    found = await get_connections().get("default").execute_query_dict(statement, values)
    return Report(counted_on, wanted.group, _lines(wanted, found, counted_on))


def _check_lists(wanted: Wanted) -> None:
    checks = Checks()
    checks.take("officeCodes", check_choices, wanted.office_codes)
    checks.take("documentKinds", check_choices, wanted.document_kinds)
    checks.take("statuses", check_choices, wanted.statuses)
    checks.refuse_any()


def question(wanted: Wanted, counted_on: date) -> tuple[str, list[Any]]:
    """Return the statement that answers, and its values."""
    which = [
        [code for code in wanted.office_codes if is_code(code)] if wanted.office_codes else None,
        None if wanted.within is None else list(wanted.within),
        list(wanted.document_kinds) or None,
        list(wanted.statuses) or None,
        wanted.channel,
    ]
    if wanted.group is ReportGroup.DAY:
        return by_days(which, wanted.period, counted_on)
    return by_lines(which, wanted.period, counted_on, group=wanted.group, lines=_known_lines(wanted))


def _known_lines(wanted: Wanted) -> dict[str, str]:
    """Return the keys of all lines in their order, with what people call them; none where the database tells them."""
    match wanted.group:
        case None:
            return {"": "Total"}
        case ReportGroup.DOCUMENT_KIND:
            kinds = {kind.value: kind.label for kind in wanted.document_kinds or DocumentKind}
            return {**kinds, NO_KIND: "Sin tipo"}
        case ReportGroup.STATUS:
            return {
                status.value: status.label for status in TramiteStatus if status in (wanted.statuses or TramiteStatus)
            }
        case ReportGroup.CHANNEL:
            return {channel.value: channel.label for channel in Channel if wanted.channel in (None, channel)}
        case ReportGroup.OFFICE | ReportGroup.DAY:
            return {}
        case _:
            assert_never(wanted.group)


def _lines(wanted: Wanted, found: list[dict[str, Any]], counted_on: date) -> list[Line]:
    rows: dict[int, list[dict[str, Any]]] = {}
    for row in found:
        rows.setdefault(row["place"], []).append(row)
    if wanted.group is ReportGroup.DAY:
        days = enumerate(Period(wanted.period.from_on, counted_on).days())
        return [_line(day.isoformat(), f"{day:%d/%m/%Y}", rows.get(place, [])) for place, day in days]
    is_by_kind, named = wanted.group is ReportGroup.DOCUMENT_KIND, [row for row in found if row["key"] is not None]
    return [
        _line(row["key"] or None, row["label"], [each for each in rows[row["place"]] if each is not row])
        for row in sorted(named, key=itemgetter("place"))
        # That there is anything of no known kind is told once there was.
        if not is_by_kind or row["key"] != NO_KIND or row["counted"]
    ]


def _line(key: str | None, label: str, rows: list[dict[str, Any]]) -> Line:
    acts = {Act(row["act"]): row["counted"] for row in rows if row["act"]}
    waits = [(row["counted"], row["more"]) for row in rows if not row["act"] and not row["step"]]
    times = {(row["step"], row["tenths"]): row for row in rows if row["step"]}
    steps = {
        step: StepTime(median["counted"], median["more"], times[number, 9]["more"])
        for number, step in enumerate(ReportStep, 1)
        if (median := times.get((number, 5)))
    }
    waiting, late = waits[0] if waits else (0, 0)
    return Line(key, label, acts, waiting or 0, late or 0, steps)
