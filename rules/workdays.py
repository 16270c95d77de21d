"""The counter's days: Lima's clock, working days, the legal date of what is sent, deadlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

import holidays

from rules.refusals import InvalidInput

LIMA: Final = timezone(timedelta(hours=-5), "America/Lima")
"""
Peru's time as a fixed offset: UTC-5 all year, no summer time since 1994, and nothing here is older.

So it needs no zone data, which minimal machines lack, and a date once given can never change with an update of them.
"""

NATIONAL_SOURCE: Final = "Decreto Legislativo 713 y sus modificatorias"
"""The law of the national holidays."""

YEARS: Final = range(1990, 2101)
"""Years that may be asked for."""

_ONE_DAY = timedelta(days=1)
_MONTHS: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "setiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
_WEEKEND: Mapping[int, str] = {5: "sábado", 6: "domingo"}
_AFTER_CLOSING = "enviado después del horario de atención"


class FilingPolicy(StrEnum):
    """
    How the hour of sending counts.

    A: any time on a working day counts that day (Ley 27444, art. 123, amended by Ley 31465).
    B: after closing time it counts the next working day (DS 029-2021-PCM, art. 46.2 b, amended by DS 075-2023-PCM).
    """

    A = "A"
    B = "B"

    @property
    def other(self) -> FilingPolicy:
        """The one that does not apply."""
        return FilingPolicy.B if self is FilingPolicy.A else FilingPolicy.A

    @property
    def sentence(self) -> str:
        """The rule in Spanish, for people."""
        return _SENTENCES[self]

    @property
    def source(self) -> str:
        """The law that it comes from, in Spanish."""
        return _SOURCES[self]


_SENTENCES: Mapping[FilingPolicy, str] = {
    FilingPolicy.A: "Lo enviado a cualquier hora de un día hábil se tiene por presentado ese mismo día; lo enviado en "
    "un día no hábil, el primer día hábil siguiente.",
    FilingPolicy.B: "Lo enviado en un día hábil hasta la hora de cierre se tiene por presentado ese mismo día; lo "
    "enviado después, o en un día no hábil, el primer día hábil siguiente.",
}
_SOURCES: Mapping[FilingPolicy, str] = {
    FilingPolicy.A: "Ley 27444, artículo 123, modificado por la Ley 31465",
    FilingPolicy.B: "Decreto Supremo 029-2021-PCM, artículo 46.2 b), modificado por el Decreto Supremo 075-2023-PCM",
}
CORRECTION_SOURCE: Final = "TUO de la Ley 27444, artículos 136.1 y 144"
"""The law of the two working days to correct what was observed, and of how a term is counted."""


class YearOutOfRange(InvalidInput):
    """A year of which there is no calendar."""

    code = "YEAR_OUT_OF_RANGE"

    def __init__(self) -> None:
        super().__init__(f"Indique un año desde {YEARS.start} hasta {YEARS.stop - 1}.", path=("year",))


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """Why a day other than a weekend does not count: its name, and the law or decree that says so."""

    name: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """
    By what an office dates: its policy, hours, and the days it is closed besides weekends.

    `version` changes whenever any of it changes, and is kept with each date. Hours are Lima's. `closed` holds the
    holidays and the days declared by decree or region; of years after `closed_until`, of which nothing is recorded,
    the national holidays are those that the library knows.
    """

    version: str
    policy: FilingPolicy = FilingPolicy.A
    opens_at: time = time(8, 30)
    closes_at: time = time(16, 30)
    closed: Mapping[date, ClosedDay] = field(default_factory=dict[date, ClosedDay])
    closed_until: int = 0

    def why_closed(self, day: date) -> ClosedDay | None:
        """Return why *day* is no working day, or None if it is one."""
        if day in self.closed:
            return self.closed[day]
        if day.year > self.closed_until and (name := national_holidays(day.year).get(day)):
            return ClosedDay(name, NATIONAL_SOURCE)
        weekend = _WEEKEND.get(day.weekday())
        return ClosedDay(weekend) if weekend else None

    def is_working_day(self, day: date) -> bool:
        """Say whether *day* counts."""
        return self.why_closed(day) is None

    def is_open(self, at: datetime) -> bool:
        """Say whether the desk is open at the instant *at*, closing time included; sending is possible always."""
        local = in_lima(at)
        return self.is_working_day(local.date()) and self.opens_at <= local.time() <= self.closes_at

    def closed_in(self, year: int) -> list[tuple[date, ClosedDay]]:
        """
        Return the days of *year* that do not count, but for ordinary weekends, in order.

        Raises:
            YearOutOfRange: it is none from 1990 to 2100.
        """
        if year not in YEARS:
            raise YearOutOfRange
        days = [date(year, 1, 1) + _ONE_DAY * number for number in range(366)]
        found = [(day, closed) for day in days if day.year == year and (closed := self.why_closed(day))]
        return [(day, closed) for day, closed in found if closed.name not in _WEEKEND.values()]

    def next_opening(self, at: datetime) -> datetime:
        """Return the first instant after *at* at which the desk opens."""
        day = in_lima(at).date()
        while (opening := datetime.combine(day, self.opens_at, LIMA)) <= at or not self.is_working_day(day):
            day += _ONE_DAY
        return opening


@dataclass(frozen=True, slots=True)
class SkippedDay:
    """A day that did not count, in Spanish why, and by which law if one says so."""

    day: date
    reason: str
    source: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return it as it is kept."""
        sources: dict[str, object] = {"source": self.source} if self.source else {}
        return {"day": self.day.isoformat(), "reason": self.reason, **sources}


