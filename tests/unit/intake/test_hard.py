"""Mails that are hard to fetch wait, so that the others come first; and are tried again with more time."""

from __future__ import annotations

from intake.hard import HardMails


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_mail_in_which_the_connection_ends_three_times_waits_longer_and_longer() -> None:
    clock = Clock()
    hard = HardMails(clock=clock)
    for _ in range(2):
        hard.note_loss(5, was_slow=False)
        assert not hard.rests(5)

    hard.note_loss(5, was_slow=False)

    assert hard.rests(5)
    assert not hard.rests(6)
    clock.now = 60
    assert not hard.rests(5)
    hard.note_loss(5, was_slow=False)
    clock.now += 119
    assert hard.rests(5)
    for _ in range(20):
        hard.note_loss(5, was_slow=False)
    clock.now += 3600
    assert not hard.rests(5)


def test_a_mail_that_trickles_waits_at_once_and_gets_twice_the_time() -> None:
    hard = HardMails(clock=Clock())
    before = hard.seconds_for(5, 27 * 1024 * 1024)

    hard.note_loss(5, was_slow=True)

    assert before == 60 + 27 * 16
    assert hard.rests(5)
    assert hard.seconds_for(5, 27 * 1024 * 1024) == 2 * before


def test_a_mail_that_came_whole_is_not_hard_any_more() -> None:
    hard = HardMails(clock=Clock())
    for _ in range(3):
        hard.note_loss(5, was_slow=False)

    hard.note_fetched(5)

    assert not hard.rests(5)
    assert hard.seconds_for(5, 0) == 60


def test_other_numbers_name_other_mails() -> None:
    hard = HardMails({4}, clock=Clock())
    hard.note_loss(5, was_slow=True)

    hard.clear()

    assert not hard.rests(5)
    assert hard.too_large == set()
