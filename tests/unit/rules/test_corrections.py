"""A correction: in time to the second, by both policies, and each annex in the place that its sender meant."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from rules.corrections import AnnexReplacedTwice, NoSuchAnnex, Term, judge_term, places_of
from rules.files import TooManyAnnexes
from rules.refusals import InvalidInput
from rules.workdays import LIMA, Calendar, ClosedDay, FilingPolicy

THURSDAY = date(2026, 7, 30)
"""Two working days after Friday 24 July 2026: 28 and 29 are holidays."""

BY_DAY = Calendar(version="2026-1", policy=FilingPolicy.A)
BY_HOUR = Calendar(version="2026-1", policy=FilingPolicy.B)
MIDNIGHT = datetime(2026, 7, 31, tzinfo=LIMA)
CLOSING = datetime(2026, 7, 30, 16, 30, tzinfo=LIMA)
SECOND = timedelta(seconds=1)


OBSERVED = datetime(2026, 7, 24, 10, tzinfo=LIMA)
"""The Friday."""


def judge(at: datetime, *, told_at: datetime | None = OBSERVED, calendar: Calendar = BY_DAY) -> Term:
    return judge_term(at, correct_by=THURSDAY, told_at=told_at, calendar=calendar)


@pytest.mark.parametrize(("calendar", "last"), [(BY_DAY, MIDNIGHT - SECOND), (BY_HOUR, CLOSING)])
def test_a_term_runs_until_the_legal_date_is_another(calendar: Calendar, last: datetime) -> None:
    judged = [judge(at, calendar=calendar) for at in (last - SECOND, last, last + SECOND)]

    assert judged == [Term.RUNNING, Term.RUNNING, Term.OVER]


@pytest.mark.parametrize("day", [28, 29])
def test_what_is_sent_on_a_holiday_before_the_last_day_is_in_time(day: int) -> None:
    assert judge(datetime(2026, 7, day, 12, tzinfo=LIMA)) is Term.RUNNING


def test_a_last_day_that_was_declared_a_holiday_meanwhile_moves_to_the_next_working_day() -> None:
    declared = Calendar(version="2026-2", closed={THURSDAY: ClosedDay("día no laborable")})

    assert judge(datetime(2026, 7, 31, 23, 59, 59, tzinfo=LIMA), calendar=declared) is Term.RUNNING
    assert judge(datetime(2026, 8, 1, tzinfo=LIMA), calendar=declared) is Term.OVER


@pytest.mark.parametrize(
    ("told_at", "term"),
    [
        (OBSERVED, Term.OVER),
        (datetime(2026, 7, 26, 23, 59, 59, tzinfo=LIMA), Term.OVER),  # a Sunday: the term is the same
        (datetime(2026, 7, 27, 0, 0, tzinfo=LIMA), Term.UNTOLD),
        (datetime(2026, 7, 31, 9, 0, tzinfo=LIMA), Term.UNTOLD),
        (None, Term.UNTOLD),
    ],
)
def test_a_term_is_over_only_for_who_was_told_in_time_for_all_of_it(told_at: datetime | None, term: Term) -> None:
    assert judge(MIDNIGHT, told_at=told_at) is term
    assert judge(MIDNIGHT - SECOND, told_at=told_at) is Term.RUNNING


@pytest.mark.parametrize(
    ("replaced", "taken", "places"),
    [
        ([], {1, 2}, []),
        ([None], set(), [1]),
        ([None, None], {1, 2}, [3, 4]),
        ([2], {1, 2}, [2]),
        ([None, 1, None], {1, 2}, [3, 1, 4]),
        ([None], {1, 3}, [2]),
        ([5, None], {1, 2, 3, 5}, [5, 4]),
        ([1, 2, 3, 4, 5], {1, 2, 3, 4, 5}, [1, 2, 3, 4, 5]),
        ([None] * 5, set(), [1, 2, 3, 4, 5]),
    ],
)
def test_an_annex_takes_the_place_of_the_one_it_replaces_or_the_next_free_one(
    replaced: list[int | None], taken: set[int], places: list[int]
) -> None:
    assert places_of(replaced, taken=taken) == places


@pytest.mark.parametrize(
    ("replaced", "taken", "refusal", "path"),
    [
        ([0], {1}, NoSuchAnnex, ("0", "replaces")),
        ([None, 2], {1}, NoSuchAnnex, ("1", "replaces")),
        ([-1], {1}, NoSuchAnnex, ("0", "replaces")),
        ([1, None, 1], {1}, AnnexReplacedTwice, ("2", "replaces")),
        ([None], {1, 2, 3, 4, 5}, TooManyAnnexes, ()),
        ([None] * 6, set(), TooManyAnnexes, ()),
    ],
)
def test_an_annex_without_a_place_is_named(
    replaced: list[int | None], taken: set[int], refusal: type[InvalidInput], path: tuple[str, ...]
) -> None:
    with pytest.raises(refusal) as refused:
        places_of(replaced, taken=taken)

    assert refused.value.path == path
