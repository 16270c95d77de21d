"""The body of a mail as signatures cover it: in slices of any size what the library makes of the whole."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from typing import Final

import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import dkim_body
from intake.dkim_body import body_hash

PIECES: Final = st.sampled_from([b"a", b"\xf1", b" ", b"\t", b"\r\n", b"\n", b"\r", b"  \r\n", b"\r\n\r\n"])


def hash_of(text: bytes) -> str:
    return base64.b64encode(hashlib.sha256(text).digest()).decode()


@pytest.mark.parametrize("way", [Simple, Relaxed])
@settings(deadline=None)
@given(pieces=st.lists(PIECES, max_size=30), slice_bytes=st.integers(1, 9))
def test_the_hash_is_that_of_the_whole_body(way: type[Simple | Relaxed], pieces: list[bytes], slice_bytes: int) -> None:
    body = b"".join(pieces) + b"\r\n"
    expected = hash_of(way.canonicalize_body(re.sub(b"\r?\n", b"\r\n", body)))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dkim_body, "SLICE_BYTES", slice_bytes)
        assert body_hash(io.BytesIO(b"X: y\n\n" + body), 6, is_relaxed=way is Relaxed) == expected


def test_what_the_rfc_says_of_an_empty_body_and_of_an_example() -> None:
    assert body_hash(io.BytesIO(), 0, is_relaxed=False) == "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="
    assert body_hash(io.BytesIO(), 0, is_relaxed=True) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    example = b" C \r\nD \t E\r\n\r\n\r\n"
    assert body_hash(io.BytesIO(example), 0, is_relaxed=True) == hash_of(b" C\r\nD E\r\n")
    assert body_hash(io.BytesIO(example), 0, is_relaxed=False) == hash_of(b" C \r\nD \t E\r\n")
