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
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from borb.pdf import PDF, CompositeFont, Document, Page, UsageStatistics
from borb.pdf.font.composite_font.cid_type_0_font import CIDType0Font
from borb.pdf.license import usage_statistics
from borb.pdf.primitives import name, stream

from receipts.drawing import EMBLEM, FONTS, draw, tag
from receipts.letterhead import lay_out_letterhead
from receipts.marks import Element
from receipts.typefaces import Typeface, typeface

if TYPE_CHECKING:
    from hashlib import _Hash  # pyright: ignore[reportPrivateUsage]

    from rules.receipts import Letterhead

PARTS = Path(__file__).parent / "parts"
PRODUCER = "borb"
"""Stays, as borb's licence asks: AGPL-3.0, section 7(b)."""

PROFILE = "sRGB IEC61966-2.1"
EMBLEM_PIXELS = (256, 256)
LETTERHEADS = 8
logger = logging.getLogger(__name__)


def _log_reminder(text: str) -> None:
    logger.debug("borb: %s", text, extra={"action": "borb_reminder"})


UsageStatistics.opt_out()
usage_statistics.print = _log_reminder  # pyright: ignore[reportAttributeAccessIssue]


class WrongEmblem(Exception):
    """The emblem is not the one that the letterhead names by its SHA-256."""


class Template(NamedTuple):
    """
    The beginning of every receipt with this letterhead.

    `places` are the entries of its objects for the cross-reference stream, from object 1 on; `elements` are what is
    read of the letterhead, each one run. The numbers are those of objects: a receipt puts its own in the place of the
    first four, for borb writes such ones too.
    """

    prefix: bytes
    digest: _Hash
    places: tuple[bytes, ...]
    elements: list[Element]
    catalog: int
    pages: int
    first_page: int
    info: int
    letterhead: int
    resources: int
    intents: int


@lru_cache(maxsize=LETTERHEADS)
def lay_down(entity: str, unit: str, ruc: str | None, letterhead: Letterhead, emblem: bytes | None) -> Template:
    """
    Return the template of *letterhead*: the same bytes in every process.

    Raises:
        WrongEmblem: *emblem* is not the picture that the letterhead names, or is missing.
    """
    named = letterhead.emblem_sha256
    if named and hashlib.sha256(emblem or b"").hexdigest() != named:
        raise WrongEmblem(named)
    (page,), root = lay_out_letterhead(entity, unit, ruc, letterhead)
    elements = [child for child in root.children if isinstance(child, Element)]
    tags = [tag(element.kind, mcid) for mcid, element in enumerate(elements)]
    document, parts = _document(draw(page, tags), emblem if named else None)
    target = io.BytesIO()
    PDF.write(document, target)
    prefix = target.getvalue()[: int(target.getvalue().rpartition(b"startxref\n")[2].split()[0])]
    written = document["XRef"]
    numbers = {id(entry.get_referenced_object()): entry.get_object_nr() for entry in written}
    places = tuple(in_file(entry.get_byte_offset()) for entry in written)
    return Template(prefix, hashlib.sha256(prefix), places, elements, *(numbers[id(part)] for part in parts))


def _document(letterhead: bytes, emblem: bytes | None) -> tuple[Document, list[Any]]:
    """Return borb's document, and those of its objects that a `Template` gives the numbers of."""
    document, page = Document(), Page()
    resources = _named(Font=fonts(), **({"XObject": pictures(emblem)} if emblem else {}))
    page.update(_named(Contents=_stream(letterhead), Resources=resources))
    document.append_page(page)
    catalog, info = document["Trailer"]["Root"], _named(Producer=PRODUCER)
    intent = _named(Type="/OutputIntent", S="/GTS_PDFA1", OutputConditionIdentifier=PROFILE, Info=PROFILE)
    intent.update(_named(DestOutputProfile=_stream((PARTS / "sRGB.icc").read_bytes(), N=3)))
    catalog.update(_named(OutputIntents=[intent]))
    document["Trailer"].update(_named(Info=info))
    return document, [catalog, catalog["Pages"], page, info, page["Contents"], resources, catalog["OutputIntents"]]


def in_file(offset: int) -> bytes:
    """Return the entry in the cross-reference stream of an object that begins at *offset* (ISO 32000-1, 7.5.8.3)."""
    return (1 << 48 | offset << 16).to_bytes(7)


def _named(**entries: Any) -> dict[str, Any]:
    """Return a dictionary for borb: its keys are names, and so are the values that begin with a slash."""
    return {
        name(key): name(value[1:]) if isinstance(value, str) and value.startswith("/") else value
        for key, value in entries.items()
    }


def _stream(data: bytes, **entries: Any) -> stream:
    written = stream()
    written.update(_named(Bytes=zlib.compress(data, 9), **entries))
    return written


def pictures(emblem: bytes) -> dict[str, Any]:
    """Return the emblem, an opaque PNG, in its proportions in the middle of a white square."""
    from PIL import Image, ImageOps

    square = ImageOps.pad(Image.open(io.BytesIO(emblem), formats=["PNG"]).convert("RGB"), EMBLEM_PIXELS, color="white")
    sizes = {"Width": square.width, "Height": square.height, "BitsPerComponent": 8}
    image = _stream(square.tobytes(), Type="/XObject", Subtype="/Image", ColorSpace="/DeviceRGB", **sizes)
    return _named(**{EMBLEM: image})


@cache
def fonts() -> dict[str, Any]:
    """Return the fonts of a receipt, by the names under which `receipts.drawing` calls for them."""
    return _named(**{resource: _font(typeface(face)) for face, resource in FONTS.items()})


def _font(face: Typeface) -> CompositeFont:
    base = f"/{face.name}"
    program = _stream(face.content, Length1=len(face.content))
    descriptor = _named(Type="/FontDescriptor", FontName=base, FontFile2=program, **face.descriptor)
    collection = _named(Registry="Adobe", Ordering="Identity", Supplement=0)
    descendant, font = CIDType0Font(), CompositeFont()
    descendant.update(_named(Subtype="/CIDFontType2", BaseFont=base, CIDToGIDMap="/Identity"))
    descendant.update(_named(CIDSystemInfo=collection, FontDescriptor=descriptor))
    descendant.update(_named(DW=face.advances[0], W=[0, face.advances]))
    font.update(_named(Subtype="/Type0", BaseFont=base, Encoding="/Identity-H"))
    font.update(_named(DescendantFonts=[descendant], ToUnicode=_stream(face.to_unicode)))
    return font
