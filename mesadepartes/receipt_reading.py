"""A receipt of ours as a file from anybody: its facts, its seal, and whether it prints what its facts say."""

from __future__ import annotations

import hashlib
import io
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pikepdf
from PIL import Image

from mesadepartes.pdf_objects import have_same_objects
from receipts.batches import Unsealed, sealed
from receipts.layout import UnknownLayout
from receipts.writer import render
from rules.receipts import ReceiptFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

ATTACHMENT = "constancia.json"
LARGEST_RECEIPT = 8 << 20
LARGEST_FACTS = 1 << 20
LARGEST_EMBLEM = 4 << 20
MALFORMED = (ValueError, TypeError, LookupError, AttributeError)
"""What Python raises where a value is of another kind than ours are."""


class NotAReceipt(Exception):
    """The file is no sealed receipt; the message says in Spanish why."""


class OtherPaper(Exception):
    """The receipt was made with a layout that this program does not have."""


@dataclass(frozen=True)
class SealedReceipt:
    """A receipt taken apart: `unsealed` is all of it but the signature, as the seal has it, `cms` the signature."""

    facts: ReceiptFacts
    content: bytes
    unsealed: Unsealed
    cms: bytes

    @property
    def sha256(self) -> bytes:
        """What the log holds of it."""
        return hashlib.sha256(self.content).digest()

    @property
    def is_canonical(self) -> bool:
        """Whether the signature stands in its place as we write it: no other bytes, no other spelling."""
        return sealed(self.unsealed, self.cms) == self.content


def read_receipt(content: bytes) -> SealedReceipt:
    """
    Take a receipt apart.

    Raises:
        NotAReceipt: it is none of ours, or nothing is sealed in it, or the seal does not cover the whole file.
    """
    if len(content) > LARGEST_RECEIPT:
        raise NotAReceipt(f"pesa más de {LARGEST_RECEIPT >> 20} MB, que ninguna constancia pesa")
    if not content.startswith(b"%PDF-"):
        raise NotAReceipt("no es un PDF")
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True) as document:
            facts, ranges = _attached(document), _ranges(document)
    except (pikepdf.PdfError, RuntimeError, *MALFORMED) as error:
        raise NotAReceipt("es un PDF dañado, o no es una constancia") from error
    return _taken_apart(content, _facts(facts), ranges)


def prints_its_facts(receipt: SealedReceipt) -> bool:
    """
    Tell whether the receipt is what its facts give when they are set anew, byte for byte but for the seal.

    Where another program compressed it, the objects are compared one by one, and so they are if its letterhead has an
    emblem: its picture is taken from the file, for only its digest is in the facts.

    Raises:
        OtherPaper: the facts are of a layout that this program does not have.
    """
    claims = b"<pdfaid:part>" in receipt.content
    try:
        return any(_is_same(receipt, claims_conformity=each) for each in (claims, not claims))
    except UnknownLayout:
        raise OtherPaper(receipt.facts.layout) from None
    except (pikepdf.PdfError, RuntimeError, *MALFORMED):
        return False


def _is_same(receipt: SealedReceipt, *, claims_conformity: bool) -> bool:
    facts, emblem = receipt.facts, None
    if facts.letterhead.emblem_sha256:
        emblem = _emblem(receipt.content)
        shown = replace(facts.letterhead, emblem_sha256=hashlib.sha256(emblem).hexdigest())
        facts = replace(facts, letterhead=shown)
    place = receipt.unsealed
    ours = render(facts, room=(place.end - place.start - 2) // 2, emblem=emblem, claims_conformity=claims_conformity)
    if ours.content == place.content:
        return True
    return have_same_objects(ours.content, place.content, besides="/EmbeddedFile")


def _attached(document: pikepdf.Pdf) -> bytes:
    names: Any = document.Root.Names.EmbeddedFiles.Names
    if len(names) != 2 or str(names[0]) != ATTACHMENT:
        raise NotAReceipt("no lleva los datos de una constancia")
    return _inflated(names[1].EF.F, most=LARGEST_FACTS)


def _inflated(stream: Any, *, most: int) -> bytes:
    """Return what a stream holds, if it is compressed as ours are, and no larger than it can be."""
    raw = bytes(stream.read_raw_bytes())
    if "/Filter" not in stream:
        return raw
    if str(stream.Filter) != "/FlateDecode" or "/DecodeParms" in stream:
        raise ValueError("another filter")
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(raw, most)
    except zlib.error as error:
        raise ValueError("broken stream") from error
    if not inflater.eof:
        raise ValueError("larger than it can be, or cut short")
    return data


def _ranges(document: pikepdf.Pdf) -> tuple[int, ...]:
    fields: Any = document.Root.AcroForm.Fields
    if len(fields) != 1 or "/V" not in fields[0]:
        raise NotAReceipt("no lleva sello")
    return tuple(int(each) for each in fields[0].V.ByteRange)


def _facts(data: bytes) -> ReceiptFacts:
    try:
        facts = ReceiptFacts.from_bytes(data)
        is_ours = facts.to_bytes() == data and all(2000 <= at.year < 3000 for at in (facts.dated_at, facts.done_at))
    except (*MALFORMED, RecursionError) as error:
        raise NotAReceipt("los datos que lleva no son los de una constancia") from error
    if not is_ours:
        raise NotAReceipt("los datos que lleva no están escritos como los escribe la mesa de partes")
    return facts


def _taken_apart(content: bytes, facts: ReceiptFacts, ranges: Sequence[int]) -> SealedReceipt:
    if len(ranges) != 4 or ranges[0] != 0 or not 0 < ranges[1] < ranges[2] < len(content) or ranges[3] < 0:
        raise NotAReceipt("el sello no dice bien qué cubre")
    _, start, end, rest = ranges
    if end + rest != len(content):
        raise NotAReceipt("el sello no cubre todo el archivo: algo se le agregó o se le quitó")
    gap = content[start:end]
    if gap[:1] != b"<" or gap[-1:] != b">" or len(gap) % 2:
        raise NotAReceipt("no hay un sello en su sitio")
    try:
        padded = bytes.fromhex(gap[1:-1].decode("ascii"))
    except ValueError:
        raise NotAReceipt("no hay un sello en su sitio") from None
    around = hashlib.sha256(content[:start])
    around.update(content[end:])
    bare = b"".join([content[: start + 1], b"0" * (len(gap) - 2), content[end - 1 :]])
    return SealedReceipt(facts, content, Unsealed(bare, around.digest(), start, end), _without_padding(padded))


def _without_padding(padded: bytes) -> bytes:
    """Return the one DER value at the beginning; the rest is what it is padded with."""
    from asn1crypto.parser import peek

    try:
        return padded[: peek(padded)]
    except ValueError:
        return b""


def _emblem(content: bytes) -> bytes:
    """Return the emblem that the receipt shows, as a PNG file."""
    with pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True) as document:
        pictures: Any = document.pages[0].Resources.XObject
        (name,) = pictures.keys()
        shown = pictures[name]
        size = (int(shown.Width), int(shown.Height))
        image = Image.frombytes("RGB", size, _inflated(shown, most=LARGEST_EMBLEM))
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()
