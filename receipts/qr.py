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

LONGEST_ENDING, BITS_OF_ASCII = 32, 7


def encode_qr(text: str) -> tuple[int, bytes]:
    """
    Return how many modules the QR code of the ASCII *text* has each way, and its rows as `receipts.marks.Modules` do.

    15 % of it may be damaged (level M).
    """
    ending = text.rpartition("/")[2]
    ending = ending if len(ending) <= LONGEST_ENDING else ""
    across, modules, flips = _codes(text.removesuffix(ending), len(ending))
    changes = int.from_bytes(ending.encode("ascii")) ^ _blank(len(ending))
    while changes:
        lowest = changes & -changes
        modules ^= flips[lowest]
        changes ^= lowest
    return across, modules.to_bytes(across * ((across + 7) // 8))


def _blank(length: int) -> int:
    return int.from_bytes(b"A" * length)


@lru_cache(maxsize=4)
def _codes(start: str, length: int) -> tuple[int, int, dict[int, int]]:
    """Return the code of *start* and *length* letters A, and what each bit of these letters flips in it."""
    usual = segno.make(start + "A" * length, error="m", micro=False, boost_error=False, mode="byte")
    across, version, mask = len(usual.matrix), usual.version, usual.mask

    def modules(ending: int) -> int:
        text = start + ending.to_bytes(length).decode("ascii")
        code = segno.make(text, error="m", version=version, mask=mask, mode="byte", boost_error=False)
        return int("".join("".join(map(str, row)) + "0" * (-across % 8) for row in code.matrix), 2)

    first = modules(_blank(length))
    bits = [1 << bit for bit in range(8 * length) if bit % 8 < BITS_OF_ASCII]
    return across, first, {bit: first ^ modules(_blank(length) ^ bit) for bit in bits}
