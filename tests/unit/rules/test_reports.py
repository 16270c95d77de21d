"""Periods of reports: which months are whole in them, and what is no day."""

from __future__ import annotations

from datetime import date

import pytest

from rules.reports import NoDay, Period, day_in


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 3, 1), date(2026, 3, 31), (date(2026, 3, 1), date(2026, 3, 1))),
        (date(2026, 3, 1), date(2026, 3, 30), None),
        (date(2026, 3, 2), date(2026, 3, 31), None),
        (date(2026, 3, 2), date(2026, 4, 29), None),
        (date(2026, 3, 2), date(2026, 4, 30), (date(2026, 4, 1), date(2026, 4, 1))),
        (date(2025, 12, 31), date(2026, 3, 1), (date(2026, 1, 1), date(2026, 2, 1))),
        (date(2028, 2, 1), date(2028, 2, 29), (date(2028, 2, 1), date(2028, 2, 1))),
        (date(2026, 3, 9), date(2026, 3, 9), None),
    ],
)
def test_only_months_of_which_all_days_are_in_a_period_are_whole(
    first: date, last: date, months: tuple[date, date] | None
) -> None:
    assert Period(first, last).whole_months() == months


@pytest.mark.parametrize("text", ["", "2026-02-29", "20260301", "2026-W10-1", "2026-3-1", "٢٠٢٦-٠٣-٠١", "2026-03-01\n"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(NoDay):
        day_in(text, "from")


def test_a_day_is_read_as_it_is_written() -> None:
    assert day_in("2028-02-29", "from") == date(2028, 2, 29)
