"""Keys in the DNS: how long they are kept, how many, and when the DNS is left alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import dns.rcode

from intake.dkim_keys import (
    FAILED_SECONDS,
    LONGEST_KEPT_SECONDS,
    LOOK_UP_SECONDS,
    MISSING_SECONDS,
    MOST_FAILURES,
    MOST_KEPT,
    PAUSE_SECONDS,
    Dns,
    Found,
    Keys,
    LookUpFailed,
)
from tests.servers.dns import LOCAL, dns_server

if TYPE_CHECKING:
    import pytest

NAME: Final = "s._domainkey.example.pe"


class Told:
    """A DNS that says what it is told to, and a clock."""

    def __init__(self, found: Found | None) -> None:
        self.found = found
        self.asked: list[str] = []
        self.now = 1000.0
        self.keys = Keys(self, monotonic=lambda: self.now)

    async def __call__(self, name: str) -> Found:
        """Answer, or fail."""
        self.asked.append(name)
        if self.found is None:
            raise LookUpFailed
        return self.found

    async def times_asked(self, *names: str) -> int:
        """Return how often the DNS is asked for these."""
        before = len(self.asked)
        await self.keys.records_of(names)
        return len(self.asked) - before


async def test_an_answer_is_kept_as_long_as_it_says_and_no_longer_than_an_hour() -> None:
    for says, lasts in [(60.0, 60.0), (1e9, LONGEST_KEPT_SECONDS)]:
        told = Told(Found("v=DKIM1", says))
        assert await told.keys.records_of([NAME]) == {NAME: "v=DKIM1"}
        told.now += lasts - 1
        assert (await told.times_asked(NAME), await told.keys.records_of([NAME])) == (0, {NAME: "v=DKIM1"})
        told.now += 1
        assert await told.times_asked(NAME) == 1


async def test_that_there_is_no_key_is_kept_too() -> None:
    told = Told(Found(None, MISSING_SECONDS))

    assert [await told.times_asked(NAME) for _ in range(3)] == [1, 0, 0]


async def test_no_more_answers_are_kept_than_may_be() -> None:
    told = Told(Found("v=DKIM1", 600.0))
    for number in range(MOST_KEPT + 1):
        await told.keys.records_of([f"s{number}._domainkey.example.pe"])

    assert await told.times_asked(f"s{MOST_KEPT}._domainkey.example.pe") == 0
    assert await told.times_asked("s0._domainkey.example.pe") == 1


async def test_a_domain_that_does_not_answer_is_asked_again_after_a_minute_whatever_the_selector() -> None:
    told = Told(None)

    assert await told.keys.records_of(["a._domainkey.example.pe"]) == {}
    assert await told.times_asked("b._domainkey.example.pe") == 0
    told.now += FAILED_SECONDS
    assert await told.times_asked("b._domainkey.example.pe") == 1


async def test_after_repeated_failures_nothing_is_looked_up_for_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    told = Told(None)
    for number in range(MOST_FAILURES):
        assert await told.times_asked(f"s._domainkey.d{number}.pe", f"t._domainkey.d{number}.pe") == 2

    told.found = Found("v=DKIM1", 600.0)
    assert await told.times_asked(NAME) == 0
    told.now += PAUSE_SECONDS
    assert await told.times_asked(NAME) == 1
    assert [record.message for record in caplog.records] == [
        "The DNS does not answer; no keys are looked up for a while"
    ]
    assert ".pe" not in caplog.text


async def test_what_is_known_is_known_in_the_pause_too() -> None:
    told = Told(Found("v=DKIM1", 600.0))
    await told.keys.records_of([NAME])
    told.found = None
    for number in range(MOST_FAILURES):
        await told.keys.records_of([f"s._domainkey.d{number}.pe"])

    assert await told.keys.records_of([NAME]) == {NAME: "v=DKIM1"}


async def test_an_answer_in_between_starts_the_count_again() -> None:
    told = Told(None)
    for number in range(2 * MOST_FAILURES):
        told.found = Found(None, 1.0) if number == MOST_FAILURES - 1 else None
        assert await told.times_asked(f"s._domainkey.d{number}.pe") == 1


async def test_a_silent_server_is_given_up_in_time_and_one_that_fails_at_once() -> None:
    async with dns_server({}) as server:
        keys = Keys(Dns((LOCAL,), port=server.port))
        server.is_silent = True
        began = time.monotonic()
        assert await keys.records_of([NAME]) == {}
        assert time.monotonic() - began < LOOK_UP_SECONDS + 1
        asked = len(server.asked)

        server.is_silent, server.code = False, dns.rcode.SERVFAIL
        assert await keys.records_of(["s._domainkey.example.org"]) == {}
        assert len(server.asked) > asked


async def test_a_machine_without_a_dns_knows_no_keys() -> None:
    keys = Keys(Dns((LOCAL,), port=9))
    began = time.monotonic()

    assert await keys.records_of([NAME]) == {}
    assert time.monotonic() - began < LOOK_UP_SECONDS + 1
