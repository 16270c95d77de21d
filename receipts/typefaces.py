"""The three typefaces of a receipt: which glyph a character has, and how wide it is. Loaded once per process."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parent / "fonts"
REPLACEMENT = "\ufffd"
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Face(StrEnum):
    """The typefaces, by the file that holds them."""

    REGULAR = "NotoSans-Regular"
    BOLD = "NotoSans-Bold"
    MONO = "NotoSansMono-Regular"


@dataclass(frozen=True, slots=True)
class Metrics:
    """The numbers a PDF wants of a font, in thousandths of its size; `box` is the box around all glyphs."""

    ascent: float
    descent: float
    cap_height: float
    italic_angle: float
    box: tuple[float, ...]


class _Known(dict[_Key, _Value]):
    """What is known of each character; `other` for those that the font lacks, which are not kept."""

    other: _Value

    def __missing__(self, key: _Key) -> _Value:
        return self.other


class Typeface:
    """A font file, read: `glyphs` and `advances` (thousandths of the size) by character."""

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
        replacement = self.glyphs[REPLACEMENT]
        self._codes = _Known({ord(character): chr(glyph) for character, glyph in self.glyphs.items()})
        self._codes.other = chr(replacement)
        self._widths = _Known({character: self.advances[glyph] for character, glyph in self.glyphs.items()})
        self._widths.other = self.advances[replacement]

    def width(self, text: str, size: float) -> float:
        """Return how wide *text* is, in points."""
        return sum(map(self._widths.__getitem__, text)) * size / 1000

    def encode(self, text: str) -> str:
        """Return *text* as the hexadecimal glyph numbers of a PDF string."""
        return text.translate(self._codes).encode("utf-16-be").hex()


def _number(value: float) -> float:
    """Return a width as PDF writes it shortest."""
    return int(value) if value == int(value) else round(value, 3)


def _read_metrics(tables: dict[str, Any], scale: float) -> Metrics:
    head, hhea = tables["head"], tables["hhea"]
    return Metrics(
        ascent=_number(hhea.ascent * scale),
        descent=_number(hhea.descent * scale),
        cap_height=_number(tables["OS/2"].sCapHeight * scale),
        italic_angle=_number(tables["post"].italicAngle),
        box=tuple(_number(edge * scale) for edge in (head.xMin, head.yMin, head.xMax, head.yMax)),
    )


@cache
def typeface(face: Face) -> Typeface:
    """Return *face*, read from disk the first time."""
    return Typeface(face)
