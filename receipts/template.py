"""
The paper of the institution, laid down by borb once: fonts, colour profile, letterhead. Every receipt begins with it.

Imports borb: only the process that renders imports this module. Four habits of borb are kept out (tests name them):
it never phones home or takes over signals, its reminder goes to the log and not to standard output, no text is written
as an unescaped PDF string, and none of its layout elements are used, whose caches never let go.
"""

from __future__ import annotations

import hashlib
import io
import logging
import zlib
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from borb.pdf import PDF, CompositeFont, Document, Page, UsageStatistics
from borb.pdf.font.composite_font.cid_type_0_font import CIDType0Font
from borb.pdf.license import usage_statistics
from borb.pdf.primitives import name, stream

from receipts.drawing import EMBLEM, FONTS, draw, tag
from receipts.letterhead import lay_out_letterhead
from receipts.marks import Element, Run
from receipts.metadata import PARTS, PRODUCER
from receipts.typefaces import Typeface, typeface

if TYPE_CHECKING:
    from hashlib import _Hash  # pyright: ignore[reportPrivateUsage]

    from rules.receipts import Letterhead

logger = logging.getLogger(__name__)
PROFILE = "sRGB IEC61966-2.1"
EMBLEM_PIXELS = 360
LETTERHEADS = 8


def _log_reminder(text: str) -> None:
    logger.debug("borb: %s", text, extra={"action": "borb_reminder"})


UsageStatistics.opt_out()
usage_statistics.print = _log_reminder  # pyright: ignore[reportAttributeAccessIssue]


class WrongEmblem(Exception):
    """The emblem is not the one that the letterhead names by its SHA-256."""


class Numbers(NamedTuple):
    """Objects of a template; a receipt puts its own in the place of the first four, of which borb wrote some too."""

    catalog: int
    pages: int
    first_page: int
    info: int
    letterhead: int
    resources: int
    intents: int


class Template(NamedTuple):
    """
    The beginning of every receipt with this letterhead.

    `places` are the entries of its objects for the cross-reference stream, from object 1 on; `runs` and `elements` are
    what is read of the letterhead, the first on page one.
    """

    prefix: bytes
    digest: _Hash
    places: tuple[bytes, ...]
    numbers: Numbers
    runs: list[Run]
    elements: list[Element]


@lru_cache(maxsize=LETTERHEADS)
def lay_down(entity: str, unit: str, ruc: str | None, letterhead: Letterhead, emblem: bytes | None) -> Template:
    """
    Return the template of *letterhead*: the same bytes in every process.

    Raises:
        WrongEmblem: *emblem* is not the picture that the letterhead names, or is missing.
    """
    if letterhead.emblem_sha256 and hashlib.sha256(emblem or b"").hexdigest() != letterhead.emblem_sha256:
        raise WrongEmblem(letterhead.emblem_sha256)
    (page,), document = lay_out_letterhead(entity, unit, ruc, letterhead)
    runs = [item for item in page if isinstance(item, Run)]
    elements = [child for child in document.children if isinstance(child, Element)]
    kinds = {id(run): element.kind for element in elements for run in element.children}
    tags = {id(run): tag(kinds[id(run)], mcid) for mcid, run in enumerate(runs)}
    return _write(draw(page, tags), emblem if letterhead.emblem_sha256 else None, runs, elements)


def _write(content: bytes, emblem: bytes | None, runs: list[Run], elements: list[Element]) -> Template:
    document = Document()
    page = Page()
    page["Contents"] = _compressed(content)
    page["Resources"] = {name("Font"): fonts(), **({name("XObject"): pictures(emblem)} if emblem else {})}
    document.append_page(page)
    trailer = document["Trailer"]
    trailer[name("Info")] = {name("Producer"): PRODUCER}
    catalog = trailer[name("Root")]
    catalog[name("OutputIntents")] = [_intent()]
    found = (catalog, catalog["Pages"], page, trailer["Info"], page["Contents"], page["Resources"])
    target = io.BytesIO()
    PDF.write(document, target)
    written = target.getvalue()
    numbers = {id(entry.get_referenced_object()): entry.get_object_nr() for entry in document["XRef"]}
    prefix = written[: int(written.rpartition(b"startxref\n")[2].split()[0])]
    return Template(
        prefix,
        hashlib.sha256(prefix),
        tuple(in_file(entry.get_byte_offset()) for entry in document["XRef"]),
        Numbers(*(numbers[id(part)] for part in (*found, catalog["OutputIntents"]))),
        runs,
        elements,
    )


def in_file(offset: int) -> bytes:
    """Return the entry in the cross-reference stream of an object that begins at *offset* (ISO 32000-1, 7.5.8.3)."""
    return b"\1%b\0\0" % offset.to_bytes(4, "big")


def _compressed(data: bytes, **entries: Any) -> stream:
    compressed = stream()
    compressed[name("Bytes")] = zlib.compress(data, 9)
    compressed.update({name(key): value for key, value in entries.items()})
    return compressed


def _intent() -> dict[str, Any]:
    return {
        name("Type"): name("OutputIntent"),
        name("S"): name("GTS_PDFA1"),
        name("OutputConditionIdentifier"): PROFILE,
        name("Info"): PROFILE,
        name("DestOutputProfile"): _compressed((PARTS / "sRGB.icc").read_bytes(), N=3),
    }


def pictures(emblem: bytes) -> dict[str, Any]:
    """Return the emblem on white, in its proportions in the middle of a square."""
    from PIL import Image, ImageOps

    square = (EMBLEM_PIXELS, EMBLEM_PIXELS)
    picture = ImageOps.contain(Image.open(io.BytesIO(emblem), formats=["PNG"]).convert("RGBA"), square)
    canvas = Image.new("RGB", square, "white")
    canvas.paste(picture, ((square[0] - picture.width) // 2, (square[1] - picture.height) // 2), picture)
    image = _compressed(canvas.tobytes(), Width=square[0], Height=square[1], BitsPerComponent=8)
    names = {"Type": "XObject", "Subtype": "Image", "ColorSpace": "DeviceRGB"}
    image.update({name(key): name(value) for key, value in names.items()})
    return {name(EMBLEM): image}


@cache
def fonts() -> dict[str, CompositeFont]:
    """Return the fonts of a receipt, by the names under which `receipts.drawing` calls for them."""
    return {name(resource): _font(typeface(face)) for face, resource in FONTS.items()}


def _font(face: Typeface) -> CompositeFont:
    base_name = name(face.name)
    descriptor = {
        name("Type"): name("FontDescriptor"),
        name("FontName"): base_name,
        name("FontFile2"): _compressed(face.content, Length1=len(face.content)),
        **{name(key): value for key, value in face.descriptor.items()},
    }
    descendant = CIDType0Font()
    descendant.update(
        {
            name("Subtype"): name("CIDFontType2"),
            name("BaseFont"): base_name,
            name("CIDSystemInfo"): {name("Registry"): "Adobe", name("Ordering"): "Identity", name("Supplement"): 0},
            name("CIDToGIDMap"): name("Identity"),
            name("FontDescriptor"): descriptor,
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


def _to_unicode(face: Typeface) -> bytes:
    """Return the map by which readers copy and search text (ISO 32000-1, 9.10.3)."""
    characters: dict[int, str] = {}
    for character, glyph in face.glyphs.items():
        characters.setdefault(glyph, character)
    pairs = [f"<{glyph:04X}> <{ord(character):04X}>" for glyph, character in sorted(characters.items())]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    ranges = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (PARTS / "to_unicode.txt").read_text("ascii").format(ranges=ranges).encode("ascii")
