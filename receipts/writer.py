"""
From facts to the bytes of a PDF, written by borb from its own primitives.

Imports borb: only the process that renders imports this module. Four habits of borb are kept out (tests name them):
it never phones home or takes over signals, its reminder goes to the log and not to standard output, no text is written
as an unescaped PDF string, and none of its layout elements are used, whose caches never let go.
"""

from __future__ import annotations

import hashlib
import io
import logging
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

from borb.pdf import PDF, CompositeFont, Document, Page, UsageStatistics
from borb.pdf.font.composite_font.cid_type_0_font import CIDType0Font
from borb.pdf.license import usage_statistics
from borb.pdf.primitives import datestr, hexstr, name, stream

from receipts.flow import PAGE_HEIGHT, PAGE_WIDTH
from receipts.layout import lay_out
from receipts.letterhead import lay_out_letterhead
from receipts.marks import RESOURCES, draw
from receipts.typefaces import Face, Typeface, typeface
from rules.receipts import ReceiptFacts
from rules.workdays import in_lima

if TYPE_CHECKING:
    from datetime import datetime

logger = logging.getLogger(__name__)
SYMBOLIC, FIXED_PITCH = 4, 1


def _log_reminder(text: str) -> None:
    logger.debug("borb: %s", text, extra={"action": "borb_reminder"})


UsageStatistics.opt_out()
usage_statistics.print = _log_reminder  # pyright: ignore[reportAttributeAccessIssue]


def render_json(data: bytes) -> bytes:
    """Return the PDF of the facts in *data*, as `ReceiptFacts.to_bytes` writes them."""
    return render(ReceiptFacts.from_bytes(data))


def render(facts: ReceiptFacts) -> bytes:
    """Return the PDF of *facts*: the same bytes whenever, wherever and however often it is asked for."""
    paper = lay_out_letterhead(facts.entity, facts.unit, facts.entity_ruc, facts.letterhead)
    first, *others = lay_out(facts).pages
    contents = [draw(mark for run in page for mark in run.marks) for page in ([*paper.pages[0], *first], *others)]
    document = Document()
    for content in contents:
        document.append_page(_page(content))
    trailer = document["Trailer"]
    trailer[name("Info")] = _info(facts)
    trailer[name("Root")][name("Lang")] = "es-PE"
    trailer[name("Root")][name("ViewerPreferences")] = {name("DisplayDocTitle"): True}
    identifier = hexstr(hashlib.sha256(b"\0".join([facts.to_bytes(), *contents])).hexdigest()[:32].upper())
    trailer[name("ID")] = [identifier, identifier]
    target = io.BytesIO()
    PDF.write(document, target)
    return target.getvalue()


def _page(content: bytes) -> Page:
    page = Page()
    page["MediaBox"] = [0, 0, PAGE_WIDTH, PAGE_HEIGHT]
    page["Contents"] = _compressed(content)
    page["Resources"] = {name("Font"): _fonts()}
    return page


def _info(facts: ReceiptFacts) -> dict[str, Any]:
    date = datestr(_pdf_date(facts.dated_at))
    return {
        name("Title"): _text(f"{facts.kind.label} {facts.number}"),
        name("Author"): _text(facts.entity),
        name("CreationDate"): date,
        name("ModDate"): date,
        name("Producer"): "borb",
    }


def _pdf_date(instant: datetime) -> str:
    return f"{in_lima(instant):D:%Y%m%d%H%M%S}-05'00'"


def _text(text: str) -> hexstr:
    """Return a text string (ISO 32000-1, 7.9.2.2) that no character can break out of."""
    return hexstr((b"\xfe\xff" + text.encode("utf-16-be", "replace")).hex().upper())


def _compressed(data: bytes) -> stream:
    compressed = stream()
    compressed[name("Bytes")] = zlib.compress(data, 6)
    return compressed


@cache
def _fonts() -> dict[str, CompositeFont]:
    return {name(resource): _font(typeface(face)) for face, resource in RESOURCES.items()}


def _font(face: Typeface) -> CompositeFont:
    base_name = name(_subset_name(face))
    descendant = CIDType0Font()
    descendant.update(
        {
            name("Subtype"): name("CIDFontType2"),
            name("BaseFont"): base_name,
            name("CIDSystemInfo"): {name("Registry"): "Adobe", name("Ordering"): "Identity", name("Supplement"): 0},
            name("CIDToGIDMap"): name("Identity"),
            name("FontDescriptor"): _descriptor(face, base_name),
            name("DW"): face.advances[0],
            name("W"): [0, face.advances],
        }
    )
    font = CompositeFont()
    font[name("Subtype")] = name("Type0")
    font[name("BaseFont")] = base_name
    font[name("Encoding")] = name("Identity-H")
    font[name("DescendantFonts")] = [descendant]
    font[name("ToUnicode")] = _compressed(_to_unicode(face))
    return font


def _subset_name(face: Typeface) -> str:
    digest = hashlib.sha256(face.content).digest()
    return "".join(chr(ord("A") + byte % 26) for byte in digest[:6]) + "+" + face.name


def _descriptor(face: Typeface, base_name: name) -> dict[str, Any]:
    metrics = face.metrics
    program = _compressed(face.content)
    program[name("Length1")] = len(face.content)
    return {
        name("Type"): name("FontDescriptor"),
        name("FontName"): base_name,
        name("Flags"): SYMBOLIC | (FIXED_PITCH if face.name == Face.MONO else 0),
        name("FontBBox"): list(metrics.box),
        name("ItalicAngle"): metrics.italic_angle,
        name("Ascent"): metrics.ascent,
        name("Descent"): metrics.descent,
        name("CapHeight"): metrics.cap_height,
        name("StemV"): 140 if face.name == Face.BOLD else 80,
        name("FontFile2"): program,
    }


def _to_unicode(face: Typeface) -> bytes:
    """Return the map by which readers copy and search text (ISO 32000-1, 9.10.3)."""
    characters: dict[int, str] = {}
    for character, glyph in face.glyphs.items():
        characters.setdefault(glyph, character)
    pairs = [f"<{glyph:04X}> <{ord(character):04X}>" for glyph, character in sorted(characters.items())]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    ranges = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return TO_UNICODE.format(ranges=ranges).encode("ascii")


TO_UNICODE = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{ranges}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""
