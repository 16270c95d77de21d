"""Receipts taken apart: what is set anew is compared, whatever compressed it, and with the emblem of its letterhead."""

from __future__ import annotations

import hashlib
import io
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pikepdf
import pytest
from PIL import Image

from mesadepartes.pdf_objects import have_same_objects
from mesadepartes.receipt_check import Evidence
from mesadepartes.receipt_findings import Check
from mesadepartes.receipt_reading import OtherPaper, SealedReceipt, prints_its_facts, read_receipt
from receipts.batches import Unsealed, sealed
from receipts.writer import render
from rules.receipts import Letterhead
from tests.receipt_world import World, faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.receipts import ReceiptFacts


def emblem_of(colour: str) -> bytes:
    """Return a picture."""
    target = io.BytesIO()
    picture = Image.new("RGB", (40, 30), colour)
    picture.putpixel((3, 4), (1, 2, 3))
    picture.save(target, "PNG")
    return target.getvalue()


def with_emblem(facts: ReceiptFacts, emblem: bytes) -> ReceiptFacts:
    """Return *facts* whose letterhead names the picture."""
    return replace(facts, letterhead=Letterhead(emblem_sha256=hashlib.sha256(emblem).hexdigest()))


def test_receipt_with_an_emblem_prints_its_facts() -> None:
    world, emblem = World(), emblem_of("green")
    unsealed = render(with_emblem(world.facts(), emblem), room=world.seal.room, emblem=emblem)

    assert faults(Evidence(sealed(unsealed, world.seal.sign(unsealed.digest)))) == {}


def test_receipt_with_an_emblem_that_prints_another_fact_is_found() -> None:
    world, emblem = World(), emblem_of("green")
    facts = with_emblem(world.facts(), emblem)
    unsealed = render(replace(facts, subject="otro"), room=world.seal.room, emblem=emblem)
    receipt = read_receipt(sealed(unsealed, world.seal.sign(unsealed.digest)))

    assert prints_its_facts(receipt)
    assert not prints_its_facts(replace(receipt, facts=facts))


@pytest.mark.parametrize("claims", [True, False])
def test_receipt_may_claim_conformity_or_not(claims: bool) -> None:
    world = World()
    unsealed = render(world.facts(), room=world.seal.room, claims_conformity=claims)

    assert faults(Evidence(sealed(unsealed, world.seal.sign(unsealed.digest)))) == {}


def test_receipt_of_another_layout_is_for_another_program() -> None:
    world = World()
    receipt = read_receipt(world.sealed(world.facts()))

    with pytest.raises(OtherPaper):
        prints_its_facts(replace(receipt, facts=replace(receipt.facts, layout=99)))


def recompressed(content: bytes, change: Callable[[pikepdf.Pdf], None] | None = None) -> bytes:
    """Return the file as another program might have compressed it, each object under its number."""
    with pikepdf.open(io.BytesIO(content)) as document:
        for each in document.objects:
            if isinstance(each, pikepdf.Stream) and str(each.get("/Filter", "")) == "/FlateDecode":
                each.write(zlib.compress(each.read_bytes(), 1), filter=pikepdf.Name("/FlateDecode"))
        if change:
            change(document)
        return written(document)


def written(document: pikepdf.Pdf) -> bytes:
    """Return the file with all objects in their places, also those to which nothing refers."""
    parts, places = [b"%PDF-1.7\n"], [0]
    for number in range(1, len(document.objects) + 1):
        places.append(sum(map(len, parts)))
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, unparsed(document.get_object((number, 0)))))
    table = b"".join(b"%010d 00000 n \n" % place for place in places[1:])
    root = document.Root.objgen[0]
    head = b"xref\n0 %d\n0000000000 65535 f \n" % len(places)
    end = b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places), root, sum(map(len, parts)))
    return b"".join([*parts, head, table, end])


def unparsed(value: pikepdf.Object) -> bytes:
    """Return an object as it stands in a file."""
    if not isinstance(value, pikepdf.Stream):
        return value.unparse(resolved=True)
    data = value.read_raw_bytes()
    value.stream_dict["/Length"] = len(data)
    return value.stream_dict.unparse(resolved=True) + b"\nstream\n" + bytes(data) + b"\nendstream"


def content_of(receipt: bytes) -> bytes:
    """Return the receipt without its signature."""
    return read_receipt(receipt).unsealed.content


def test_receipt_compressed_by_another_program_has_the_same_objects() -> None:
    world = World()
    ours = content_of(world.sealed(world.facts()))
    theirs = recompressed(ours)

    assert theirs != ours
    assert have_same_objects(ours, theirs, besides="/EmbeddedFile")


def test_receipt_compressed_by_another_program_prints_its_facts() -> None:
    world = World()
    receipt = read_receipt(world.sealed(world.facts()))
    other = recompressed(receipt.unsealed.content)
    start = other.index(b"/Contents <") + len(b"/Contents ")
    end = other.index(b">", start) + 1
    again = SealedReceipt(receipt.facts, other, Unsealed(other, b"", start, end), receipt.cms)

    assert prints_its_facts(again)
    assert not prints_its_facts(replace(again, facts=replace(receipt.facts, subject="otro")))


def change_content(document: pikepdf.Pdf) -> None:
    content = document.pages[0].Contents[1]
    content.write(zlib.compress(content.read_bytes() + b"\n"), filter=pikepdf.Name("/FlateDecode"))


def change_language(document: pikepdf.Pdf) -> None:
    document.Root.Lang = pikepdf.String("en")


def change_number_to_stream(document: pikepdf.Pdf) -> None:
    document.Root.Lang = document.make_stream(b"es-PE")


def add_annotation(document: pikepdf.Pdf) -> None:
    document.pages[0].Annots.append(pikepdf.Dictionary(Type=pikepdf.Name("/Annot"), Subtype=pikepdf.Name("/Text")))


def swell(document: pikepdf.Pdf) -> None:
    content = document.pages[0].Contents[1]
    content.write(zlib.compress(bytes(20 << 20)), filter=pikepdf.Name("/FlateDecode"))


@pytest.mark.parametrize("change", [change_content, change_language, change_number_to_stream, add_annotation, swell])
def test_any_other_object_is_another_receipt(change: Callable[[pikepdf.Pdf], None]) -> None:
    world = World()
    ours = content_of(world.sealed(world.facts()))

    assert not have_same_objects(ours, recompressed(ours, change), besides="/EmbeddedFile")


def test_seal_that_is_written_otherwise_is_found() -> None:
    world = World()
    receipt = world.sealed(world.facts())
    place = read_receipt(receipt).unsealed
    lower = receipt[: place.start] + receipt[place.start : place.end].lower() + receipt[place.end :]

    assert faults(Evidence(lower)) == {Check.SEAL: "no está escrito como lo escribe la mesa de partes"}


def test_bytes_after_the_signature_in_its_place_are_found() -> None:
    world = World()
    unsealed = render(world.facts(), room=world.seal.room + 10)
    receipt = bytearray(sealed(unsealed, world.seal.sign(unsealed.digest)))
    receipt[unsealed.end - 2] = ord("1")

    assert faults(Evidence(bytes(receipt))) == {Check.SEAL: "no está escrito como lo escribe la mesa de partes"}
