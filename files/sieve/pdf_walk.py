"""
The walk through all objects of a PDF, within bounds.

Each indirect object is written out by qpdf, in which escapes, encryption and object streams are resolved, and its text
is searched; only what holds a suspicious word is looked at closely, with the dictionaries that lie directly inside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pikepdf

from files.sieve.pdf_actions import NAMES, SUSPICIOUS, found_in, text_of
from files.sieve.pdf_choice import Choice
from files.sieve.pdf_streams import Inflation, picture_bytes
from rules.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

MOST_NESTED: Final = 50_000
"""So many things, one within another, are looked at closely."""
LARGEST_PICTURE_BYTES: Final = 512 << 20

_TO_ADD_UP: Final = re.compile(rb"/Filter \[|/Length (?:\d{5,}|\d+ \d+ R)")
"""Streams that are filtered more than once, or are not small, or do not say it themselves."""
_ELSEWHERE: Final = re.compile(rb"/(?:F|OPI|Ref)(?![^\s/\[\]<>()])")
_PICTURE: Final = re.compile(rb"/(?:Width|Height) (\d{5,})")


class Walk:
    """Goes once through the objects of an opened PDF and gathers what is found."""

    def __init__(self, document: pikepdf.Pdf, data: mmap) -> None:
        self._document = document
        self._choice = Choice(document, data)
        self._inflation = Inflation()
        self._nested = MOST_NESTED
        self.found: set[Finding] = set()

    def go(self) -> set[Finding]:
        """Return what is found of all objects; whatever is left out is told as too complex."""
        objects = self._choice.make()
        told_elsewhere = any(isinstance(each, pikepdf.Name) and text_of(each) in NAMES for each in objects)
        if told_elsewhere and not self._choice.is_of_all:
            self.found.add(Finding.TOO_COMPLEX)
        for each in objects:
            if isinstance(each, pikepdf.Stream):
                self._look_at_stream(each, closely=told_elsewhere)
            elif isinstance(each, pikepdf.Dictionary | pikepdf.Array):
                self._look_at(each, each.unparse(resolved=True), closely=told_elsewhere)
        self._look_at(self._document.trailer, b"", closely=True)
        if self._inflation.is_bomb:
            self.found.add(Finding.BOMB)
        return self.found | self._choice.found

    def _look_at_stream(self, stream: Any, *, closely: bool) -> None:
        text = stream.stream_dict.unparse(resolved=True)
        self._look_at(stream, text, closely=closely or _ELSEWHERE.search(text) is not None)
        if _TO_ADD_UP.search(text):
            self._inflation.add(stream)
        if _PICTURE.search(text) and picture_bytes(stream) > LARGEST_PICTURE_BYTES:
            self.found.add(Finding.HUGE_PICTURE)

    def _look_at(self, holder: Any, text: bytes, *, closely: bool) -> None:
        if not closely and not SUSPICIOUS.search(text):
            return
        waiting = [holder]
        while waiting:
            each = waiting.pop()
            self._nested -= 1 + (len(each) if isinstance(each, pikepdf.Array) else len(each.keys()))
            if self._nested < 0:
                self.found.add(Finding.TOO_COMPLEX)
                return
            if not isinstance(each, pikepdf.Array):
                self.found.update(found_in(each))
            waiting += [inner for inner in _inside(each) if not inner.is_indirect]


def _inside(holder: Any) -> Iterator[Any]:
    values = holder if isinstance(holder, pikepdf.Array) else (value for _, value in holder.items())
    return (value for value in values if isinstance(value, pikepdf.Dictionary | pikepdf.Array))
