"""The three typefaces of a receipt: which glyph a character has, and how wide it is. Loaded once per process."""

from __future__ import annotations

from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from fontTools.ttLib import TTFont

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
    A font file, read: `glyphs` by character, `advances` (thousandths of the size) by glyph.

    `advance` tells how wide a text is, in thousandths of the size; `encode` its glyph numbers, in hexadecimal as in a
    PDF string. A character that the font lacks is shown as U+FFFD.
    """

    def __init__(self, face: Face) -> None:
        file = FOLDER / f"{face.value}.ttf"
        self.name = face.value
        self.content = file.read_bytes()
        font = TTFont(file, lazy=False)
        tables: dict[str, Any] = {tag: font[tag] for tag in ("head", "hhea", "hmtx", "OS/2", "post")}
        scale = 1000 / tables["head"].unitsPerEm
        self.advances = [_number(tables["hmtx"][name][0] * scale) for name in font.getGlyphOrder()]
        self.glyphs = {chr(code): font.getGlyphID(name) for code, name in (font.getBestCmap() or {}).items()}
        self.metrics = _read_metrics(tables, scale)
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


def _number(value: float) -> float:
    """Return a width as PDF writes it shortest."""
    return int(value) if value == int(value) else round(value, 3)


def _read_metrics(tables: dict[str, Any], scale: float) -> dict[str, Any]:
    """Return the numbers that PDF wants of a font, as it calls them, in thousandths of its size (ISO 32000-1, 9.8)."""
    head, hhea = tables["head"], tables["hhea"]
    sizes = {"Ascent": hhea.ascent, "Descent": hhea.descent, "CapHeight": tables["OS/2"].sCapHeight}
    box = [_number(edge * scale) for edge in (head.xMin, head.yMin, head.xMax, head.yMax)]
    scaled = {key: _number(size * scale) for key, size in sizes.items()}
    return {**scaled, "ItalicAngle": _number(tables["post"].italicAngle), "FontBBox": box}


@cache
def typeface(face: Face) -> Typeface:
    """Return *face*, read from disk the first time."""
    return Typeface(face)
