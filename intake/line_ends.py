"""Line ends made alike, as IMAP has them (RFC 3501, 4.3.1); fast for what mails mostly are: lines of one length."""

from __future__ import annotations

from typing import Final

UNEVEN_BYTES: Final = 8192
"""How much of a piece is looked at line by line before it is tried as lines of one length: headers and texts."""


def has_lone_lf(data: bytes, *, is_after_cr: bool = False) -> bool:
    """Say whether there is an LF without a CR before it, which may be the last byte of the piece before."""
    ends_crlf = is_after_cr and data.startswith(b"\n")
    return data.count(b"\n") != count_crlfs(data) + ends_crlf


def with_crlfs(data: bytes, *, is_after_cr: bool = False) -> bytes:
    """Return the bytes with a CR before each LF; CRs without an LF stay."""
    start = 1 if is_after_cr and data.startswith(b"\n") else 0
    return data[:start] + data[start:].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def count_crlfs(data: bytes) -> int:
    """Return how many CRLFs there are; to look for them one by one takes several times as long."""
    begins = data.find(b"\n", UNEVEN_BYTES) + 1 or len(data)
    length = data.find(b"\n", begins) + 1 - begins
    if length < len(b"\r\n"):
        return data.count(b"\r\n")
    lfs = data[begins + length - 1 :: length]
    crs = data[begins + length - 2 :: length][: len(lfs)]
    alike = min(len(lfs) - len(lfs.lstrip(b"\n")), len(crs) - len(crs.lstrip(b"\r")))
    return data.count(b"\r\n", 0, begins) + alike + data.count(b"\r\n", begins + alike * length)
