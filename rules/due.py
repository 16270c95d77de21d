"""Until when a trámite waits for the desk: to be routed, then to be answered; and what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, assert_never

from rules.lifecycle import TramiteStatus
from rules.workdays import deadline, first_working_day

if TYPE_CHECKING:
    from datetime import date

    from rules.workdays import Calendar

DESK_WAITS_FOR: Final = (TramiteStatus.PENDING, TramiteStatus.REFERRED)
"""Where the next step is the desk's."""

SOON: Final = timedelta(days=3)
"""What is due within so many days of the calendar is due soon."""

WITHOUT_TERM: Final = timedelta(days=42)
"""What was referred and has no term, because it was filed before terms were kept, is due after six weeks."""


@dataclass(frozen=True, slots=True)
class DeskTerms:
    """
    How many working days the desk has.

    To route a document: none after that of its filing, it goes to its office the same day (TUO Ley 27444, art. 143.1).
    To answer it: thirty, the most that a procedure of prior evaluation may take (art. 39).
    """

    route_days: int = 0
    attend_days: int = 30


DEFAULT_TERMS: Final = DeskTerms()


@dataclass(frozen=True, slots=True)
class Due:
    """The last day to route a trámite (derivar o atender), and the last one to answer it (atender)."""

    route_by: date
    attend_by: date


def begin_terms(day: date, terms: DeskTerms, calendar: Calendar) -> Due:
    """Return until when what is filed with the legal date *day*, or reopened on it, waits for the desk."""
    return Due(_after(day, terms.route_days, calendar), _after(day, terms.attend_days, calendar))


def resume_terms(due: Due, *, observed_on: date, corrected_on: date, terms: DeskTerms, calendar: Calendar) -> Due:
    """
    Return until when what was observed and corrected waits for the desk.

    While it lay with its applicant the term to answer did not run (TUO Ley 27444, art. 136.3): it ends as many working
    days later. The term to route begins anew.
    """
    paused = _working_days(observed_on, corrected_on, calendar)
    return Due(_after(corrected_on, terms.route_days, calendar), _after(due.attend_by, paused, calendar))


def _after(day: date, working_days: int, calendar: Calendar) -> date:
    if not working_days:
        return first_working_day(day, calendar)
    return deadline(day, working_days=working_days, calendar=calendar)


def _working_days(after: date, until: date, calendar: Calendar) -> int:
    days = (after + timedelta(days=number) for number in range(1, (until - after).days + 1))
    return sum(calendar.is_working_day(day) for day in days)


def due_on(
    status: TramiteStatus, *, filed_on: date, route_by: date | None, attend_by: date | None, correct_by: date | None
) -> date | None:
    """
    Return the day by which something must happen next; None for what waits for nothing.

    What is observed is due by the last day to correct it: after that the counter lets it lapse, or the desk must see
    to it. The column `due_on` says the same in SQL.
    """
    match status:
        case TramiteStatus.PENDING:
            return route_by or filed_on
        case TramiteStatus.REFERRED:
            return attend_by or filed_on + WITHOUT_TERM
        case TramiteStatus.OBSERVED:
            return correct_by
        case TramiteStatus.RESOLVED | TramiteStatus.VOIDED | TramiteStatus.LAPSED:
            return None
        case _:
            assert_never(status)


def is_late(due: date | None, *, today: date) -> bool:
    """Say whether the day has passed."""
    return due is not None and due < today


def is_due_soon(due: date | None, *, today: date) -> bool:
    """Say whether the day is today or near."""
    return due is not None and today <= due <= today + SOON
