"""A PDF looked at as bytes, where its own tables cannot be trusted or are too long to be walked through."""

from __future__ import annotations

import re
import zlib
from bisect import bisect_right
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from files.sieve.pdf_actions import ODD_ADDRESS, WORDS
from files.sieve.pdf_streams import MOST_OF_STRUCTURE, of_structure
from rules.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

    import pikepdf

_END_OF_NAME: Final = rb"(?![^\s/\[\]<>()%{}])"
_HOLDERS: Final = re.compile(rb"/(?:ObjStm|XRef)" + _END_OF_NAME)
STREAM: Final = re.compile(rb"stream\r?\n")
_NEAR: Final = 2048
_MOST_HOLDERS: Final = 20_000

_WORDS: Final = re.compile(
    rb"/(?:" + b"|".join(sorted(WORDS)) + rb")" + _END_OF_NAME + rb"|/URI\s*(?:<(?!<)|\(" + ODD_ADDRESS + rb")"
)
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_NAME: Final = re.compile(rb"/[^\s/\[\]<>()%{}]+")
_LONGEST_ESCAPED: Final = 3 * max(map(len, WORDS)) + 1
_STREAMS_TO_LOOK_AT: Final = re.compile(
    rb"/Filter\s*\[|/(?:Width|Height)\s+\d{5,}|/(?:F|OPI|Ref)" + _END_OF_NAME + rb"(?!\s*\d)"
)
_LEAST_LARGE: Final = 1 << 16
_MOST_SPOTS: Final = 20_000
_MOST_ESCAPES: Final = 100_000
_MOST_OPENED: Final = 100
# Long words only: short ones stand by chance in what is compressed.
_MEANINGS: Final = {
    b"JavaScript": Finding.JAVASCRIPT,
    b"Launch": Finding.LAUNCH,
    b"RichMedia": Finding.MULTIMEDIA,
}


def is_bomb_inside(data: mmap) -> bool:
    """Say whether what must be inflated to open the file at all would be too large."""
    inflation = of_structure()
    for _, held in holders(data):
        inflation.add_flate(held)
    return inflation.is_bomb


def holders(data: mmap) -> Iterator[tuple[int, bytes]]:
    """Return, as they are in the file, the streams that hold objects or say where objects are; and where they begin."""
    for number, found in enumerate(_HOLDERS.finditer(data)):
        start = STREAM.search(data, found.end(), found.end() + _NEAR)
        if number > _MOST_HOLDERS:
            return
        if start:
            end = data.find(b"endstream", start.end())
            yield start.start(), data[start.end() : end if end >= 0 else len(data)]


def is_stream(data: mmap, start: int, end: int) -> bool:
    """Say whether an object looks like a stream; behind it, before the next, a table may stand."""
    return data.rfind(b"endstream", start, end) >= 0


def found_in_bytes(data: mmap) -> set[Finding]:
    """Return what a file that cannot be opened here would do where it can: other readers mend other faults."""
    texts = chain([data], (_inflated(held) or b"" for _, held in islice(holders(data), _MOST_OPENED)))
    words = {word for text in texts for _, word in islice(_words_in(text), _MOST_SPOTS)}
    return {finding for word, finding in _MEANINGS.items() if word in words}


class Spots:
    """Where in the file something stands that must be looked at closely."""

    def __init__(self, data: mmap) -> None:
        self._data = data
        self._in_file = [at for at, _ in islice(_words_in(data), _MOST_SPOTS)]
        self._in_streams = [found.start() for found in islice(_STREAMS_TO_LOOK_AT.finditer(data), _MOST_SPOTS)]
        self._in_holders = [at for at, held in holders(data) if _has_word(held)]

    @property
    def are_words(self) -> bool:
        """Say whether there is anything suspicious at all."""
        return bool(self._in_file or self._in_holders)

    @property
    def are_too_many(self) -> bool:
        """Say whether not all of them were sought."""
        return _MOST_SPOTS in (len(self._in_file), len(self._in_streams))

    def places(self, table: dict[tuple[int, int], pikepdf.XrefEntry]) -> set[tuple[int, int]]:
        """Return which objects lie at these places, are large streams, or lie with a word in a stream of objects."""
        by_offset = sorted((entry.offset or 0, place) for place, entry in table.items() if entry.type == 1)
        offsets = [offset for offset, _ in by_offset]

        def at(spot: int) -> tuple[int, int] | None:
            index = bisect_right(offsets, spot) - 1
            return by_offset[index][1] if index >= 0 else None

        found = {at(spot) for spot in (*self._in_file, *self._in_streams)}
        found |= {
            by_offset[index][1]
            for index, (offset, after) in enumerate(zip(offsets, [*offsets, len(self._data)][1:], strict=True))
            if after - offset >= _LEAST_LARGE and is_stream(self._data, offset, after)
        }
        opened = {place[0] for spot in self._in_holders if (place := at(spot))}
        found |= {place for place, entry in table.items() if entry.obj_stream_number in opened and entry.type == 2}
        return {place for place in found if place}


def _has_word(held: bytes) -> bool:
    """Look into a stream of objects; what cannot be inflated here must be looked at by who can."""
    text = _inflated(held)
    return text is None or next(_words_in(text), None) is not None


def _inflated(held: bytes) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(held, MOST_OF_STRUCTURE)
    except zlib.error:
        return None


def _words_in(text: mmap | bytes) -> Iterator[tuple[int, bytes]]:
    """Return where one of the words stands, however it is written, and which it is."""
    for found in _WORDS.finditer(text):
        yield found.start(), found[0][1:]
    for found in islice(_ESCAPE.finditer(text), _MOST_ESCAPES):
        start = text.rfind(b"/", max(0, found.start() - _LONGEST_ESCAPED), found.start())
        name = _NAME.match(text, start, start + _LONGEST_ESCAPED) if start >= 0 else None
        if name and _unescaped(name[0][1:]) in WORDS:
            yield start, _unescaped(name[0][1:])


def _unescaped(name: bytes) -> bytes:
    return _ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), name)
