"""
Which objects of a PDF are looked at: all, if that is quickly done.

Of a file with more objects, or with more in them, its bytes are searched first, and only where a word stands that means
something, or where much is held, is looked at. Either way the work is bounded; what is left out is told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pikepdf

from files.sieve.inflating import MEGABYTE, Work
from files.sieve.pdf_bytes import STREAM, Spots, is_bomb_inside, is_stream
from files.sieve.pdf_streams import of_structure
from rules.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable
    from mmap import mmap

Place = tuple[int, int]
Table = dict[Place, pikepdf.XrefEntry]

MOST_WALKED: Final = 25_000
MOST_TABLED: Final = 100_000
"""Of more objects not even their places are asked for."""
MOST_TEXT: Final = 3 * MEGABYTE // 2
"""So many bytes, outside streams, are read as objects: what is dense takes a hundred times as long as what is not."""

_HIGHEST: Final = re.compile(r"highest object number \((\d+)\)")
_IN_OBJECT_STREAM: Final = 2
_SHORT: Final = 256


class StructureBomb(Exception):
    """What holds the objects themselves would become too much: none of them may be taken out."""


class Choice:
    """Chooses among the objects of one file."""

    def __init__(self, document: pikepdf.Pdf, data: mmap) -> None:
        self._document = document
        self._data = data
        self.found: set[Finding] = set()
        self.is_of_all = False

    def make(self) -> list[Any]:
        """
        Return the objects.

        Raises:
            StructureBomb: even taking them out would be too much.
        """
        count = self._count()
        table: Table = self._document.get_xref_table() if count <= MOST_TABLED else {}
        if count > MOST_WALKED and is_bomb_inside(self._data):
            raise StructureBomb
        if count > MOST_WALKED or self._text(table, table) > MOST_TEXT:
            return self._at_spots(table, count)
        self.is_of_all = True
        return list(self._document.objects)

    def _count(self) -> int:
        """Return how many objects there are by what the file says, or by what qpdf found instead."""
        size = self._document.trailer.get("/Size")
        counted = [int(told[1]) for warning in self._document.get_warnings() if (told := _HIGHEST.search(warning))]
        return max(size if isinstance(size, int) else 0, *counted, 0)

    def _at_spots(self, table: Table, count: int) -> list[Any]:
        spots = Spots(self._data)
        places = sorted(spots.places(table)) if table else []
        is_too_much = (
            self._document.is_encrypted
            or spots.are_too_many
            or (count > MOST_TABLED and spots.are_words)
            or len(places) > MOST_WALKED
            or self._text(table, places) > MOST_TEXT
        )
        if is_too_much:
            self.found.add(Finding.TOO_COMPLEX)
            return []
        return [self._document.get_object(place) for place in places]

    def _text(self, table: Table, places: Iterable[Place]) -> int:
        """Return about how many bytes these objects are, without their streams; judges those that hold others."""
        offsets = sorted(entry.offset or 0 for entry in table.values() if entry.type != _IN_OBJECT_STREAM)
        after = dict(zip(offsets, [*offsets, len(self._data)][1:], strict=True))
        entries = [table[place] for place in places]
        held_in = {entry.obj_stream_number or 0 for entry in entries if entry.type == _IN_OBJECT_STREAM}
        plain = sum(
            self._length(entry.offset or 0, after[entry.offset or 0])
            for entry in entries
            if entry.type != _IN_OBJECT_STREAM
        )
        return plain + self._held(held_in)

    def _length(self, start: int, end: int) -> int:
        """Return how much of an object is no stream."""
        if end - start < _SHORT or not is_stream(self._data, start, end):
            return end - start
        begun = STREAM.search(self._data, start, end)
        return begun.start() - start if begun else end - start

    def _held(self, numbers: Iterable[int]) -> int:
        """Return how much is in streams of objects; these are judged before anything is taken out of them."""
        structure, work, size = of_structure(), Work(2 * MOST_TEXT), 0
        for number in numbers:
            holder = self._document.get_object(number, 0)
            if isinstance(holder, pikepdf.Stream):
                structure.add(holder)
                size += work.size(holder.read_raw_bytes()) if size <= MOST_TEXT else 0
        if structure.is_bomb:
            raise StructureBomb
        return size
