"""The counter's days: Lima's clock, working days, the legal date of what is sent, deadlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

import holidays

LIMA: Final = timezone(timedelta(hours=-5), "America/Lima")
"""
Peru's time as a fixed offset: UTC-5 all year, no summer time since 1994, and nothing here is older.

So it needs no zone data, which minimal machines lack, and a date once given can never change with an update of them.
"""

_ONE_DAY = timedelta(days=1)
_WEEKEND: Mapping[int, str] = {5: "sábado", 6: "domingo"}
_DECLARED = "día no laborable"
_AFTER_CLOSING = "enviado después del horario de atención"


class FilingPolicy(StrEnum):
    """
    How the hour of sending counts.

    A: any time on a working day counts that day (Ley 27444, art. 123, amended by Ley 31465).
    B: after closing time it counts the next working day (DS 029-2021-PCM, art. 46.2 b, amended by DS 075-2023-PCM).
    """

    A = "A"
    B = "B"


@dataclass(frozen=True, slots=True)
class Calendar:
    """
    By what an office dates: its policy, hours, and the days it is closed besides weekends and national holidays.

    `version` changes whenever any of it changes, and is kept with each date. Hours are Lima's. `closed_days` are
    those declared by decree and regional holidays.
    """

    version: str
    policy: FilingPolicy = FilingPolicy.A
    opens_at: time = time(8, 30)
    closes_at: time = time(16, 30)
    closed_days: frozenset[date] = frozenset()

    def closed_because(self, day: date) -> str | None:
        """Return in Spanish why *day* is no working day, or None if it is one."""
        if name := national_holidays(day.year).get(day):
            return name
        if day in self.closed_days:
            return _DECLARED
        return _WEEKEND.get(day.weekday())

    def is_working_day(self, day: date) -> bool:
        """Say whether *day* counts."""
        return self.closed_because(day) is None

    def is_open(self, at: datetime) -> bool:
        """Say whether the desk is open at the instant *at*, closing time included; sending is possible always."""
        local = in_lima(at)
        return self.is_working_day(local.date()) and self.opens_at <= local.time() <= self.closes_at


@dataclass(frozen=True, slots=True)
class SkippedDay:
    """A day that did not count, and in Spanish why."""

    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class FiledOn:
    """A legal date and how it came about."""

    day: date
    rule: FilingPolicy
    calendar_version: str
    skipped: tuple[SkippedDay, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return it as it is kept with the trámite."""
        return {
            "day": self.day.isoformat(),
            "rule": self.rule.value,
            "calendarVersion": self.calendar_version,
            "skipped": [{"day": skipped.day.isoformat(), "reason": skipped.reason} for skipped in self.skipped],
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
    local = in_lima(sent_at)
    skipped: list[SkippedDay] = []
    day = local.date()
    while reason := calendar.closed_because(day) or _closed_by_hour(local, day, calendar):
        skipped.append(SkippedDay(day, reason))
        day += _ONE_DAY
    return FiledOn(day, calendar.policy, calendar.version, tuple(skipped))


def deadline(after: date | datetime, *, working_days: int, calendar: Calendar) -> date:
    """
    Return the last day of a term of *working_days*, counted from the first working day after *after*.

    The day of *after* itself never counts (TUO Ley 27444, art. 144); an instant stands for its day in Lima.
    """
    if working_days < 1:
        raise ValueError("A term has at least one working day")
    day = day_of(after) if isinstance(after, datetime) else after
    left = working_days
    while left:
        day += _ONE_DAY
        left -= calendar.is_working_day(day)
    return day


def first_working_day(day: date, calendar: Calendar) -> date:
    """Return *day*, or the first working day after it if it is none."""
    while not calendar.is_working_day(day):
        day += _ONE_DAY
    return day


def _closed_by_hour(sent: datetime, day: date, calendar: Calendar) -> str | None:
    is_late = calendar.policy is FilingPolicy.B and sent.date() == day and sent.time() > calendar.closes_at
    return _AFTER_CLOSING if is_late else None
