"""Header fields: where they end, and what cannot be read in one way only."""

from __future__ import annotations

import pytest

from intake.anatomy import Suspicion
from intake.headers import LONGEST_BLOCK, MOST_FIELDS, read_fields


def fields_of(data: bytes) -> tuple[list[tuple[str, str]], bytes, set[Suspicion]]:
    found = read_fields(data, 0, len(data))
    return found.items, data[found.body_start :], found.suspicions


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_fields_are_unfolded_and_the_body_follows_the_empty_line(line_end: bytes) -> None:
    data = line_end.join([b"Subject: one", b"\ttwo", b"X-Empty:", b"", b"body: here"])

    assert fields_of(data) == ([("subject", "one\ttwo"), ("x-empty", "")], b"body: here", set())


def test_a_line_that_is_no_field_begins_the_body() -> None:
    assert fields_of(b"Subject: a\nno field here\n\nbody") == (
        [("subject", "a")],
        b"no field here\n\nbody",
        {Suspicion.BROKEN_HEADER},
    )


@pytest.mark.parametrize("first", [b"From rosa@example.pe Thu Jan  1 00:00:00 1970\n", b"\xef\xbb\xbf"])
def test_an_envelope_line_or_byte_order_mark_in_front_is_passed_over(first: bytes) -> None:
    assert fields_of(first + b"Subject: a\n\nbody") == ([("subject", "a")], b"body", set())


@pytest.mark.parametrize(
    ("data", "suspicion"),
    [
        (b"From : a@b\n\n", Suspicion.BROKEN_HEADER),
        (b" From: a@b\n\n", Suspicion.BROKEN_HEADER),
        (b"Subject: a\0b\n\n", Suspicion.NUL_IN_HEADER),
        (b"Subject: a\rFrom: b\n\n", Suspicion.BARE_CR_IN_HEADER),
        (b"A: b\n" * (MOST_FIELDS + 1) + b"\n", Suspicion.TOO_MANY_FIELDS),
        (b"A: " + b"b" * LONGEST_BLOCK + b"\n\nbody", Suspicion.HEADER_TOO_LONG),
        (b"F\0r\0o\0m\0", Suspicion.NUL_IN_HEADER),
    ],
)
def test_what_can_be_read_in_two_ways_is_noticed(data: bytes, suspicion: Suspicion) -> None:
    assert suspicion in fields_of(data)[2]


def test_the_most_fields_and_longest_block_are_still_fine() -> None:
    assert not fields_of(b"A: b\n" * MOST_FIELDS + b"\n")[2]
    assert not fields_of(b"A: " + b"b" * (LONGEST_BLOCK - 5) + b"\n\n")[2]
