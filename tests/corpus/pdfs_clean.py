"""Honest PDFs: as scanners, offices, printers and signers make them."""

from __future__ import annotations

import io
import zlib
from functools import partial

from PIL import Image

from tests.corpus.book import Book
from tests.corpus.pdf_rewriter import rewritten
from tests.corpus.pdf_writer import CONTENTS, FONT, Objects, document, flate, many_pages, packed, pdf, stream, update

PLAIN = pdf(document())
XMP = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="2" pdfaid:conformance="B"/></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
IMAGE = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent %d"


def photograph(mode: str = "RGB") -> bytes:
    """Return a JPEG of a gradient."""
    written = io.BytesIO()
    Image.linear_gradient("L").resize((120, 90)).convert(mode).save(written, "JPEG", quality=80)
    return written.getvalue()


def scan(count: int = 3) -> bytes:
    """Return so many pages, each a photograph."""
    objects = document()
    kids = [20 + 3 * index for index in range(count)]
    objects[2] = b"<</Type/Pages/Kids[%b]/Count %d>>" % (b" ".join(b"%d 0 R" % kid for kid in kids), count)
    for kid in kids:
        objects[kid] = (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</I %d 0 R>>>>/Contents %d 0 R>>"
            % (kid + 1, kid + 2)
        )
        objects[kid + 1] = stream(IMAGE % (120, 90, 8) + b"/ColorSpace/DeviceRGB/Filter/DCTDecode", photograph())
        objects[kid + 2] = flate(b"q 595 0 0 842 0 0 cm /I Do Q")
    return pdf(objects, version=b"1.4")


def pictured(told: bytes, data: bytes) -> bytes:
    """Return a page with one picture."""
    return pdf(document(b"", b"/Resources<</XObject<</I 10 0 R>>>>", {10: stream(IMAGE % (8, 8, 8) + told, data)}))


def tagged() -> bytes:
    """Return a document with its structure, as a word processor exports it."""
    more: Objects = {
        10: b"<</Type/StructTreeRoot/K[11 0 R]/ParentTree 13 0 R/RoleMap<</Titulo/H1>>>>",
        11: b"<</Type/StructElem/S/Document/P 10 0 R/K[12 0 R]>>",
        12: b"<</Type/StructElem/S/Titulo/P 11 0 R/Pg 3 0 R/K 0/Lang(es-PE)>>",
        13: b"<</Nums[0[12 0 R]]>>",
    }
    catalog = b"/MarkInfo<</Marked true>>/StructTreeRoot 10 0 R/Lang(es-PE)/ViewerPreferences<</DisplayDocTitle true>>"
    return packed(document(catalog, b"/StructParents 0/Tabs/S", more))


def latin() -> Objects:
    """Return a document in which names are not in UTF-8, as some programs write them."""
    more = {
        10: b"<</Type/StructTreeRoot/K[11 0 R]/RoleMap<</T\xedtulo/H1>>>>",
        11: b"<</Type/StructElem/S/T\xedtulo/P 10 0 R/Pg 3 0 R/K 0/A<</O/Lay\xf3ut>>/AA<</O<</S/GoTo/N/\xe9>>>>>>",
        12: stream(b"/Filter[/\xe9]", b"a"),
    }
    return document(b"/StructTreeRoot 10 0 R", b"/StructParents 0", more)


def archival() -> bytes:
    """Return a document with metadata and an output intent."""
    more = {10: stream(b"/Type/Metadata/Subtype/XML", XMP), 11: flate(b"profile", b"/N 3")}
    intent = (
        b"/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/DestOutputProfile 11 0 R>>]"
    )
    return pdf(document(b"/Metadata 10 0 R" + intent, more=more))


def signed(base: bytes, *, number: int = 10) -> bytes:
    """Return the file with an update that holds a signature as PAdES has it, its bytes made up."""
    signature = b"/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 840 9032 200]/M(D:20260101)"
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[%b]/SigFlags 3>>/Perms<</DocMDP %d 0 R>>>>"
        % (b" ".join(b"%d 0 R" % each for each in range(10, number + 1, 2)), 11),
        3: document()[3].replace(b">>>>/Contents", b">>>>/Annots[%d 0 R]/Contents" % number),
        number: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Firma%d)/F 132/Rect[0 0 0 0]/P 3 0 R/V %d 0 R>>"
        % (number, number + 1),
        number + 1: b"<<%b/Contents<%b>/Reference[<</Type/SigRef/TransformMethod/DocMDP"
        b"/TransformParams<</Type/TransformParams/P 2/V/1.2>>>>]>>" % (signature, b"30820f" + b"00" * 4000),
    }
    return update(base, objects)


def with_revocations() -> bytes:
    """Return a signed file with what is needed to check it in years."""
    more = {20: flate(b"certificate"), 1: b"<</Type/Catalog/Pages 2 0 R/DSS<</Certs[20 0 R]/VRI<<>>>>"
            b"/AcroForm<</Fields[10 0 R]/SigFlags 3>>>>"}  # fmt: skip
    return update(signed(PLAIN), more)


