"""The three typefaces of a receipt: which glyph a character has, and how wide it is. Loaded once per process."""

from __future__ import annotations

import json
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

FOLDER = Path(__file__).parent / "fonts"
REPLACEMENT = "\ufffd"
MOST_WORDS = 4096
"""Of which the widths are remembered, the ones used last."""

ESCAPES = str.maketrans({"(": r"\(", ")": r"\)", "\\": r"\\", "\r": r"\r"})

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
    entries of its font descriptor. `advance` tells how wide a text is, likewise. A character that the font lacks is
    shown as U+FFFD.
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
        self._codes = _OfCharacters({character: _code(glyph) for character, glyph in self.glyphs.items()})
        self.advance = lru_cache(MOST_WORDS)(self._add_widths)

    def _add_widths(self, text: str) -> float:
        return sum(map(self._widths.__getitem__, text))

    def encode(self, text: str) -> str:
        """Return the glyph numbers of *text* as what stands in a string of PDF, each character a byte."""
        return "".join(map(self._codes.__getitem__, text))


def _code(glyph: int) -> str:
    """Return the two bytes by which a string of PDF calls for *glyph* (ISO 32000-1, 7.3.4.2)."""
    return "".join(map(chr, divmod(glyph, 256))).translate(ESCAPES)


@cache
def typeface(face: Face) -> Typeface:
    """Return *face*, read from disk the first time."""
    return Typeface(face)
