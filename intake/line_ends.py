"""CRLFs to LFs, fast for what mails mostly are: base64 in lines of one length."""

from __future__ import annotations

from typing import Final

UNEVEN_BYTES: Final = 8192
"""How much of a piece is looked at line by line before it is tried as lines of one length: headers and texts."""


def with_lfs(data: bytes) -> bytes:
    """Return the bytes with each CRLF as an LF. Other CRs stay."""
    without_crs = data.translate(None, b"\r")
    crs = len(data) - len(without_crs)
    if not crs or crs == _count_crlfs(data):
        return without_crs
    return data.replace(b"\r\n", b"\n")


def _count_crlfs(data: bytes) -> int:
    """Return how many CRLFs there are; to look for them one by one takes several times as long."""
    begins = min(data.find(b"\n", UNEVEN_BYTES) + 1 or len(data), len(data))
    length = data.find(b"\n", begins) + 1 - begins
    if length < 2:
        return data.count(b"\r\n")
    lfs = data[begins + length - 1 :: length]
    crs = data[begins + length - 2 :: length][: len(lfs)]
    alike = min(len(lfs) - len(lfs.lstrip(b"\n")), len(crs) - len(crs.lstrip(b"\r")))
    return data.count(b"\r\n", 0, begins) + alike + data.count(b"\r\n", begins + alike * length)