def outlined() -> bytes:
    """Return a document with an outline, named places, page labels and links within it."""
    more = {
        10: b"<</Type/Outlines/First 11 0 R/Last 11 0 R/Count 1>>",
        11: b"<</Title(Solicitud)/Parent 10 0 R/A<</S/GoTo/D(aqui)>>>>",
    }
    names = b"/Names<</Dests<</Names[(aqui)[3 0 R/Fit]]>>>>/PageLabels<</Nums[0<</S/D/St 1>>]>>"
    link = b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/Dest(aqui)>>]"
    return pdf(document(b"/Outlines 10 0 R/PageMode/UseOutlines" + names, link, more))


def commented() -> bytes:
    """Return a document with notes, marks and a stamp."""
    kinds = (b"Text", b"Highlight", b"FreeText", b"Stamp", b"Ink", b"Popup", b"Square", b"Line")
    notes = b"".join(b"<</Type/Annot/Subtype/%b/Rect[0 0 9 9]/F 4/Contents(falta folio 3)>>" % kind for kind in kinds)
    return pdf(document(b"", b"/Annots[%b]" % notes))


def book_of_clean(book: Book) -> None:
    """Write them down."""
    book.clean("a letter", partial(pdf, document()))
    book.clean("a letter of 1999", lambda: pdf(document(), version=b"1.3"))
    book.clean("a letter of PDF 2.0", lambda: pdf(document(), version=b"2.0", trailer=b"/ID[<00><00>]"))
    book.clean("a letter, packed", lambda: packed(document()))
    book.clean("a letter, linearized", lambda: rewritten(PLAIN, linearize=True))
    book.clean("a letter, linearized and packed", lambda: rewritten(PLAIN, linearize=True, packs=True))
    book.clean("a letter that ends without a line", lambda: pdf(document(), end=b""))
    book.clean("a letter with its contents packed", lambda: pdf(document(contents=flate(CONTENTS))))
    book.clean("a letter with long contents", lambda: pdf(document(contents=flate(CONTENTS * 20_000))))
    book.clean(
        "a letter with contents in letters",
        lambda: pdf(
            document(
                contents=stream(b"/Filter[/ASCIIHexDecode/FlateDecode]", zlib.compress(CONTENTS).hex().encode() + b">")
            )
        ),
    )
    book.clean("a scan", scan, pages=3)
    book.clean("a scan, linearized", lambda: rewritten(scan(), linearize=True), pages=3)
    book.clean("a scan of 40 pages, packed", lambda: rewritten(scan(40), packs=True), pages=40)
    book.clean("800 pages", lambda: packed(many_pages(800)), pages=800)
    book.clean(
        "a picture in four colours", lambda: pictured(b"/ColorSpace/DeviceCMYK/Filter/DCTDecode", photograph("CMYK"))
    )
    book.clean(
        "a photograph that is packed",
        lambda: pictured(b"/ColorSpace/DeviceGray/Filter[/FlateDecode/DCTDecode]", zlib.compress(photograph("L"))),
    )
    book.clean(
        "a picture with colours by number",
        lambda: pictured(
            b"/ColorSpace[/Indexed/DeviceRGB 1<000000ffffff>]/Filter/FlateDecode", zlib.compress(bytes(64))
        ),
    )
    book.clean("a mask", lambda: pictured(b"/ImageMask true/Filter/RunLengthDecode", b"\x3f" + bytes(64) + b"\x80"))
    book.clean(
        "a white page as picture",
        lambda: pdf(
            document(
                more={
                    10: stream(
                        IMAGE % (9000, 9000, 8) + b"/ColorSpace/DeviceGray/Filter/FlateDecode",
                        zlib.compress(bytes(81_000_000), 1),
                    )
                }
            )
        ),
    )
    book.clean("a tagged document", tagged)
    book.clean("a tagged document with names in Latin-1", lambda: pdf(latin()))
    book.clean("a document to be kept", archival)
    book.clean("a signed document", lambda: signed(PLAIN))
    book.clean("a document with two signatures", lambda: signed(signed(PLAIN), number=12))
    book.clean("a signed document with revocations", with_revocations)
    book.clean("a signed scan", lambda: signed(PLAIN.replace(b"Solicito", b"Escaneo:")))
    book.clean("a document with an outline", outlined)
    book.clean("a document with notes", commented)
    book.clean(
        "a document with layers",
        lambda: pdf(
            document(b"/OCProperties<</OCGs[10 0 R]/D<</Order[10 0 R]>>>>", more={10: b"<</Type/OCG/Name(sello)>>"})
        ),
    )
    book.clean("an edited document", lambda: update(update(PLAIN, {4: stream(b"", CONTENTS)}), {5: FONT}))
    book.clean(
        "a document whose pages inherit",
        lambda: pdf(
            {
                **document(),
                2: b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]/Resources<<>>>>",
                3: b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
            }
        ),
    )
    book.clean(
        "a document in a foreign hand", lambda: PLAIN.replace(b"Solicito copia", "Ñandú".encode("utf-16") + b"??")
    )
