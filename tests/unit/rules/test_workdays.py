"""Lima's clock, working days, legal dates, deadlines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.workdays import (
    LIMA,
    NATIONAL_SOURCE,
    Calendar,
    ClosedDay,
    Deadline,
    FiledOn,
    FilingPolicy,
    SkippedDay,
    count_term,
    day_of,
    deadline,
    filed_on,
    in_lima,
    national_holidays,
)

BY_DAY = Calendar(version="2026-1", policy=FilingPolicy.A)
BY_HOUR = Calendar(version="2026-1", policy=FilingPolicy.B)
INSTANTS = st.datetimes(datetime(2022, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def lima(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=LIMA)


@pytest.mark.parametrize(
    ("sent_at", "by_day", "by_hour"),
    [
        pytest.param(lima(3, 10, 16, 29), (3, 10), (3, 10), id="in hours"),
        pytest.param(lima(3, 10, 23, 59), (3, 10), (3, 11), id="after hours"),
        pytest.param(lima(4, 1, 17, 0), (4, 1), (4, 6), id="before Easter"),
        pytest.param(lima(6, 6, 10, 0), (6, 8), (6, 8), id="on a Saturday, Sunday is a holiday too"),
        pytest.param(lima(7, 27, 18, 0), (7, 27), (7, 30), id="before Independence"),
        pytest.param(lima(3, 10, 0, 0), (3, 10), (3, 10), id="before opening"),
        pytest.param(lima(3, 10, 16, 30), (3, 10), (3, 10), id="at closing time"),
        pytest.param(lima(3, 10, 16, 30, 1), (3, 10), (3, 11), id="a second after closing time"),
        pytest.param(lima(6, 6, 23, 0), (6, 8), (6, 8), id="late on a Saturday"),
        pytest.param(lima(12, 31, 17, 0), (12, 31), None, id="the last evening of the year"),
    ],
)
def test_the_legal_date_follows_the_policy(
    sent_at: datetime, by_day: tuple[int, int], by_hour: tuple[int, int] | None
) -> None:
    assert filed_on(sent_at, BY_DAY).day == date(2026, *by_day)
    assert filed_on(sent_at, BY_HOUR).day == (date(2026, *by_hour) if by_hour else date(2027, 1, 4))


def test_an_observation_of_a_friday_before_the_holidays_runs_until_thursday() -> None:
    for calendar in (BY_DAY, BY_HOUR):
        assert deadline(lima(7, 24, 9, 0), working_days=2, calendar=calendar) == date(2026, 7, 30)


def test_a_legal_date_explains_itself() -> None:
    filed = filed_on(lima(4, 1, 17, 0), BY_HOUR)

    decreed = "Decreto Legislativo 713 y sus modificatorias"
    assert filed == FiledOn(
        day=date(2026, 4, 6),
        rule=FilingPolicy.B,
        calendar_version="2026-1",
        skipped=(
            SkippedDay(date(2026, 4, 1), "enviado después del horario de atención", FilingPolicy.B.source),
            SkippedDay(date(2026, 4, 2), "Jueves Santo", decreed),
            SkippedDay(date(2026, 4, 3), "Viernes Santo", decreed),
            SkippedDay(date(2026, 4, 4), "sábado"),
            SkippedDay(date(2026, 4, 5), "Domingo de Resurrección", decreed),
        ),
        other_day=date(2026, 4, 1),
    )
    assert filed.to_json() == {
        "day": "2026-04-06",
        "rule": "B",
        "calendarVersion": "2026-1",
        "skipped": [
            {
                "day": "2026-04-01",
                "reason": "enviado después del horario de atención",
                "source": FilingPolicy.B.source,
            },
            {"day": "2026-04-02", "reason": "Jueves Santo", "source": decreed},
            {"day": "2026-04-03", "reason": "Viernes Santo", "source": decreed},
            {"day": "2026-04-04", "reason": "sábado"},
            {"day": "2026-04-05", "reason": "Domingo de Resurrección", "source": decreed},
        ],
        "opensAt": "08:30",
        "closesAt": "16:30",
        "otherDay": "2026-04-01",
    }


def test_days_declared_by_decree_or_region_do_not_count() -> None:
    declared = ClosedDay("día no laborable", "Decreto Supremo 001-2026-PCM")
    closed = Calendar(version="2", closed={date(2026, 3, 11): declared, date(2026, 3, 12): declared})

    assert filed_on(lima(3, 11, 9, 0), closed).day == date(2026, 3, 13)
    assert filed_on(lima(3, 11, 9, 0), closed).skipped[0] == SkippedDay(
        date(2026, 3, 11), "día no laborable", "Decreto Supremo 001-2026-PCM"
    )
    assert deadline(date(2026, 3, 10), working_days=1, calendar=closed) == date(2026, 3, 13)


def test_the_national_holidays_of_2026_are_the_sixteen_of_the_law_and_easter_sunday() -> None:
    by_law = {(1, 1), (4, 2), (4, 3), (5, 1), (6, 7), (6, 29), (7, 23), (7, 28), (7, 29), (8, 6), (8, 30), (10, 8)}
    by_law |= {(11, 1), (12, 8), (12, 9), (12, 25)}

    found = {(day.month, day.day) for day in national_holidays(2026)}

    assert found == by_law | {(4, 5)}


def test_a_holiday_begins_with_its_law() -> None:
    assert date(2023, 6, 7) not in national_holidays(2023)
    assert date(2024, 6, 7) in national_holidays(2024)
    assert date(2022, 7, 23) not in national_holidays(2022)
    assert date(2023, 7, 23) in national_holidays(2023)


def test_a_day_is_a_day_in_lima() -> None:
    assert day_of(datetime(2026, 3, 11, 4, 59, 59, tzinfo=UTC)) == date(2026, 3, 10)
    assert day_of(datetime(2026, 3, 11, 5, 0, tzinfo=UTC)) == date(2026, 3, 11)
    assert filed_on(datetime(2026, 3, 11, 4, 59, tzinfo=UTC), BY_DAY).day == date(2026, 3, 10)
    assert filed_on(datetime(2026, 3, 10, 22, 0, tzinfo=timezone(timedelta(hours=9))), BY_HOUR).day == date(2026, 3, 10)


def test_what_has_no_time_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="time zone"):
        in_lima(datetime(2026, 3, 10, 9, 0))  # noqa: DTZ001


def test_the_desk_is_open_in_its_hours_on_working_days() -> None:
    office = Calendar(version="1", opens_at=time(8, 0), closes_at=time(13, 0))
    asked = [
        lima(3, 10, 7, 59),
        lima(3, 10, 8, 0),
        lima(3, 10, 13, 0),
        lima(3, 10, 13, 1),
        lima(4, 2, 9),
        lima(3, 14, 9),
    ]

    assert [office.is_open(at) for at in asked] == [False, True, True, False, False, False]


def test_a_term_has_at_least_a_day() -> None:
    with pytest.raises(ValueError, match="at least one"):
        deadline(date(2026, 3, 10), working_days=0, calendar=BY_DAY)


@given(INSTANTS, st.sampled_from([BY_DAY, BY_HOUR]))
def test_a_legal_date_is_a_working_day_and_every_day_before_it_is_accounted_for(
    at: datetime, calendar: Calendar
) -> None:
    filed = filed_on(at, calendar)

    days = [day_of(at) + timedelta(days=number) for number in range((filed.day - day_of(at)).days)]
    assert calendar.is_working_day(filed.day)
    assert [skipped.day for skipped in filed.skipped] == days


@given(INSTANTS, INSTANTS)
def test_what_is_sent_later_is_never_dated_earlier_and_the_stricter_policy_never_earlier(
    one: datetime, other: datetime
) -> None:
    earlier, later = sorted((one, other))

    assert filed_on(earlier, BY_HOUR).day <= filed_on(later, BY_HOUR).day
    assert filed_on(earlier, BY_DAY).day <= filed_on(earlier, BY_HOUR).day


@given(INSTANTS, st.integers(1, 40))
def test_a_term_holds_exactly_its_working_days(at: datetime, working_days: int) -> None:
    last = deadline(at, working_days=working_days, calendar=BY_DAY)

    after = [day_of(at) + timedelta(days=number) for number in range(1, (last - day_of(at)).days + 1)]
    assert sum(BY_DAY.is_working_day(day) for day in after) == working_days
    assert BY_DAY.is_working_day(last)


def test_a_term_explains_itself() -> None:
    term = count_term(lima(7, 24, 9, 0), working_days=2, calendar=BY_DAY)

    assert term == Deadline(
        day=date(2026, 7, 30),
        after=date(2026, 7, 24),
        calendar_version="2026-1",
        counted=(date(2026, 7, 27), date(2026, 7, 30)),
        skipped=(
            SkippedDay(date(2026, 7, 25), "sábado"),
            SkippedDay(date(2026, 7, 26), "domingo"),
            SkippedDay(date(2026, 7, 28), "Día de la Independencia", NATIONAL_SOURCE),
            SkippedDay(date(2026, 7, 29), "Día de la Gran Parada Militar", NATIONAL_SOURCE),
        ),
    )


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        (lima(3, 10, 7, 0), lima(3, 10, 8, 30)),
        (lima(3, 10, 8, 30), lima(3, 11, 8, 30)),
        (lima(4, 1, 17, 0), lima(4, 6, 8, 30)),
    ],
)
def test_the_desk_opens_next_on_a_working_day(at: datetime, opening: datetime) -> None:
    assert BY_DAY.next_opening(at) == opening


def test_what_is_recorded_of_a_year_counts_and_not_what_the_library_knows_of_it() -> None:
    recorded = Calendar(version="1", closed={date(2026, 3, 11): ClosedDay("feriado", "una ley")}, closed_until=2026)

    assert recorded.is_working_day(date(2026, 4, 2))
    assert not recorded.is_working_day(date(2026, 3, 11))
    assert not recorded.is_working_day(date(2027, 1, 1))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    days = draw(st.sets(st.dates(date(2022, 1, 1), date(2036, 1, 31)), max_size=200))
    closes_at = draw(st.times(time(9, 0), time(23, 0)))
    return Calendar(version="1", closes_at=closes_at, closed={day: ClosedDay("día no laborable") for day in days})


@given(calendars(), INSTANTS, INSTANTS)
def test_whatever_days_are_declared_both_policies_hold_their_promises(
    calendar: Calendar, one: datetime, other: datetime
) -> None:
    earlier, later = sorted((one, other))
    by_hour = replace(calendar, policy=FilingPolicy.B)

    for each in (calendar, by_hour):
        filed = filed_on(earlier, each)
        assert each.is_working_day(filed.day)
        assert filed.day >= day_of(earlier)
        assert filed.day <= filed_on(later, each).day
        assert deadline(earlier, working_days=2, calendar=each) <= deadline(later, working_days=2, calendar=each)
    assert filed_on(earlier, calendar).day <= filed_on(earlier, by_hour).day
    assert filed_on(earlier, calendar).other_day == filed_on(earlier, by_hour).day
