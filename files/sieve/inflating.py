"""How much compressed bytes would become: found out with little memory and bounded work, the rest reckoned."""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTE: Final = 1 << 20
MOST_RATIO: Final = 1032
"""Deflate cannot do better."""
MOST_WORK: Final = 64 * MEGABYTE

_HEAD: Final = 1 << 12
_SUSPICIOUS_RATIO: Final = 100
_FEW_VALUES: Final = 64
_PIECE: Final = 1 << 10
_STEP: Final = 1 << 18
_SMALL_STEP: Final = 1 << 13
"""Of what will be inflated once more: each byte may become a thousand."""
_LEAST_ROOM: Final = 1 << 20


class Work:
    """Inflates for several in turn, no more than so many bytes for all of them, and half of it for one."""

    def __init__(self, most: int = MOST_WORK) -> None:
        self._left = most

    def size(self, data: bytes, *, depth: int = 1) -> int:
        """Return how many bytes it becomes if it is inflated *depth* times; reckoned from the part that was."""
        chain = [_Inflater(_STEP if level == depth - 1 else _SMALL_STEP) for level in range(depth)]
        room = max(self._left // 2, _LEAST_ROOM)
        is_whole = False
        with suppress(zlib.error):
            is_whole = all(_pass_on(chain, data[at : at + _PIECE], room) for at in range(0, len(data), _PIECE))
        self._left -= sum(each.made for each in chain)
        return chain[-1].made if is_whole else _reckoned(chain, len(data))


class _Inflater:
    """One step of inflating: how much went in and came out so far."""

    def __init__(self, step: int) -> None:
        self.taken = self.made = 0
        self._step = step
        self._inner = zlib.decompressobj()

    def give(self, piece: bytes) -> Iterator[bytes]:
        """Return in steps what comes out."""
        while piece and not self._inner.eof:
            out = self._inner.decompress(piece, self._step)
            rest = self._inner.unconsumed_tail
            self.taken += len(piece) - len(rest)
            self.made += len(out)
            piece = rest
            yield out


def _pass_on(chain: list[_Inflater], piece: bytes, room: int) -> bool:
    """Inflate a piece through all steps; False if there is no room for more."""
    first, *rest = chain
    for out in first.give(piece):
        if rest and not _pass_on(rest, out, room):
            return False
    return sum(each.made for each in chain) <= room


def _reckoned(chain: list[_Inflater], size: int) -> int:
    for each in chain:
        size = size * each.made // max(each.taken, 1)
    return size


def small_size(data: bytes) -> int:
    """Return about how many bytes so few become: quick, for there may be thousands; 0 of what is packed otherwise."""
    inflater = zlib.decompressobj()
    try:
        made = len(inflater.decompress(data, _LEAST_ROOM))
    except zlib.error:
        return 0
    taken = len(data) - len(inflater.unconsumed_tail)
    return made * len(data) // max(taken, 1) if made >= _LEAST_ROOM else made


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
