"""Reports (reportes): what is counted, by what it is told apart, and how long a period may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from rules.refusals import InvalidInput
from rules.register import Act
from rules.workdays import YEARS

MOST_DAYS: Final = 366
"""How long a period may be."""

MOST_DAYS_APART: Final = 93
"""How long it may be when each day is told apart: a quarter."""


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

COUNTED_ACTS: Final = (
    Act.FILED,
    Act.OBSERVED,
    Act.CORRECTED,
    Act.LAPSED,
    Act.REFERRED,
    Act.RESOLVED,
    Act.VOIDED,
    Act.REOPENED,
)


class ReportGroup(StrEnum):
    """By what a report tells its numbers apart."""

    OFFICE = "OFFICE"
    DOCUMENT_KIND = "DOCUMENT_KIND"
    STATUS = "STATUS"
    CHANNEL = "CHANNEL"
    DAY = "DAY"

    @property
    def label(self) -> str:
        """The Spanish word for people."""
        return _GROUP_LABELS[self]


class ReportStep(StrEnum):
    """
    A step whose time is measured: it counts on the day on which it ends.

    Once a trámite was reopened only what was done since is measured: ANSWER_AGAIN, and a CORRECTION. In the database
    they are numbers, in this order from 1: members are added at the end.
    """

    RECEPTION = "RECEPTION"
    OBSERVATION = "OBSERVATION"
    CORRECTION = "CORRECTION"
    ANSWER = "ANSWER"
    RESOLUTION = "RESOLUTION"
    ANSWER_AGAIN = "ANSWER_AGAIN"

    @property
    def label(self) -> str:
        """From where to where, in Spanish, for people."""
        return _STEP_LABELS[self]


_GROUP_LABELS: Mapping[ReportGroup, str] = {
    ReportGroup.OFFICE: "Dependencia",
    ReportGroup.DOCUMENT_KIND: "Tipo de documento",
    ReportGroup.STATUS: "Estado",
    ReportGroup.CHANNEL: "Canal",
    ReportGroup.DAY: "Día",
}

_STEP_LABELS: Mapping[ReportStep, str] = {
    ReportStep.RECEPTION: "De presentado a recepcionado",
    ReportStep.OBSERVATION: "De presentado a observado",
    ReportStep.CORRECTION: "De observado a subsanado",
    ReportStep.ANSWER: "De recepcionado a atendido",
    ReportStep.RESOLUTION: "De presentado a atendido",
    ReportStep.ANSWER_AGAIN: "De reabierto a atendido",
}

ACT_LABELS: Final[Mapping[Act, str]] = {
    Act.FILED: "Presentados",
    Act.OBSERVED: "Observados",
    Act.CORRECTED: "Subsanados",
    Act.LAPSED: "Tenidos por no presentados",
    Act.REFERRED: "Derivaciones",
    Act.RESOLVED: "Atendidos",
    Act.VOIDED: "Anulados",
    Act.REOPENED: "Reabiertos",
}
"""How the counted acts are named over a column."""


class NoDay(InvalidInput):
    """A text is no day of the calendar."""

    code = "NO_DAY"

    def __init__(self, field: str) -> None:
        super().__init__("Escriba el día como 2026-03-09: el año, el mes y el día.", path=(field,))


class DayOutOfRange(InvalidInput):
    """A day lies in a year of which there are no reports."""

    code = "DAY_OUT_OF_RANGE"

    def __init__(self, field: str) -> None:
        super().__init__(f"Indique un día de los años {YEARS.start} a {YEARS.stop - 1}.", path=(field,))


class PeriodBackward(InvalidInput):
    """A period ends before it begins."""

    code = "PERIOD_BACKWARD"

    def __init__(self) -> None:
        super().__init__("El período termina antes de comenzar. Revise las dos fechas.", path=("to",))


class PeriodTooLong(InvalidInput):
    """A period has more days than a report may tell of."""

    code = "PERIOD_TOO_LONG"

    def __init__(self, most: int) -> None:
        super().__init__(f"El período puede tener hasta {most} días. Acorte las fechas.", path=("to",))


@dataclass(frozen=True, slots=True)
class Period:
    """Days of Lima's calendar, the first and the last included."""

    from_on: date
    to_on: date

    def whole_months(self) -> tuple[date, date] | None:
        """Return the first days of the first and of the last month of which all days are in it; None for none."""
        first = self.from_on if self.from_on.day == 1 else _next_month(self.from_on)
        after = self.to_on + timedelta(days=1)
        last = _previous_month(after.replace(day=1))
        return (first, last) if first <= last else None

    def days(self) -> list[date]:
        """Return all of its days."""
        return [self.from_on + timedelta(days=number) for number in range((self.to_on - self.from_on).days + 1)]


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _previous_month(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def day_in(text: str, field: str) -> date:
    """
    Return the day that *text* names, as ISO 8601 writes it with hyphens.

    Raises:
        NoDay: it names none; the refusal is about *field*.
    """
    try:
        if not _DAY.fullmatch(text):
            raise NoDay(field)
        return date.fromisoformat(text)
    except ValueError:
        raise NoDay(field) from None


def check_period(period: Period, *, group: ReportGroup | None) -> Period:
    """
    Return *period* if a report may tell of it.

    Raises:
        DayOutOfRange, PeriodBackward, PeriodTooLong: what they say.
    """
    for field_name, day in (("from", period.from_on), ("to", period.to_on)):
        if day.year not in YEARS:
            raise DayOutOfRange(field_name)
    if period.to_on < period.from_on:
        raise PeriodBackward
    most = MOST_DAYS_APART if group is ReportGroup.DAY else MOST_DAYS
    if (period.to_on - period.from_on).days >= most:
        raise PeriodTooLong(most)
    return period


@dataclass(frozen=True, slots=True)
class StepTime:
    """How often a step was done, and within how many seconds half of the times, and nine of ten, at most."""

    times: int
    median_seconds: int
    ninth_decile_seconds: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a report; `key` is the code, value or day that it is about, None for a kind that is not known."""

    key: str | None
    label: str
    acts: Mapping[Act, int] = field(default_factory=dict[Act, int])
    waiting: int = 0
    late: int = 0
    steps: Mapping[ReportStep, StepTime] = field(default_factory=dict[ReportStep, StepTime])


_TIME_HEADS = ("veces", "mediana (segundos)", "percentil 90 (segundos)")


def heads(group: ReportGroup | None) -> list[str]:
    """Return what stands over the columns of a report written out as a table, in Spanish."""
    counted = [ACT_LABELS[act] for act in COUNTED_ACTS]
    steps = [f"{step.label}: {what}" for step in ReportStep for what in _TIME_HEADS]
    return ["Código", group.label if group else "Total", *counted, "En espera", "Atrasados", *steps]


def cells_of(line: Line) -> list[str | int]:
    """Return what stands in those columns for *line*; a time that nobody took is empty."""
    acts = [line.acts.get(act, 0) for act in COUNTED_ACTS]
    times = [cell for step in ReportStep for cell in _time_cells(line.steps.get(step))]
    return [line.key or "", line.label, *acts, line.waiting, line.late, *times]


def _time_cells(time: StepTime | None) -> tuple[str | int, str | int, str | int]:
    return (time.times, time.median_seconds, time.ninth_decile_seconds) if time else (0, "", "")
