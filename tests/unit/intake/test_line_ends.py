"""CRLFs to LFs: the fast way gives what the plain way gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import line_ends
from intake.line_ends import with_lfs

LINES = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"abcd\r\n", b"abc\n", b"ab\r\r\n", b"abcd"]), max_size=60)


@given(LINES, st.integers(0, 30), st.integers(0, 20))
def test_only_crlfs_become_lfs(pieces: list[bytes], even: int, uneven_bytes: int) -> None:
    data = b"".join(pieces) + even * b"0123456789\r\n" + b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_ends, "UNEVEN_BYTES", uneven_bytes)

        assert with_lfs(data) == data.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("odd", [b"", b"\r", b"\r\nx", b"x\r\n", b"\n", b"\r\r\n"])
@pytest.mark.parametrize("place", [100, 9000, 50_000, 99_990])
def test_one_odd_line_among_even_ones_is_seen(odd: bytes, place: int) -> None:
    data = 300 * b"Header: of some length\r\n" + 1200 * (76 * b"x" + b"\r\n")
    data = data[:place] + odd + data[place:]

    assert with_lfs(data) == data.replace(b"\r\n", b"\n")
