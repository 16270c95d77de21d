"""Decoded parts: as the standard library decodes well-formed ones, and something sensible for all others."""

from __future__ import annotations

import base64
import binascii
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.anatomy import Encoding, Part, PartKind
from intake.decoding import SLICE_BYTES, PartTooLarge, decode_part, decoded

BIG = bytes(range(256)) * 8192  # 2 MiB: several slices


def decode(data: bytes, encoding: Encoding) -> bytes:
    return b"".join(decoded(data, 0, len(data), encoding=encoding))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 56, 57, 58, SLICE_BYTES - 1, len(BIG)])
def test_base64_is_decoded_in_slices(size: int) -> None:
    assert decode(base64.encodebytes(BIG[:size]).replace(b"\n", b"\r\n"), Encoding.BASE64) == BIG[:size]


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"TWVzYQ", b"Mesa"),  # no padding
        (b"TWVzYQ=", b"Mesa"),
        (b"TWVz\n\nYQ==\n", b"Mesa"),
        (b"TQ==ZXNh", b"Mesa"),  # padding in the middle
        (b"TQ====ZXNh==", b"Mesa"),
        (b"=TWVzYQ==", b"Mesa"),
        (b"T W V z Y Q = =", b"Mesa"),
        (b"TWVz*** garbage? ***YQ==".replace(b"garbage", b""), b"Mesa"),
        (b"TWVzYQ==\nZ", b"Mesa"),  # a lone digit says nothing
        (b"", b""),
        (b"====", b""),
    ],
)
def test_odd_base64_is_decoded_all_the_same(data: bytes, content: bytes) -> None:
    assert decode(data, Encoding.BASE64) == content


def test_garbage_between_lines_does_not_shift_later_slices() -> None:
    lines = base64.encodebytes(BIG).splitlines(keepends=True)
    data = b"".join(line if number % 1000 else b"***\n" + line for number, line in enumerate(lines))

    assert decode(data, Encoding.BASE64) == BIG


@given(
    st.binary(max_size=2000),
    st.lists(st.tuples(st.integers(0, 3000), st.sampled_from([*b" \r\n\0.:*\x80\xff"])), max_size=9),
)
def test_what_is_no_digit_is_passed_over(content: bytes, strays: list[tuple[int, int]]) -> None:
    data = bytearray(base64.encodebytes(content).replace(b"\n", b"\r\n"))
    for place, stray in strays:
        data.insert(place, stray)

    assert decode(bytes(data), Encoding.BASE64) == content


@pytest.mark.parametrize("sign", [b"-", b"_"])
@pytest.mark.parametrize("place", [0, 500, 1000])
def test_a_sign_of_the_other_alphabet_among_lines_of_the_first_is_passed_over(sign: bytes, place: int) -> None:
    lines = base64.encodebytes(BIG[:750])

    assert decode(lines[:place] + sign + lines[place:], Encoding.BASE64) == BIG[:750]


@given(st.binary(max_size=300), st.sampled_from(Encoding))
def test_any_bytes_are_decoded(data: bytes, encoding: Encoding) -> None:
    decode(data, encoding)


@given(st.binary(max_size=500))
def test_quoted_printable_is_decoded(content: bytes) -> None:
    encoded = binascii.b2a_qp(content, istext=False)

    assert decode(encoded, Encoding.QUOTED_PRINTABLE) == content


@pytest.mark.parametrize("line", [b"=C3=B1", b"=C3=B1=\r\n", b"a" * 75 + b"=\n"])
def test_long_quoted_printable_is_cut_between_escapes(line: bytes) -> None:
    data = line * (3 * SLICE_BYTES // len(line))

    assert decode(data, Encoding.QUOTED_PRINTABLE) == binascii.a2b_qp(data)


def test_uuencoded_files_are_found_in_their_text() -> None:
    lines = b"".join(binascii.b2a_uu(BIG[at : at + 45]) for at in range(0, len(BIG), 45))

    data = b"Adjunto:\n\nbegin 644 a.pdf\n" + lines + b"`\nend\nSaludos\n"

    assert decode(data, Encoding.UUENCODE) == BIG


def test_the_limit_ends_the_decoding(tmp_path: Path) -> None:
    (tmp_path / "mail").write_bytes(b"header" + base64.encodebytes(BIG))
    end = (tmp_path / "mail").stat().st_size
    part = Part(PartKind.FILE, "application/pdf", "a.pdf", 6, end, Encoding.BASE64)

    exact = io.BytesIO()

    assert decode_part(tmp_path / "mail", part, exact, limit_bytes=len(BIG)) == len(BIG)
    assert exact.getvalue() == BIG
    with pytest.raises(PartTooLarge):
        decode_part(tmp_path / "mail", part, io.BytesIO(), limit_bytes=len(BIG) - 1)
