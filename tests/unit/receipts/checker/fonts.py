"""The fonts: in the file, as wide as they say, every glyph that is used known by its character."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pikepdf
from fontTools.ttLib import TTFont
from pikepdf import Name

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBSET = re.compile(r"/[A-Z]{6}\+[A-Za-z-]+")
MAPPED = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4})>")
NO_CHARACTERS = {0, 0xFEFF, 0xFFFE}


def check_fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say what is wrong with each font that a page uses."""
    used = used_glyphs(pdf)
    fonts = {name: page.Resources.Font[name] for page in pdf.pages for name in page.Resources.Font.keys()}  # noqa: SIM118
    for name in used.keys() - fonts.keys():
        yield f"font {name}: is in no resources"
    for name, font in fonts.items():
        yield from (f"font {name}: {finding}" for finding in _check_font(font, used.get(name, set())))


def used_glyphs(pdf: pikepdf.Pdf) -> dict[str, set[int]]:
    """Return the glyphs that the pages show, by the names of the fonts."""
    used: dict[str, set[int]] = {}
    for page in pdf.pages:
        name = ""
        for instruction in pikepdf.parse_content_stream(page):
            operator = str(instruction.operator)
            if operator == "Tf":
                name = str(instruction.operands[0])
            elif operator == "Tj":
                codes = bytes(instruction.operands[0])  # pyright: ignore[reportArgumentType]
                pairs = (codes[at : at + 2] for at in range(0, len(codes), 2))
                used.setdefault(name, set()).update(int.from_bytes(pair, "big") for pair in pairs)
    return used


def _check_font(font: Any, used: set[int]) -> Iterator[str]:
    if (font.get("/Subtype"), font.get("/Encoding")) != (Name.Type0, Name("/Identity-H")):
        yield "not composite, or its codes are not its glyphs"
    (descendant,) = font.DescendantFonts
    if (descendant.get("/Subtype"), descendant.get("/CIDToGIDMap")) != (Name.CIDFontType2, Name.Identity):
        yield "its glyphs are not those of a TrueType font"
    system = descendant.get("/CIDSystemInfo", {})
    if [str(system.get(key)) for key in ("/Registry", "/Ordering", "/Supplement")] != ["Adobe", "Identity", "0"]:
        yield "of another character collection"
    descriptor = descendant.FontDescriptor
    names = {str(font.BaseFont), str(descendant.BaseFont), str(descriptor.FontName)}
    if len(names) != 1 or not SUBSET.fullmatch(names.pop()):
        yield "not named as a subset, or not alike everywhere"
    if "/FontFile2" not in descriptor:
        yield "not in the file"
        return
    program = descriptor.FontFile2.read_bytes()
    if int(descriptor.FontFile2.get("/Length1", 0)) != len(program):
        yield "longer or shorter than it says"
    yield from _check_glyphs(TTFont(io.BytesIO(program)), descendant, font.get("/ToUnicode"), used)


def _check_glyphs(program: TTFont, descendant: Any, to_unicode: Any, used: set[int]) -> Iterator[str]:
    tables: Any = program
    order = program.getGlyphOrder()
    scale = 1000 / tables["head"].unitsPerEm
    widths = _widths(descendant)
    default = float(descendant.get("/DW", 1000))
    for glyph, name in enumerate(order):
        if abs(widths.get(glyph, default) - tables["hmtx"][name][0] * scale) > 0.01:
            yield f"the width of {name} is not that of the font"
            break
    if used - set(range(1, len(order))):
        yield "shows glyphs that the font has not, or the one that means nothing"
    known = _characters(to_unicode.read_bytes() if to_unicode is not None else b"")
    if missing := used - known.keys():
        yield f"{len(missing)} glyphs have no character"
    meant = {(program.getGlyphID(name), code) for code, name in (program.getBestCmap() or {}).items()}
    if NO_CHARACTERS & set(known.values()) or set(known.items()) - meant:
        yield "a glyph is said to be another character"


def _characters(to_unicode: bytes) -> dict[int, int]:
    """Return the character of each glyph, as the map by which readers copy text says."""
    blocks = re.findall(rb"beginbfchar\n(.*?)endbfchar", to_unicode, re.DOTALL)
    pairs = [pair for block in blocks for pair in MAPPED.findall(block)]
    return {int(glyph, 16): int(character, 16) for glyph, character in pairs}


def _widths(descendant: Any) -> dict[int, float]:
    """Return the widths in /W, which names glyphs one by one or ranges of them (ISO 32000-1, 9.7.4.3)."""
    widths: dict[int, float] = {}
    listed = list(descendant.get("/W", []))
    while listed:
        first, second = int(listed.pop(0)), listed.pop(0)
        if isinstance(second, pikepdf.Array):
            widths.update((first + place, float(width)) for place, width in enumerate(second))
        else:
            widths.update(dict.fromkeys(range(first, int(second) + 1), float(listed.pop(0))))
    return widths
