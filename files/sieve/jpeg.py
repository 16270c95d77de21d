"""A JPEG, walked through by its segments (ITU-T T.81, annex B)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from files.sieve.picture_facts import PictureFacts
from rules.verdicts import Finding

if TYPE_CHECKING:
    from mmap import mmap

MOST_SCANS: Final = 500
"""A picture may be told in many passes; each costs as much as all of it."""
_MOST_SEGMENTS: Final = 20_000
_MOST_TEXTS: Final = 100

_END: Final = 0xD9
_SCAN: Final = 0xDA
_COMMENT: Final = 0xFE
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NEXT: Final = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
"""What ends the points of a scan: neither a byte of theirs, nor a place to begin anew."""


def facts_of(data: mmap) -> PictureFacts:
    """Return what is found of it."""
    walk = _Walk(data)
    walk.go()
    return walk.facts


class _Walk:
    def __init__(self, data: mmap) -> None:
        self._data = data
        self._scans = 0
        self._segments = 0
        self.facts = PictureFacts()

    def go(self) -> None:
        at: int | None = 2
        while at is not None:
            self._segments += 1
            at = self._step(at)
        if self.facts.end is None or not self._scans or not self.facts.width or not self.facts.height:
            self.facts.found.add(Finding.DAMAGED)
        if self._scans > MOST_SCANS or self._segments > _MOST_SEGMENTS:
            self.facts.found.add(Finding.TOO_COMPLEX)

    def _step(self, at: int) -> int | None:
        """Look at the segment there and return where the next one is; None at the end, or where it breaks off."""
        data = self._data
        if self._segments > _MOST_SEGMENTS or self._scans > MOST_SCANS:
            self.facts.end = len(data)
            return None
        if data[at : at + 1] != b"\xff" or at + 1 >= len(data):
            return None
        kind = data[at + 1]
        if kind == 0xFF:  # filling
            return self._behind_filling(at)
        if kind == _END:
            self.facts.end = at + 2
            return None
        return at + 2 if kind in _ALONE else self._segment(kind, at + 2)

    def _behind_filling(self, at: int) -> int | None:
        found = re.compile(rb"\xff+").match(self._data, at)
        return found.end() - 1 if found else None

    def _segment(self, kind: int, at: int) -> int | None:
        length = int.from_bytes(self._data[at : at + 2], "big")
        end = at + length
        if length < 2 or end > len(self._data):
            return None
        if kind in _FRAMES:
            self.facts.height = int.from_bytes(self._data[at + 3 : at + 5], "big")
            self.facts.width = int.from_bytes(self._data[at + 5 : at + 7], "big")
        elif kind == _COMMENT and len(self.facts.texts) < _MOST_TEXTS:
            self.facts.texts.append(self._data[at + 2 : end])
        elif kind == _SCAN:
            self._scans += 1
            found = _NEXT.search(self._data, end)
            return found.start() if found else None
        return end
