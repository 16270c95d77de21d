"""
Make `receipts/fonts/*.ttf` from the Noto fonts of Debian's packages fonts-noto-core and fonts-noto-mono.

For maintainers: the results are committed, and only they are read at run time. Run it again to add characters, look at
a receipt afterwards, and raise `rules.receipts.LAYOUT`: other glyphs are other bytes. Beside each font lies what a PDF
says of it and what laying out needs (`*.json`), so that no font is parsed at run time.

    python scripts/subset_fonts.py /usr/share/fonts/truetype/noto
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).parent.parent / "receipts" / "fonts"
SOFT_HYPHEN = 0xAD
ASCII = range(0x20, 0x7F)
LATIN = [code for code in (*ASCII, *range(0xA1, 0x180), *range(0x218, 0x21C)) if code != SOFT_HYPHEN]
VIETNAMESE = range(0x1EA0, 0x1EFA)
# The alphabets of Peru's original languages, official by Decreto Legislativo 1049 and Ley 29735, need these too.
ORIGINARY = [0x1E3E, 0x1E3F, 0x1E54, 0x1E55, 0x1E82, 0x1E83, 0x197, 0x268, 0x244, 0x289, 0x294, 0x2BC, 0xA78B, 0xA78C]
COMBINING = [0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x30C, 0x323, 0x327, 0x328, 0x330, 0x331]
DASHES_AND_QUOTES = [*range(0x2010, 0x2016), *range(0x2018, 0x201F), 0x2039, 0x203A]
SIGNS = [0x2020, 0x2022, 0x2026, 0x2030, 0x20AC, 0x2116, 0x2122, 0xFFFD]
TEXT = {*LATIN, *VIETNAMESE, *ORIGINARY, *COMBINING, *DASHES_AND_QUOTES, *SIGNS}
CODE = {*ASCII, 0xFFFD}
FONTS = {"NotoSans-Regular": TEXT, "NotoSans-Bold": TEXT, "NotoSansMono-Regular": CODE}
SYMBOLIC, FIXED_PITCH = 4, 1
CMAP = """\
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{blocks}endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""
COPYRIGHT, FAMILY, STYLE, UNIQUE, FULL, VERSION, POSTSCRIPT, LICENCE, LICENCE_URL = 0, 1, 2, 3, 4, 5, 6, 13, 14


def shrink_font(source: Path, *, target: Path, characters: set[int]) -> None:
    """Write the glyphs of *characters* alone: no layout tables, no hints, no glyph names; the licence stays inside."""
    options = subset.Options()
    options.layout_features = []
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT", "MATH"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [COPYRIGHT, FAMILY, STYLE, UNIQUE, FULL, VERSION, POSTSCRIPT, LICENCE, LICENCE_URL]
    options.name_languages = [0x409]
    options.recalc_timestamp = False
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=sorted(characters))
    subsetter.subset(font)
    subset.save_font(font, str(target), options)


def describe_font(file: Path) -> None:
    """
    Write what is known of a font beside it: the glyph of each character, the advance of each glyph, its descriptor.

    Lengths are in thousandths of the size (ISO 32000-1, 9.8). The name begins with a tag made of the font's digest, by
    which others know a part of a font from the whole (9.6.4).
    """
    font = TTFont(file, lazy=False)
    tables: dict[str, Any] = {tag: font[tag] for tag in ("head", "hhea", "hmtx", "OS/2", "post")}
    head, hhea = tables["head"], tables["hhea"]

    def scaled(value: float) -> float:
        length = value * 1000 / head.unitsPerEm
        return int(length) if length == int(length) else round(length, 3)

    tag = "".join(chr(ord("A") + byte % 26) for byte in hashlib.sha256(file.read_bytes()).digest()[:6])
    glyphs = {chr(code): font.getGlyphID(name) for code, name in (font.getBestCmap() or {}).items()}
    about = {
        "name": f"{tag}+{file.stem}",
        "descriptor": {
            "Flags": SYMBOLIC | (FIXED_PITCH if "Mono" in file.stem else 0),
            "FontBBox": [scaled(edge) for edge in (head.xMin, head.yMin, head.xMax, head.yMax)],
            "ItalicAngle": scaled(tables["post"].italicAngle),
            "Ascent": scaled(hhea.ascent),
            "Descent": scaled(hhea.descent),
            "CapHeight": scaled(tables["OS/2"].sCapHeight),
            "StemV": 140 if "Bold" in file.stem else 80,
        },
        "advances": [scaled(tables["hmtx"][name][0]) for name in font.getGlyphOrder()],
        "glyphs": glyphs,
    }
    file.with_suffix(".json").write_text(json.dumps(about, ensure_ascii=False) + "\n", encoding="utf-8")
    file.with_suffix(".cmap").write_text(to_unicode(glyphs), encoding="ascii")


def to_unicode(glyphs: dict[str, int]) -> str:
    """Return the map by which readers of PDF copy and search text (ISO 32000-1, 9.10.3)."""
    characters = {glyph: character for character, glyph in reversed(glyphs.items())}
    pairs = [f"<{glyph:04X}> <{ord(character):04X}>\n" for glyph, character in sorted(characters.items())]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    return CMAP.format(blocks="".join(f"{len(block)} beginbfchar\n{''.join(block)}endbfchar\n" for block in blocks))


def main(folder: Path) -> None:
    """Make all fonts and say their sizes and which characters the originals lack."""
    for name, characters in FONTS.items():
        target = TARGET / f"{name}.ttf"
        shrink_font(folder / f"{name}.ttf", target=target, characters=characters)
        describe_font(target)
        lacking = sorted(characters - set(TTFont(target).getBestCmap() or ()))
        print(f"{target.name}: {target.stat().st_size} bytes, lacking {[f'U+{code:04X}' for code in lacking]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
