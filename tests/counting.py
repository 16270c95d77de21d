"""Counting by hand: what a report must say, told from the register alone, trámite by trámite."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from models.catalogue import Office
from models.register import Entry
from models.tramites import Tramite
from reading.policies import calendar_of
from rules.due import DEFAULT_TERMS, begin_terms, resume_terms
from rules.lifecycle import TramiteStatus
from rules.register import Act
from rules.reports import COUNTED_ACTS, Line, ReportGroup, ReportStep, StepTime
from rules.workdays import day_of, filed_on

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from reading.reports import Wanted
    from rules.due import Due
    from rules.workdays import Calendar

OPEN = (TramiteStatus.PENDING, TramiteStatus.OBSERVED, TramiteStatus.REFERRED)


Acts: TypeAlias = dict[str | None, Tally[Act]]
Times: TypeAlias = dict[str | None, dict[ReportStep, list[int]]]


@dataclass(frozen=True)
class Moment:
    """An act, and where it left its trámite; `office` is that which acted, `lies_in` where it lies then."""

    entry: Entry
    channel: str
    office: str
    lies_in: str
    kind: str | None
    due: date | None

    @property
    def day(self) -> date:
        """The day in Lima."""
        return day_of(self.entry.at)

    @property
    def status(self) -> TramiteStatus:
        """The status that it led to."""
        assert self.entry.to_status is not None
        return self.entry.to_status


async def moments() -> list[list[Moment]]:
    """Return the acts of each trámite in the order of the register."""
    entries = await Entry.exclude(tramite_id=None).exclude(to_status=None).order_by("sequence")
    tramites = {tramite.id: tramite for tramite in await Tramite.all().select_related("office")}
    each: dict[object, list[Entry]] = {}
    for entry in entries:
        each.setdefault(entry.tramite_id, []).append(entry)
    return [await _moments(tramites[tramite_id], acts) for tramite_id, acts in each.items()]  # pyright: ignore[reportArgumentType]


async def _moments(tramite: Tramite, entries: list[Entry]) -> list[Moment]:
    filed = entries[0].detail
    lies_in, kind, found = filed["officeCode"], filed["documentKind"], list[Moment]()
    calendar = await calendar_of(await Office.get(code=lies_in), at=tramite.sent_at)
    due = begin_terms(date.fromisoformat(filed["filedOn"]), DEFAULT_TERMS, calendar)
    observed_on = date.min
    for entry in entries:
        observed_on = day_of(entry.at) if entry.act is Act.OBSERVED else observed_on
        due = terms_after(due, entry, observed_on, calendar)
        acting = lies_in
        changes: dict[str, dict[str, Any]] = entry.detail.get("changes", {})
        kind = changes["documentKind"]["after"] if "documentKind" in changes else kind
        lies_in = entry.detail.get("toOffice") or changes.get("officeCode", {}).get("after") or lies_in
        acting = acting if entry.act is Act.REFERRED else lies_in
        found.append(Moment(entry, tramite.channel.value, acting, lies_in, kind, due_after(tramite, entry, due)))
    return found


def terms_after(due: Due, entry: Entry, observed_on: date, calendar: Calendar) -> Due:
    """Return the terms of the desk that stand after an act: what waited before it waited by those of then."""
    day = filed_on(entry.at, calendar).day
    match entry.act:
        case Act.CORRECTED:
            return resume_terms(due, observed_on=observed_on, corrected_on=day, terms=DEFAULT_TERMS, calendar=calendar)
        case Act.REOPENED:
            return begin_terms(day, DEFAULT_TERMS, calendar)
        case _:
            return due


def due_after(tramite: Tramite, entry: Entry, due: Due) -> date | None:
    """Return until when a trámite waits after an act; *due* is until when it waits for the desk."""
    match entry.to_status:
        case TramiteStatus.OBSERVED:
            return tramite.correct_by
        case TramiteStatus.PENDING:
            return due.route_by
        case TramiteStatus.REFERRED:
            return due.attend_by
        case _:
            return None


async def count_by_hand(wanted: Wanted, *, at: datetime) -> dict[str | None, Line]:
    """Return the lines of which there is anything, by their keys; without labels."""
    counted_on, tramites = min(wanted.period.to_on, day_of(at)), await moments()
    acts, times = _done(wanted, tramites)
    days = _days(wanted.period.from_on, counted_on) if wanted.group is ReportGroup.DAY else [counted_on]
    waiting, late = Tally[str | None](), Tally[str | None]()
    for day in days:
        for key, is_late in _waiting(wanted, tramites, day):
            waiting[key] += 1
            late[key] += is_late
    return {
        key: Line(
            key,
            "",
            dict(acts.get(key, {})),
            waiting[key],
            late[key],
            {step: _time(seconds) for step, seconds in times.get(key, {}).items()},
        )
        for key in {*acts, *times, *waiting}
    }


def _done(wanted: Wanted, tramites: list[list[Moment]]) -> tuple[Acts, Times]:
    acts, times = Acts(), Times()
    for each in tramites:
        for place, moment in enumerate(each):
            if not (wanted.period.from_on <= moment.day <= wanted.period.to_on and fits(wanted, moment, moment.office)):
                continue
            key = key_of(wanted, moment, moment.office, moment.day)
            if moment.entry.act in COUNTED_ACTS:
                acts.setdefault(key, Tally())[moment.entry.act] += 1
            for step, seconds in times_of(each[: place + 1]):
                times.setdefault(key, {}).setdefault(step, []).append(seconds)
    return acts, times


def _waiting(wanted: Wanted, tramites: list[list[Moment]], day: date) -> Iterable[tuple[str | None, bool]]:
    """Return the line of each that waits when *day* ends, and whether it is late."""
    for each in tramites:
        lies = [moment for moment in each if moment.day <= day]
        if lies and lies[-1].status in OPEN and fits(wanted, lies[-1], lies[-1].lies_in):
            due = lies[-1].due
            yield key_of(wanted, lies[-1], lies[-1].lies_in, day), due is not None and due < day


def times_of(acts: list[Moment]) -> Iterable[tuple[ReportStep, int]]:
    """Return the steps that end with the last of *acts*."""
    last, before = acts[-1], acts[:-1]
    reopened = [moment for moment in before if moment.entry.act is Act.REOPENED]
    received = [moment for moment in before if moment.entry.act in (Act.REFERRED, Act.RESOLVED)]
    match last.entry.act:
        case Act.CORRECTED:
            observed = [moment for moment in before if moment.entry.act is Act.OBSERVED]
            yield ReportStep.CORRECTION, _seconds(observed[-1], last)
        case Act.OBSERVED if not reopened:
            yield ReportStep.OBSERVATION, _seconds(acts[0], last)
        case Act.RESOLVED if reopened:
            yield ReportStep.ANSWER_AGAIN, _seconds(reopened[-1], last)
        case Act.RESOLVED:
            yield ReportStep.RESOLUTION, _seconds(acts[0], last)
            yield (ReportStep.ANSWER if received else ReportStep.RECEPTION), _seconds((received or acts)[0], last)
        case Act.REFERRED if not received and not reopened:
            yield ReportStep.RECEPTION, _seconds(acts[0], last)
        case _:
            pass


def _seconds(first: Moment, last: Moment) -> int:
    return max(0, (last.entry.at - first.entry.at) // timedelta(seconds=1))


def _time(seconds: list[int]) -> StepTime:
    """Return the least of the times within which five, and nine, of ten were done."""
    ordered = sorted(seconds)

    def least(tenths: int) -> int:
        return next(each for place, each in enumerate(ordered, 1) if 10 * place >= tenths * len(ordered))

    return StepTime(len(ordered), least(5), least(9))


def fits(wanted: Wanted, moment: Moment, office: str) -> bool:
    """Say whether an act, or what waits since, is asked for."""
    return (
        (not wanted.office_codes or office in wanted.office_codes)
        and (not wanted.document_kinds or moment.kind in wanted.document_kinds)
        and (not wanted.statuses or moment.status in wanted.statuses)
        and wanted.channel in (None, moment.channel)
    )


def key_of(wanted: Wanted, moment: Moment, office: str, day: date) -> str | None:
    """Return the line in which it is counted."""
    keys: dict[ReportGroup | None, str | None] = {
        None: None,
        ReportGroup.OFFICE: office,
        ReportGroup.DOCUMENT_KIND: moment.kind,
        ReportGroup.STATUS: moment.status.value,
        ReportGroup.CHANNEL: moment.channel,
        ReportGroup.DAY: day.isoformat(),
    }
    return keys[wanted.group]


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
