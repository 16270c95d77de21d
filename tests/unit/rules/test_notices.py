"""How long the counter goes on trying to send."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.notices import next_try


def test_waits_double_up_to_an_hour_and_end_after_72_hours() -> None:
    waits: list[timedelta] = []
    while wait := next_try(len(waits) + 1):
        waits.append(wait)

    assert waits[:8] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32, 60, 60)]
    assert max(waits) == timedelta(minutes=60)
    assert timedelta(hours=71) < sum(waits, timedelta()) <= timedelta(hours=72)


def test_giving_up_is_final() -> None:
    assert [next_try(attempts) for attempts in (1_000, 10**12)] == [None, None]


def test_there_is_no_wait_before_the_first_attempt() -> None:
    with pytest.raises(ValueError, match="first attempt"):
        next_try(0)
