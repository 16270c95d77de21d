"""Line ends made alike: the fast way finds what the plain way finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import line_ends
from intake.line_ends import count_crlfs, has_lone_lf, with_crlfs

LINES = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"abcd\r\n", b"abc\n", b"ab\r\r\n", b"abcd"]), max_size=60)


@given(LINES, st.integers(0, 30), st.integers(0, 20))
def test_crlfs_are_counted(pieces: list[bytes], even: int, uneven_bytes: int) -> None:
    data = b"".join(pieces) + even * b"0123456789\r\n" + b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_ends, "UNEVEN_BYTES", uneven_bytes)

        assert count_crlfs(data) == data.count(b"\r\n")


@pytest.mark.parametrize("odd", [b"", b"\r", b"\r\nx", b"x\r\n", b"\n", b"\r\r\n"])
@pytest.mark.parametrize("place", [100, 9000, 50_000, 99_990])
def test_one_odd_line_among_even_ones_is_seen(odd: bytes, place: int) -> None:
    data = 300 * b"Header: of some length\r\n" + 1200 * (76 * b"x" + b"\r\n")
    data = data[:place] + odd + data[place:]

    assert has_lone_lf(data) == (odd == b"\n")
    assert has_lone_lf(with_crlfs(data)) is False


@pytest.mark.parametrize(
    ("data", "is_after_cr", "alike"),
    [
        (b"a\nb", False, b"a\r\nb"),
        (b"a\r\nb\r", False, b"a\r\nb\r"),
        (b"\na", False, b"\r\na"),
        (b"\na", True, b"\na"),
        (b"\n\n", True, b"\n\r\n"),
        (b"a\n", True, b"a\r\n"),
        (b"", True, b""),
    ],
)
def test_a_cr_stands_before_each_lf_then(data: bytes, alike: bytes, *, is_after_cr: bool) -> None:
    assert with_crlfs(data, is_after_cr=is_after_cr) == alike
    assert has_lone_lf(data, is_after_cr=is_after_cr) == (alike != data)
