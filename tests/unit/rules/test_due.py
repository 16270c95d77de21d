"""Until when a trámite waits for the desk, by the calendar of 2026."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from rules.due import DEFAULT_TERMS, DeskTerms, Due, begin_terms, due_on, is_due_soon, is_late, resume_terms
from rules.lifecycle import TramiteStatus
from rules.workdays import Calendar

CALENDAR = Calendar("2026-1")
MONDAY = date(2026, 3, 9)


@pytest.mark.parametrize(
    ("filed_on", "terms", "expected"),
    [
        # Thirty working days: Thursday 2 and Friday 3 April are holidays.
        (MONDAY, DEFAULT_TERMS, Due(MONDAY, date(2026, 4, 22))),
        (MONDAY, DeskTerms(route_days=1, attend_days=5), Due(date(2026, 3, 10), date(2026, 3, 16))),
        (date(2026, 4, 1), DeskTerms(route_days=1, attend_days=1), Due(date(2026, 4, 6), date(2026, 4, 6))),
        (date(2026, 7, 27), DeskTerms(route_days=0, attend_days=0), Due(date(2026, 7, 27), date(2026, 7, 27))),
    ],
)
def test_terms_begin_with_the_legal_date(filed_on: date, terms: DeskTerms, expected: Due) -> None:
    assert begin_terms(filed_on, terms, CALENDAR) == expected


def test_the_term_to_answer_does_not_run_while_it_lies_with_its_applicant() -> None:
    due = begin_terms(MONDAY, DEFAULT_TERMS, CALENDAR)

    resumed = resume_terms(
        due, observed_on=MONDAY, corrected_on=date(2026, 3, 11), terms=DEFAULT_TERMS, calendar=CALENDAR
    )
    at_once = resume_terms(due, observed_on=MONDAY, corrected_on=MONDAY, terms=DEFAULT_TERMS, calendar=CALENDAR)

    assert resumed == Due(date(2026, 3, 11), date(2026, 4, 24))
    assert at_once == due


def test_what_is_due_depends_on_the_status() -> None:
    days = {"route_by": date(2026, 3, 10), "attend_by": date(2026, 4, 22), "correct_by": date(2026, 3, 12)}
    expected = {
        TramiteStatus.PENDING: date(2026, 3, 10),
        TramiteStatus.REFERRED: date(2026, 4, 22),
        TramiteStatus.OBSERVED: date(2026, 3, 12),
    }

    for status in TramiteStatus:
        assert due_on(status, filed_on=MONDAY, **days) == expected.get(status)


def test_what_is_open_is_always_due() -> None:
    nothing = {"route_by": None, "attend_by": None}

    assert due_on(TramiteStatus.PENDING, filed_on=MONDAY, **nothing, correct_by=None) == MONDAY
    assert due_on(TramiteStatus.REFERRED, filed_on=MONDAY, **nothing, correct_by=None) == date(2026, 4, 20)


def test_late_and_soon_exclude_each_other() -> None:
    for due, today in product([None, date(2026, 3, 8), MONDAY, date(2026, 3, 12), date(2026, 3, 13)], [MONDAY]):
        assert not (is_late(due, today=today) and is_due_soon(due, today=today))
    assert is_late(date(2026, 3, 8), today=MONDAY)
    assert is_due_soon(MONDAY, today=MONDAY)
    assert is_due_soon(date(2026, 3, 12), today=MONDAY)
    assert not is_due_soon(date(2026, 3, 13), today=MONDAY)
