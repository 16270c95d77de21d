"""What hangs on the receipt: the facts as JSON, and the field of the seal."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pikepdf import Name

from receipts.writer import title_of
from rules.receipts import ReceiptFacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pikepdf

NAME = "constancia.json"
FIELD_KEYS = {"/Type", "/Subtype", "/FT", "/T", "/TU", "/Rect", "/F", "/P", "/StructParent", "/V"}
PRINTED_AND_LOCKED = 132
MOST_ROOM = 20_000


def check_attachment(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say what is wrong with the attached facts (ISO 19005-3, 6.8 and annex E)."""
    (named, file), (associated,) = pdf.Root.Names.EmbeddedFiles.Names, pdf.Root.AF
    if file.objgen != associated.objgen or str(named) != NAME:
        yield "attachment: not associated with the document"
    if (str(file.get("/F", "")), str(file.get("/UF", ""))) != (NAME, NAME) or file.get("/Type") != Name.Filespec:
        yield "attachment: no file name"
    if file.get("/AFRelationship") != Name.Data or not str(file.get("/Desc", "")):
        yield "attachment: does not say what it is to the document"
    yield from _check_embedded(pdf, file)


def _check_embedded(pdf: pikepdf.Pdf, file: pikepdf.Object) -> Iterator[str]:
    stream = file.EF.F
    if file.EF.get("/UF", file).objgen != stream.objgen:
        yield "attachment: two files"
    if (stream.get("/Type"), stream.get("/Subtype")) != (Name.EmbeddedFile, Name("/application/json")):
        yield "attachment: no JSON"
    data, about = stream.read_bytes(), stream.Params
    digest = hashlib.md5(data, usedforsecurity=False).digest()
    if (int(about.get("/Size", -1)), bytes(about.get("/CheckSum", b""))) != (len(data), digest):
        yield "attachment: its size or checksum is wrong"
    facts = ReceiptFacts.from_bytes(data)
    if facts.to_bytes() != data:
        yield "attachment: not the facts of a receipt"
    dates = {str(about.get("/ModDate")), str(pdf.docinfo.get("/ModDate")), str(_seal(pdf).get("/M"))}
    if len(dates) != 1:
        yield "attachment: not dated as the receipt and its seal"
    if str(pdf.docinfo.get("/Title", "")) != title_of(facts):
        yield "attachment: of another receipt"


def _seal(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return pdf.Root.AcroForm.Fields[0].V


def check_field(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say what is wrong with the field of the seal and its dictionary (ETSI EN 319 142-1, 5.3 and 6.3)."""
    form = pdf.Root.AcroForm
    (field,) = form.Fields
    page = pdf.pages[0].obj
    if int(form.get("/SigFlags", 0)) != 3 or set(form.keys()) != {"/SigFlags", "/Fields"}:
        yield "seal: the form does not say that it is signed, or says more"
    if set(field.keys()) != FIELD_KEYS or field.get("/FT") != Name.Sig or field.get("/Subtype") != Name.Widget:
        yield "seal: the field is no plain one for a signature"
    if [float(edge) for edge in field.get("/Rect", [1])] != [0] * 4 or int(field.get("/F", 0)) != PRINTED_AND_LOCKED:
        yield "seal: the field is to be seen or changed"
    if not str(field.get("/TU", "")):
        yield "seal: the field has no name to read"
    if field.P.objgen != page.objgen or [note.objgen for note in page.Annots] != [field.objgen]:
        yield "seal: the field is not on page one"
    yield from _check_seal(pdf, field.V)


def _check_seal(pdf: pikepdf.Pdf, seal: pikepdf.Object) -> Iterator[str]:
    kinds = (seal.get("/Type"), seal.get("/Filter"), seal.get("/SubFilter"))
    if kinds != (Name.Sig, Name("/Adobe.PPKLite"), Name("/ETSI.CAdES.detached")):
        yield "seal: not of PAdES"
    if not all(str(seal.get(key, "")) for key in ("/M", "/Name", "/Reason", "/Location")):
        yield "seal: does not say when, who, why and where"
    if not 0 < len(bytes(seal.get("/Contents", b""))) <= MOST_ROOM:
        yield "seal: no room, or too much"
    yield from _check_permissions(pdf, seal)


def _check_permissions(pdf: pikepdf.Pdf, seal: pikepdf.Object) -> Iterator[str]:
    (reference,) = seal.Reference
    allowed = (reference.get("/TransformMethod"), int(reference.get("/TransformParams", {}).get("/P", 0)))
    if allowed != (Name.DocMDP, 1) or set(reference.keys()) & {"/DigestValue", "/DigestMethod", "/DigestLocation"}:
        yield "seal: allows changes"
    if pdf.Root.Perms.DocMDP.objgen != seal.objgen:
        yield "seal: is not the one that certifies"
    if pdf.Root.get("/Extensions", {}).get("/ESIC", {}).get("/BaseVersion") != Name("/1.7"):
        yield "seal: PAdES is not named as an extension"
