"""
The walk through all objects of a PDF, within bounds.

Each indirect object is written out by qpdf, in which escapes, encryption and object streams are resolved, and its text
is searched; only what holds a suspicious word is looked at closely, with the dictionaries that lie directly inside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pikepdf

from files.sieve.pdf_actions import NAMES, SUSPICIOUS, found_in
from files.sieve.pdf_streams import Inflation, of_structure, picture_bytes
from rules.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_OBJECTS: Final = 60_000
MOST_NESTED: Final = 60_000
LARGEST_PICTURE_BYTES: Final = 512 << 20

_FILTERED: Final = re.compile(rb"/(?:Fl|LZW|LZWDecode|RL|RunLengthDecode|FlateDecode)(?![^\s/\[\]<>()])|/Filter \[")
_ELSEWHERE: Final = re.compile(rb"/(?:F|OPI|Ref)(?![^\s/\[\]<>()])")
_PICTURE: Final = re.compile(rb"/(?:Width|Height) (\d{5,})")


class Walk:
    """Goes once through the objects of an opened PDF and gathers what is found."""

    def __init__(self, document: pikepdf.Pdf) -> None:
        self._document = document
        self._inflation = Inflation()
        self._nested = MOST_NESTED
        self.found: set[Finding] = set()

    def go(self) -> set[Finding]:
        """Return what is found of all objects; whatever is left out is told as too complex."""
        objects = self._objects()
        told_elsewhere = any(isinstance(each, pikepdf.Name) and str(each) in NAMES for each in objects)
        for each in objects:
            if isinstance(each, pikepdf.Stream):
                self._look_at_stream(each, closely=told_elsewhere)
            elif isinstance(each, pikepdf.Dictionary | pikepdf.Array):
                self._look_at(each, each.unparse(resolved=True), closely=told_elsewhere)
        self._look_at(self._document.trailer, b"", closely=True)
        if self._inflation.is_bomb:
            self.found.add(Finding.BOMB)
        return self.found

    def _objects(self) -> list[Any]:
        """Return the objects, streams of objects judged before those within them are taken out."""
        document = self._document
        table = document.get_xref_table()
        if len(table) > MOST_OBJECTS:
            self.found.add(Finding.TOO_COMPLEX)
        structure = of_structure()
        for number in {entry.obj_stream_number or 0 for entry in table.values() if entry.type == 2}:
            holder = document.get_object(number, 0)
            if isinstance(holder, pikepdf.Stream):
                structure.add(holder)
        if structure.is_bomb:
            self.found.add(Finding.BOMB)
            return []
        if len(table) <= MOST_OBJECTS:
            return list(document.objects)
        return [document.get_object(place) for place in list(table)[:MOST_OBJECTS]]

    def _look_at_stream(self, stream: Any, *, closely: bool) -> None:
        text = stream.stream_dict.unparse(resolved=True)
        self._look_at(stream, text, closely=closely or _ELSEWHERE.search(text) is not None)
        if _FILTERED.search(text):
            self._inflation.add(stream)
        if _PICTURE.search(text) and picture_bytes(stream) > LARGEST_PICTURE_BYTES:
            self.found.add(Finding.HUGE_PICTURE)

    def _look_at(self, holder: Any, text: bytes, *, closely: bool) -> None:
        if not closely and not SUSPICIOUS.search(text):
            return
        waiting = [holder]
        while waiting:
            if self._nested <= 0:
                self.found.add(Finding.TOO_COMPLEX)
                return
            each = waiting.pop()
            self._nested -= 1
            if not isinstance(each, pikepdf.Array):
                self.found.update(found_in(each))
            waiting += [inner for inner in _inside(each) if not inner.is_indirect]


def _inside(holder: Any) -> Iterator[Any]:
    values = holder if isinstance(holder, pikepdf.Array) else (value for _, value in holder.items())
    return (value for value in values if isinstance(value, pikepdf.Dictionary | pikepdf.Array))
