"""A PNG, walked through by its chunks (W3C PNG, third edition)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from files.sieve.inflating import MEGABYTE, MOST_RATIO, Work, is_suspicious
from files.sieve.picture_facts import PictureFacts
from rules.verdicts import Finding

if TYPE_CHECKING:
    from mmap import mmap

MOST_TOLD: Final = 16 * MEGABYTE
"""What texts and colour profile may become, together."""
LEAST_BOMB: Final = 64 * MEGABYTE
"""Less than this the points may become, whatever the header says."""
_MOST_CHUNKS: Final = 50_000
_MOST_TEXTS: Final = 100
_LONGEST_TEXT: Final = 1 << 16

_COMPRESSED: Final = frozenset({b"zTXt", b"iTXt", b"iCCP"})
_PLAIN: Final = frozenset({b"tEXt", b"iTXt"})
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


def facts_of(data: mmap) -> PictureFacts:
    """Return what is found of it."""
    walk = _Walk(data)
    walk.go()
    return walk.facts


class _Walk:
    def __init__(self, data: mmap) -> None:
        self._data = data
        self._chunks = 0
        self._told = 0
        self._row_bits = 0
        self._points: list[tuple[int, int]] = []
        self.facts = PictureFacts()

    def go(self) -> None:
        at: int | None = 8
        while at is not None:
            self._chunks += 1
            at = self._step(at)
        if self.facts.end is None or not self._points or not self._row_bits:
            self.facts.found.add(Finding.DAMAGED)
        if self._told > MOST_TOLD or self._are_points_bomb():
            self.facts.found.add(Finding.BOMB)

    def _step(self, at: int) -> int | None:
        """Look at the chunk there and return where the next one is; None at the end, or where it breaks off."""
        if self._chunks > _MOST_CHUNKS:
            self.facts.found.add(Finding.TOO_COMPLEX)
            self.facts.end = len(self._data)
            return None
        size, kind = int.from_bytes(self._data[at : at + 4], "big"), self._data[at + 4 : at + 8]
        start, end = at + 8, at + 8 + size
        if end + 4 > len(self._data) or not kind.isalpha():
            return None
        if kind[:1].isupper() and not self._is_intact(at + 4, end):
            self.facts.found.add(Finding.DAMAGED)
        self._look_at(kind, start, end)
        if kind == b"IEND":
            self.facts.end = end + 4
            return None
        return end + 4

    def _is_intact(self, start: int, end: int) -> bool:
        with memoryview(self._data) as view, view[start:end] as covered:
            return zlib.crc32(covered) == int.from_bytes(self._data[end : end + 4], "big")

    def _look_at(self, kind: bytes, start: int, end: int) -> None:
        if kind == b"IHDR":
            self._look_at_header(self._data[start:end])
        elif kind == b"IDAT":
            self._points.append((start, end))
        if kind in _COMPRESSED and self._told <= MOST_TOLD:
            self._told += self._told_by(kind, self._data[start:end])
        if kind in _PLAIN and len(self.facts.texts) < _MOST_TEXTS:
            self.facts.texts.append(self._data[start : min(end, start + _LONGEST_TEXT)])

    def _look_at_header(self, header: bytes) -> None:
        if len(header) != 13 or self._chunks != 1:
            return
        width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
        depth, colour = header[8], header[9]
        if not width or not height or depth not in _DEPTHS.get(colour, ()):
            return
        self.facts.width, self.facts.height = width, height
        self._row_bits = width * depth * _CHANNELS[colour]

    def _told_by(self, kind: bytes, body: bytes) -> int:
        """Return how much a compressed text or profile becomes: behind its name, and for a text its language."""
        _, _, rest = body.partition(b"\0")
        if kind == b"iTXt":
            if rest[:1] != b"\1":
                return 0
            rest = rest[1:].partition(b"\0")[2].partition(b"\0")[2]
        return Work(MOST_TOLD + MEGABYTE).size(rest[1:])

    def _are_points_bomb(self) -> bool:
        """Say whether more comes out than the picture has room for: inflated only if it looks as if it would be much."""
        packed = sum(end - start for start, end in self._points)
        # Interlaced pictures have more and shorter rows: at most twice as many bytes, and eight for each row.
        room = max(LEAST_BOMB, 2 * self.facts.height * (self._row_bits // 8 + 8))
        if packed * MOST_RATIO <= room:
            return False
        data = b"".join(self._data[start:end] for start, end in self._points)
        return is_suspicious(data) and Work().size(data) > room
