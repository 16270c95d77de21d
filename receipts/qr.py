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

LONGEST_ENDING = 32
BITS_OF_ASCII = 7


def encode_qr(text: str) -> tuple[int, bytes]:
    """
    Return how many modules the QR code of the ASCII *text* has each way, and its rows as `receipts.marks.Modules` do.

    15 % of it may be damaged (level M).
    """
    path, slash, ending = text.rpartition("/")
    if not 0 < len(ending) <= LONGEST_ENDING:
        path, slash, ending = text, "", ""
    codes = _codes(path + slash, len(ending))
    return codes.across, codes.bits(ending)


class _Codes:
    """The codes of all texts that are *beginning* and *length* characters more."""

    def __init__(self, beginning: str, length: int) -> None:
        self._blank = "A" * length
        usual = segno.make(beginning + self._blank, error="m", micro=False, boost_error=False, mode="byte")
        self._beginning, self._version, self._mask = beginning, usual.version, usual.mask
        self.across = len(usual.matrix)
        self._modules = self._encode(self._blank)
        self._flips = [self._encode(ending) ^ self._modules for ending in self._endings()]

    def _endings(self) -> list[str]:
        """Return the blank with each of its bits flipped."""
        flipped = [chr(ord("A") ^ 1 << bit) for bit in range(BITS_OF_ASCII)]
        return [self._blank[:at] + other + self._blank[at + 1 :] for at in range(len(self._blank)) for other in flipped]

    def _encode(self, ending: str) -> int:
        code = segno.make(
            self._beginning + ending, error="m", version=self._version, mask=self._mask, mode="byte", boost_error=False
        )
        padding = "0" * (-self.across % 8)
        return int("".join("".join(map(str, row)) + padding for row in code.matrix), 2)

    def bits(self, ending: str) -> bytes:
        """Return the rows of the code whose text ends with *ending*."""
        modules, flips = self._modules, iter(self._flips)
        for character in ending.encode("ascii"):
            change = character ^ ord("A")
            for bit, flip in zip(range(BITS_OF_ASCII), flips, strict=False):
                if change >> bit & 1:
                    modules ^= flip
        return modules.to_bytes(self.across * ((self.across + 7) // 8), "big")


@lru_cache(maxsize=4)
def _codes(beginning: str, length: int) -> _Codes:
    return _Codes(beginning, length)
