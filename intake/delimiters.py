"""Lines that may stand between the parts of a mail (RFC 2046, 5.1.1): found in one pass, however deep the parts are."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.headers import Bytes

MOST_LINES: Final = 20_000
LONGEST_BOUNDARY: Final = 1000
LONGEST_DELIMITER: Final = 2 * LONGEST_BOUNDARY

_WORD = re.compile(rb"[^ \t\r\n]{0,%d}" % (LONGEST_BOUNDARY + 10))
_SLICE_BYTES: Final = 8 * 1024


@dataclass(frozen=True, slots=True)
class Delimiter:
    """
    A line that begins with `--` and the boundary.

    It is from `start` to `after`, where the next one begins. `is_whole` if nothing else stands in it but, if `is_last`,
    two more hyphens.
    """

    start: int
    after: int
    is_last: bool
    is_whole: bool


class DelimiterLines:
    """The lines of a mail that begin with two hyphens, by the word that follows; of endlessly many, the first ones."""

    def __init__(self, data: Bytes) -> None:
        self._data = data
        self._places: dict[bytes, list[int]] = {}
        self.are_too_many = False
        for count, place in enumerate(_hyphens(data)):
            if count == MOST_LINES:
                self.are_too_many = True
                return
            self._places.setdefault(self._word(place), []).append(place)

    def _word(self, place: int) -> bytes:
        match = _WORD.match(self._data[place + 2 : place + 2 + LONGEST_BOUNDARY + 10])
        return match[0] if match else b""

    def between(self, start: int, end: int, *, boundary: bytes) -> Iterator[Delimiter]:
        """Yield the lines in a part that are delimiters of *boundary*, or begin like one."""
        match = _WORD.match(boundary)
        word = match[0] if match else b""
        words = {word} if word != boundary else {word, word + b"--"}
        places = sorted(place for each in words for place in self._within(each, start, end))
        for place in places:
            position = place + 2 + len(boundary)
            if self._data[place + 2 : min(end, position)] == boundary:
                yield self._delimiter(place, position, end)

    def _within(self, word: bytes, start: int, end: int) -> list[int]:
        places = self._places.get(word, [])
        return places[bisect_left(places, start) : bisect_left(places, end)]

    def _delimiter(self, place: int, position: int, end: int) -> Delimiter:
        bound = min(end, position + LONGEST_DELIMITER)
        after = self._data.find(b"\n", position, bound) + 1 or bound
        rest = self._data[position:after].strip()
        is_whole = rest in (b"", b"--") and (after == end or self._data[after - 1 : after] == b"\n")
        return Delimiter(place, after, is_last=rest == b"--", is_whole=is_whole)


def _hyphens(data: Bytes) -> Iterator[int]:
    """Yield where lines begin with two hyphens."""
    if data[:2] == b"--":
        yield 0
    for start in range(0, len(data), _SLICE_BYTES):
        piece = data[start : start + _SLICE_BYTES + 2]
        if b"-" not in piece:
            continue  # base64 has none, and one byte is found far faster than three
        position = -1
        while (position := piece.find(b"\n--", position + 1)) >= 0:
            yield start + position + 1
