"""The slow path: borb writes the whole document from what was laid out. The fast one must look and read the same."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING

from borb.pdf import PDF, Document, Page
from borb.pdf.primitives import name, stream

from receipts.drawing import EMBLEM, FONTS
from receipts.flow import PAGE_HEIGHT, PAGE_WIDTH
from receipts.marks import Box, Modules, Picture, Text
from receipts.template import fonts, pictures
from receipts.typefaces import typeface
from tests.unit.receipts.samples import pages_of

if TYPE_CHECKING:
    from receipts.marks import Colour, Mark
    from rules.receipts import ReceiptFacts


def write_with_borb(facts: ReceiptFacts, emblem: bytes | None = None) -> bytes:
    """Return the receipt of *facts* as borb writes it: neither tagged nor sealed, with nothing attached."""
    document = Document()
    for marks in pages_of(facts):
        document.append_page(_page(marks, emblem))
    target = io.BytesIO()
    PDF.write(document, target)
    return target.getvalue()


def _page(marks: list[Mark], emblem: bytes | None) -> Page:
    content = stream()
    content[name("Bytes")] = zlib.compress("\n".join(map(_operators, marks)).encode("ascii"))
    page = Page()
    page["MediaBox"] = [0, 0, PAGE_WIDTH, PAGE_HEIGHT]
    page["Contents"] = content
    page["Resources"] = {name("Font"): fonts(), **({name("XObject"): pictures(emblem)} if emblem else {})}
    return page


def _operators(mark: Mark) -> str:
    match mark:
        case Text(x, y, text, face, size, colour):
            font = typeface(face)
            missing = font.glyphs["\ufffd"]
            codes = "".join(f"{font.glyphs.get(character, missing):04X}" for character in text)
            return f"BT {_rgb(colour)} rg /{FONTS[face]} {size:.3f} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm <{codes}> Tj ET"
        case Box(x, y, width, height, colour):
            return f"q {_rgb(colour)} rg {x:.2f} {y:.2f} {width:.2f} {height:.2f} re f Q"
        case Modules(x, y, side, across, bits):
            image = f"BI /W {across} /H {across} /IM true /BPC 1 /D [1 0] /F /AHx ID {bits.hex().upper()}> EI"
            return f"q 0 0 0 rg {side:.2f} 0 0 {side:.2f} {x:.2f} {y:.2f} cm {image} Q"
        case Picture(x, y, width, height):
            return f"q {width:.2f} 0 0 {height:.2f} {x:.2f} {y:.2f} cm /{EMBLEM} Do Q"


def _rgb(colour: Colour) -> str:
    return " ".join(f"{part / 255:.4f}" for part in colour)
