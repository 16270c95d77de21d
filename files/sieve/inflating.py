"""How much compressed bytes would become: found out with little memory and bounded work, the rest reckoned."""

from __future__ import annotations

import zlib
from typing import Final, Protocol

MEGABYTE: Final = 1 << 20
MOST_RATIO: Final = 1032
"""Deflate cannot do better."""
MOST_WORK: Final = 64 * MEGABYTE

_HEAD: Final = 1 << 12
_SUSPICIOUS_RATIO: Final = 100
_FEW_VALUES: Final = 64
_PIECE: Final = 1 << 10
_STEP: Final = 1 << 18


class _Inflating(Protocol):
    """What `zlib.decompressobj` returns."""

    @property
    def unconsumed_tail(self) -> bytes: ...

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes:
        """Return what comes out, at most so many bytes."""
        ...


class Work:
    """Inflates for several in turn, and no more than so many bytes for all of them."""

    def __init__(self, most: int = MOST_WORK) -> None:
        self._left = most

    def size(self, data: bytes, *, depth: int = 1) -> int:
        """Return how many bytes it becomes if it is inflated *depth* times; reckoned from the part that was."""
        chain: list[_Inflating] = [zlib.decompressobj() for _ in range(depth)]
        taken = produced = 0
        while taken < len(data) and self._left > 0 and not chain[0].eof:
            piece = data[taken : taken + _PIECE]
            try:
                produced += self._through(chain, piece)
            except zlib.error:
                break
            taken += len(piece)
        is_cut_short = self._left <= 0 and not chain[0].eof
        return produced * len(data) // max(taken, 1) if is_cut_short else produced

    def _through(self, chain: list[_Inflating], piece: bytes) -> int:
        """Return how many bytes come out at the end of the chain; never holds much of them."""
        first, *rest = chain
        total = 0
        while self._left > 0:
            made = first.decompress(piece, _STEP)
            self._left -= len(made)
            total += self._through(rest, made) if rest and made else len(made) if not rest else 0
            piece = first.unconsumed_tail
            if first.eof or not piece:
                break
        return total


def is_suspicious(data: bytes) -> bool:
    """Say whether its beginning, or what lies in the middle, is of what almost nothing makes a lot."""
    try:
        head = zlib.decompressobj().decompress(data[:_HEAD], _HEAD * MOST_RATIO)
    except zlib.error:
        return False
    middle = data[len(data) // 2 :][:_PIECE]
    return len(head) > _SUSPICIOUS_RATIO * min(_HEAD, len(data)) or (
        len(middle) == _PIECE and len(set(middle)) < _FEW_VALUES
    )
