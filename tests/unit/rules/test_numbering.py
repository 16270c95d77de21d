"""Numbers and codes that people copy by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.numbering import (
    CODE_BYTES,
    InvalidCode,
    InvalidNumber,
    TramiteNumber,
    clean_code,
    format_number,
    new_code,
    parse_number,
    year_of,
)

PREFIXES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=8)
NUMBERS = st.builds(TramiteNumber, prefix=PREFIXES, year=st.integers(1000, 9999), serial=st.integers(1, 10**12 - 1))
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_a_number_is_written_with_year_serial_and_check_character() -> None:
    assert format_number("MPD", 2026, 1) == "MPD-2026-000001-M"
    assert format_number("MPD", 2026, 1_000_000).startswith("MPD-2026-1000000-")


@given(NUMBERS)
def test_a_number_is_read_as_it_was_written(number: TramiteNumber) -> None:
    assert parse_number(str(number)) == number


@pytest.mark.parametrize(
    "typed", ["mpd-2026-000001-m", " MPD 2026 000001 M ", "MPD2026000001M", "MPD–2026—000001‑M", "mpd/2026.000001-m\n"]
)
def test_case_spaces_and_dashes_do_not_matter(typed: str) -> None:
    assert parse_number(typed) == TramiteNumber("MPD", 2026, 1)


@given(NUMBERS, st.data())
def test_one_wrong_character_is_always_found(number: TramiteNumber, data: st.DataObject) -> None:
    right = str(number).replace("-", "")
    place = data.draw(st.integers(0, len(right) - 1))
    wrong = data.draw(st.sampled_from(ALPHABET.replace(right[place], "")))

    with pytest.raises(InvalidNumber):
        parse_number(right[:place] + wrong + right[place + 1 :])


def test_a_wrong_check_character_is_said_to_be_one() -> None:
    with pytest.raises(InvalidNumber) as refused:
        parse_number("MPD-2026-000002-M")

    assert refused.value.message == "El número de trámite tiene un error al copiarlo: revise cada letra y cada dígito."


@pytest.mark.parametrize(
    "typed", ["", "MPD", "2026-000001-M", "MPD-26-000001-M", "MPD-2026-1-M", "M" * 10_000, "ñ-2026-000001-M"]
)
def test_what_is_no_number_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(InvalidNumber) as refused:
        parse_number(typed)

    assert refused.value.message.endswith("por ejemplo: MPD-2026-000001-M")


def test_the_example_in_the_refusal_is_a_number() -> None:
    with pytest.raises(InvalidNumber) as refused:
        parse_number("")

    assert parse_number(refused.value.message.rpartition(" ")[2]) == TramiteNumber("MPD", 2026, 1)


@pytest.mark.parametrize("body", ["MPD2026000000", "MPD20260000001", "MPD0026000001"])
def test_a_number_that_is_never_given_is_refused_even_with_its_check_character(body: str) -> None:
    refused = 0
    for check in ALPHABET:
        with pytest.raises(InvalidNumber):
            parse_number(body + check)
        refused += 1

    assert refused == len(ALPHABET)


@pytest.mark.parametrize(
    ("prefix", "year", "serial"), [("MPD", 2026, 0), ("MPD", 26, 1), ("m", 2026, 1), ("MPD", 2026, 10**12)]
)
def test_no_number_is_made_of_nonsense(prefix: str, year: int, serial: int) -> None:
    with pytest.raises(ValueError, match="No number"):
        format_number(prefix, year, serial)


def test_the_year_is_limas() -> None:
    assert year_of(datetime(2027, 1, 1, 4, 59, tzinfo=UTC)) == 2026
    assert year_of(datetime(2027, 1, 1, 5, 0, tzinfo=UTC)) == 2027


@given(st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES))
def test_a_code_keeps_every_bit_and_survives_a_careless_hand(random_bytes: bytes) -> None:
    code = new_code(random_bytes)

    compact = code.replace("-", "")
    bits = "".join(f"{'0123456789ABCDEFGHJKMNPQRSTVWXYZ'.index(character):05b}" for character in compact)
    assert int(bits, 2).to_bytes(CODE_BYTES, "big") == random_bytes
    assert clean_code(code) == code
    assert clean_code(f" {compact.lower().replace('0', 'o').replace('1', 'l')} ") == code


def test_a_code_is_written_in_groups_of_four() -> None:
    assert new_code(bytes(range(10))) == "000G-40R4-0M30-E209"


@pytest.mark.parametrize(
    "typed", ["", "000G-40R4-0M30-E20", "000G-40R4-0M30-E2099", "U00G-40R4-0M30-E209", "ñ" * 16, "0" * 10_000]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(InvalidCode):
        clean_code(typed)


def test_a_code_has_eighty_bits() -> None:
    with pytest.raises(ValueError, match="10 bytes"):
        new_code(b"\0" * 9)
