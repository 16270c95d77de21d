"""
The QR code of a receipt, as its modules are seen: never turned or mirrored.

The error correction of a QR code is linear over GF(2). So of texts of one length that begin alike, with one mask, each
bit of what follows flips the same modules whatever the other bits are: these are asked of segno once, and a code is
then put together in microseconds, the very one that segno makes.
"""

from __future__ import annotations

from functools import lru_cache

import segno

QUIET_MODULES = 4
"""ISO/IEC 18004: as many light modules stay free on each side."""

LONGEST_ENDING, BITS_OF_ASCII, BLANK = 32, 7, ord("A")


def encode_qr(text: str) -> tuple[int, bytes]:
    """
    Return how many modules the QR code of the ASCII *text* has each way, and its rows as `receipts.marks.Modules` do.

    15 % of it may be damaged (level M).
    """
    ending = text.rpartition("/")[2]
    ending = ending if len(ending) <= LONGEST_ENDING else ""
    across, modules, flips = _codes(text.removesuffix(ending), len(ending))
    for flips_here, character in zip(flips, ending.encode("ascii"), strict=True):
        modules ^= flips_here[character ^ BLANK]
    return across, modules.to_bytes(across * ((across + 7) // 8))


@lru_cache(maxsize=4)
def _codes(start: str, length: int) -> tuple[int, int, list[list[int]]]:
    """Return the code of *start* and *length* blanks, and what each difference in each of these places flips in it."""
    blank = chr(BLANK) * length
    usual = segno.make(start + blank, error="m", micro=False, boost_error=False, mode="byte")
    across, version, mask = len(usual.matrix), usual.version, usual.mask

    def modules(ending: str) -> int:
        code = segno.make(start + ending, error="m", version=version, mask=mask, mode="byte", boost_error=False)
        return int("".join("".join(map(str, row)) + "0" * (-across % 8) for row in code.matrix), 2)

    first = modules(blank)
    flips = [[0] for _ in blank]
    for place, flips_here in enumerate(flips):
        for bit in range(BITS_OF_ASCII):
            flip = first ^ modules(blank[:place] + chr(BLANK ^ 1 << bit) + blank[place + 1 :])
            flips_here.extend([flip ^ other for other in flips_here])
    return across, first, flips