@dataclass(frozen=True, slots=True)
class FiledOn:
    """A legal date and how it came about; `other_day` is what the other policy would have given."""

    day: date
    rule: FilingPolicy
    calendar_version: str
    skipped: tuple[SkippedDay, ...] = ()
    opens_at: time = time(8, 30)
    closes_at: time = time(16, 30)
    other_day: date | None = None

    def to_json(self) -> dict[str, object]:
        """Return it as it is kept with the trámite."""
        return {
            "day": self.day.isoformat(),
            "rule": self.rule.value,
            "calendarVersion": self.calendar_version,
            "skipped": [skipped.to_json() for skipped in self.skipped],
            "opensAt": self.opens_at.isoformat("minutes"),
            "closesAt": self.closes_at.isoformat("minutes"),
            "otherDay": self.other_day.isoformat() if self.other_day else None,
        }


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a term and how it came about: the days that counted, and those that did not."""

    day: date
    after: date
    calendar_version: str
    counted: tuple[date, ...]
    skipped: tuple[SkippedDay, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return it as it is kept with the trámite."""
        return {
            "day": self.day.isoformat(),
            "after": self.after.isoformat(),
            "calendarVersion": self.calendar_version,
            "counted": [day.isoformat() for day in self.counted],
            "skipped": [skipped.to_json() for skipped in self.skipped],
        }


def in_lima(at: datetime) -> datetime:
    """
    Return the instant *at* on Lima's clock.

    Raises:
        ValueError: *at* has no time zone, so it is no instant.
    """
    if at.tzinfo is None:
        raise ValueError("An instant needs a time zone")
    return at.astimezone(LIMA)


def day_of(at: datetime) -> date:
    """Return the day in Lima on which the instant *at* lies."""
    return in_lima(at).date()


@cache
def national_holidays(year: int) -> Mapping[date, str]:
    """
    Return Peru's national holidays of *year* with their Spanish names.

    They are those of D.Leg. 713 with its amendments, as the library `holidays` knows them: since 2022 also 6 August
    and 9 December, since 2023 also 23 July (Ley 31822), since 2024 also 7 June (Ley 31788); a year before a law has
    no such day. The library adds Easter Sunday, which the law does not name; it is no working
    day anyhow. Days that a decree declares for the public sector and regional ones are not here, see `Calendar`.
    """
    return MappingProxyType(dict(holidays.country_holidays("PE", years=year, language="es", expand=False)))


def filed_on(sent_at: datetime, calendar: Calendar) -> FiledOn:
    """
    Return the legal date of what was sent at the instant *sent_at*: the first day that counts, from its day in Lima on.

    By policy B what is sent on a working day later than closing time (at closing time is in time) counts from the
    next day; that day is then among those skipped.
    """
    day, skipped = _first_day(sent_at, calendar)
    other_day, _ = _first_day(sent_at, replace(calendar, policy=calendar.policy.other))
    return FiledOn(
        day, calendar.policy, calendar.version, tuple(skipped), calendar.opens_at, calendar.closes_at, other_day
    )


def _first_day(sent_at: datetime, calendar: Calendar) -> tuple[date, list[SkippedDay]]:
    local = in_lima(sent_at)
    skipped: list[SkippedDay] = []
    day = local.date()
    while closed := calendar.why_closed(day) or _closed_by_hour(local, day, calendar):
        skipped.append(SkippedDay(day, closed.name, closed.source))
        day += _ONE_DAY
    return day, skipped


def first_working_day(day: date, calendar: Calendar) -> date:
    """Return *day* itself if it counts, else the next day that does (TUO Ley 27444, art. 145.2)."""
    while not calendar.is_working_day(day):
        day += _ONE_DAY
    return day


def deadline(after: date | datetime, *, working_days: int, calendar: Calendar) -> date:
    """Return the last day of a term, as `count_term` counts it."""
    return count_term(after, working_days=working_days, calendar=calendar).day


def count_term(after: date | datetime, *, working_days: int, calendar: Calendar) -> Deadline:
    """
    Return the last day of a term of *working_days*, counted from the first working day after *after*.

    The day of *after* itself never counts (TUO Ley 27444, art. 144); an instant stands for its day in Lima.
    """
    if working_days < 1:
        raise ValueError("A term has at least one working day")
    start = day = day_of(after) if isinstance(after, datetime) else after
    counted: list[date] = []
    skipped: list[SkippedDay] = []
    while len(counted) < working_days:
        day += _ONE_DAY
        if closed := calendar.why_closed(day):
            skipped.append(SkippedDay(day, closed.name, closed.source))
        else:
            counted.append(day)
    return Deadline(day, start, calendar.version, tuple(counted), tuple(skipped))


def _closed_by_hour(sent: datetime, day: date, calendar: Calendar) -> ClosedDay | None:
    is_late = calendar.policy is FilingPolicy.B and sent.date() == day and sent.time() > calendar.closes_at
    return ClosedDay(_AFTER_CLOSING, calendar.policy.source) if is_late else None


def closed_message(at: datetime, calendar: Calendar) -> str | None:
    """Return what an applicant must know before sending at *at*, in Spanish; None while the desk is open."""
    if calendar.is_open(at):
        return None
    filed = filed_on(at, calendar)
    return (
        f"Está fuera del horario de atención (días hábiles, de {_hour(calendar.opens_at)} a "
        f"{_hour(calendar.closes_at)}). Puede enviar su documento ahora: se tendrá por presentado el "
        f"{filed.day.day} de {_MONTHS[filed.day.month - 1]} de {filed.day.year}."
    )


def _hour(at: time) -> str:
    """Return an hour as the pages say it."""
    return f"{at.hour % 12 or 12}:{at:%M} {'a. m.' if at.hour < 12 else 'p. m.'}"
