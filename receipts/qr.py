"""The QR code of a receipt, as rows of modules the way they are seen: never turned or mirrored."""

from __future__ import annotations

import segno

QUIET_MODULES = 4
"""ISO/IEC 18004: as many light modules stay free on each side."""


def encode_qr(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the rows of the QR code for *text* from the top, True is dark; 15 % of it may be damaged (level M)."""
    code = segno.make(text, error="m", micro=False, boost_error=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)
