"""The QR code of a receipt, as its modules are seen: never turned or mirrored."""

from __future__ import annotations

import segno

QUIET_MODULES = 4
"""ISO/IEC 18004: as many light modules stay free on each side."""


def encode_qr(text: str) -> tuple[int, bytes]:
    """
    Return how many modules the QR code of *text* has each way, and its rows as `receipts.marks.Modules` holds them.

    15 % of it may be damaged (level M).
    """
    code = segno.make(text, error="m", micro=False, boost_error=False)
    count = len(code.matrix)
    return count, b"".join(_pack(row, count) for row in code.matrix)


def _pack(row: bytes | bytearray, count: int) -> bytes:
    bits = int("".join(map(str, row)), 2)
    return (bits << -count % 8).to_bytes((count + 7) // 8, "big")
