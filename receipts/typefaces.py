"""The three typefaces of a receipt: which glyph a character has, and how wide it is. Loaded once per process."""

from __future__ import annotations

import json
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

FOLDER = Path(__file__).parent / "fonts"
REPLACEMENT = "\ufffd"
MOST_WORDS, MOST_LINES = 4096, 512
"""Of which the widths and the glyphs are remembered, the ones used last."""

V = TypeVar("V")


class Face(StrEnum):
    """The typefaces, by the file that holds them."""

    REGULAR = "NotoSans-Regular"
    BOLD = "NotoSans-Bold"
    MONO = "NotoSansMono-Regular"

    __hash__ = str.__hash__


class _OfCharacters(dict[str, V]):
    """What is known of each character; of those that the font lacks, what is known of the replacement character."""

    def __missing__(self, character: str) -> V:
        return self[REPLACEMENT]


class Typeface:
    """
    A font file and what `scripts/subset_fonts.py` found in it.

    `glyphs` by character, `advances` by glyph, in thousandths of the size, as are all lengths of `descriptor`, the
    entries of its font descriptor. `advance` tells how wide a text is, likewise; `encode` its glyph numbers, in
    hexadecimal as in a PDF string. A character that the font lacks is shown as U+FFFD.
    """

    def __init__(self, face: Face) -> None:
        self.content = (FOLDER / f"{face}.ttf").read_bytes()
        self.to_unicode = (FOLDER / f"{face}.cmap").read_bytes()
        about: dict[str, Any] = json.loads((FOLDER / f"{face}.json").read_text("utf-8"))
        self.name: str = about["name"]
        self.descriptor: dict[str, Any] = about["descriptor"]
        self.advances: list[float] = about["advances"]
        self.glyphs: dict[str, int] = about["glyphs"]
        self._widths = _OfCharacters({character: self.advances[glyph] for character, glyph in self.glyphs.items()})
        self._codes = _OfCharacters({character: chr(glyph) for character, glyph in self.glyphs.items()})
        self.advance = lru_cache(MOST_WORDS)(self._add_widths)
        self.encode = lru_cache(MOST_LINES)(self._join_codes)

    def _add_widths(self, text: str) -> float:
        return sum(map(self._widths.__getitem__, text))

    def _join_codes(self, text: str) -> str:
        return "".join(map(self._codes.__getitem__, text)).encode("utf-16-be").hex()

    def width(self, text: str, size: float) -> float:
        """Return how wide *text* is, in points."""
        return self.advance(text) * size / 1000


@cache
def typeface(face: Face) -> Typeface:
    """Return *face*, read from disk the first time."""
    return Typeface(face)
