"""What the strict checker must find: each fault is put into a receipt, and is named; nothing else is found in ours."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String

from rules.receipts import FileFacts, ReceiptFacts
from tests.unit.receipts.checker import check, check_objects
from tests.unit.receipts.checker.file import check_file
from tests.unit.receipts.checker.structure import elements, kind
from tests.unit.receipts.samples import (
    BY_MAIL,
    COMPLETED,
    CORRECTED,
    EMBLEM,
    HEAVY,
    USUAL,
    VOIDED,
    WITH_EMBLEM,
    pdf_of,
    with_files,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Change: TypeAlias = Callable[[pikepdf.Pdf], None]


@cache
def sound() -> bytes:
    return pdf_of(WITH_EMBLEM, emblem=EMBLEM)


def stored(pdf: pikepdf.Pdf) -> bytes:
    target = io.BytesIO()
    pdf.save(target, fix_metadata_version=False)
    return target.getvalue()


def element(pdf: pikepdf.Pdf, name: str, place: int = 0) -> Any:
    """Return an element of the kind *name*, the first one unless told otherwise."""
    return [found for found, _ in elements(pdf.Root.StructTreeRoot) if kind(found) == name][place]


def font(pdf: pikepdf.Pdf, name: str = "/F1") -> Any:
    return pdf.pages[0].Resources.Font[name]


def seal(pdf: pikepdf.Pdf) -> Any:
    return pdf.Root.AcroForm.Fields[0].V


def rewrite(old: bytes, new: bytes, *, stream: int = 1) -> Change:
    """Change the content of page one: of the letterhead (0) or of the receipt itself (1)."""

    def change(pdf: pikepdf.Pdf) -> None:
        content = pdf.pages[0].Contents[stream].read_bytes()
        changed = re.sub(old, new, content, count=1, flags=re.DOTALL)
        assert changed != content
        pdf.pages[0].Contents[stream] = pdf.make_stream(changed)

    return change


def archive(old: bytes, new: bytes) -> Change:
    """Change the XMP packet."""

    def change(pdf: pikepdf.Pdf) -> None:
        packet = pdf.Root.Metadata.read_bytes()
        assert old in packet
        pdf.Root.Metadata.write(packet.replace(old, new))

    return change


def put(path: str, value: object) -> Change:
    """Set what *path* leads to from the catalog; None removes it."""
    *above, last = path.split("/")

    def change(pdf: pikepdf.Pdf) -> None:
        target: Any = pdf.Root
        for step in above:
            target = target[int(step)] if step.isdigit() else target[f"/{step}"]
        key = int(last) if last.isdigit() else f"/{last}"
        if value is None:
            del target[key]
        else:
            target[key] = value

    return change


def of_element(name: str, key: str, value: object, *, place: int = 0) -> Change:
    """Set an entry of an element; None removes it."""

    def change(pdf: pikepdf.Pdf) -> None:
        found = element(pdf, name, place)
        if value is None:
            del found[key]
        else:
            found[key] = value

    return change


def swap_kids(pdf: pikepdf.Pdf) -> None:
    first, second = element(pdf, "TH"), element(pdf, "TD")
    first.K, second.K = second.K, first.K


def read_twice(pdf: pikepdf.Pdf) -> None:
    pdf.Root.StructTreeRoot.K.K.append(element(pdf, "H2"))


def leave_out(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.StructTreeRoot.K.K[4]


def widen(pdf: pikepdf.Pdf) -> None:
    font(pdf).DescendantFonts[0].W[1][40] += 9


def lose_font(pdf: pikepdf.Pdf) -> None:
    del font(pdf).DescendantFonts[0].FontDescriptor["/FontFile2"]


def rename_font(pdf: pikepdf.Pdf) -> None:
    font(pdf).BaseFont = Name("/NotoSans-Regular")


def forget_characters(pdf: pikepdf.Pdf) -> None:
    table = font(pdf).ToUnicode
    table.write(re.sub(rb"<0044> <....>\n", b"", table.read_bytes()))


def confuse_characters(pdf: pikepdf.Pdf) -> None:
    table = font(pdf).ToUnicode
    table.write(re.sub(rb"<0044> <....>", b"<0044> <0041>", table.read_bytes()))


def cut_font(pdf: pikepdf.Pdf) -> None:
    font(pdf).DescendantFonts[0].FontDescriptor.FontFile2.Length1 = 12


def make_simple(pdf: pikepdf.Pdf) -> None:
    font(pdf).Encoding = Name.WinAnsiEncoding


def other_profile(pdf: pikepdf.Pdf) -> None:
    profile = pdf.Root.OutputIntents[0].DestOutputProfile
    data = bytearray(profile.read_bytes())
    start = data.index(b"XYZ \0\0\0\0", 128)
    data[start + 20 + 8 : start + 20 + 12] = (40000).to_bytes(4, "big")
    profile.write(bytes(data))


def no_profile(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OutputIntents[0].DestOutputProfile.write(b"x" * 300)


def act(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def act_on_page(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("a.exe")))


def link(pdf: pikepdf.Pdf) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI=String("x:")))
    pdf.pages[0].Annots.append(pdf.make_indirect(note))


def shine_through(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Resources.ExtGState = Dictionary(G=Dictionary(Type=Name.ExtGState, ca=0.5))


def mask_emblem(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Resources.XObject["/E"].SMask = Stream(pdf, b"\0", Type=Name.XObject, Subtype=Name.Image)


def print_emblem(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Resources.XObject["/E"].ColorSpace = Name.DeviceCMYK


def keep_outside(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Contents[1].F = String("elsewhere")


def lose_way_back(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.StructTreeRoot.ParentTree.Nums[1][3]


def confuse_way_back(pdf: pikepdf.Pdf) -> None:
    parents = pdf.Root.StructTreeRoot.ParentTree.Nums[1]
    parents[2], parents[3] = parents[3], parents[2]


def orphan(pdf: pikepdf.Pdf) -> None:
    element(pdf, "TR").P = element(pdf, "L")


def other_facts(pdf: pikepdf.Pdf) -> None:
    file = pdf.Root.AF[0].EF.F
    file.write(file.read_bytes().replace(b"45671289", b"45671280"))


def other_relationship(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AF[0].AFRelationship = Name.Supplement


def no_kind_of_file(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.AF[0].EF.F["/Subtype"]


def later_attachment(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AF[0].EF.F.Params.ModDate = String("D:20260606224109-05'00'")


def to_be_seen(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm.Fields[0].Rect = Array([10, 10, 90, 40])


def nameless(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.AcroForm.Fields[0]["/TU"]


def seal_entry(key: str, value: object) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        if value is None:
            del seal(pdf)[key]
        else:
            seal(pdf)[key] = value

    return change


def allow_changes(pdf: pikepdf.Pdf) -> None:
    seal(pdf).Reference[0].TransformParams.P = 3


def info(key: str, value: str) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.docinfo[key] = value

    return change


def add_page(pdf: pikepdf.Pdf) -> None:
    pdf.add_blank_page()


FAULTS: dict[str, tuple[Change, str]] = {
    "no language": (put("Lang", None), "catalog: lacks"),
    "English": (put("Lang", String("en")), "catalog: the language"),
    "no metadata": (put("Metadata", None), "catalog: lacks"),
    "no output intent": (put("OutputIntents", None), "catalog: lacks"),
    "no structure": (put("StructTreeRoot", None), "catalog: lacks"),
    "not marked": (put("MarkInfo/Marked", False), "catalog: not marked"),
    "suspects": (put("MarkInfo/Suspects", True), "catalog: not marked"),
    "the file's name is shown": (put("ViewerPreferences/DisplayDocTitle", False), "catalog: the title"),
    "a page more": (add_page, "page 1: lacks"),
    "no order of tabs": (put("Pages/Kids/0/Tabs", None), "page 0: lacks"),
    "tabs by rows": (put("Pages/Kids/0/Tabs", Name.R), "page 0: the order of tabs"),
    "another size": (put("Pages/Kids/0/MediaBox", Array([0, 0, 612, 792])), "page 0: not A4"),
    "the title of Info": (info("/Title", "Constancia"), "XMP: dc:title"),
    "the title of XMP": (archive(b"000001-K", b"000002-K"), "XMP: dc:title"),
    "the author of XMP": (archive(b"Municipalidad", b"municipalidad"), "XMP: dc:creator"),
    "the date of XMP": (archive(b"CreateDate>2026-06-06", b"CreateDate>2026-06-05"), "XMP: xmp:CreateDate"),
    "the zone of XMP": (
        archive(b"ModifyDate>2026-06-06T22:41:08-05", b"ModifyDate>2026-06-06T22:41:08-04"),
        "XMP: xmp",
    ),
    "the producer": (info("/Producer", "pyHanko"), "Info: the producer"),
    "a key more in Info": (info("/Keywords", "x"), "Info: other keys"),
    "another part of PDF/A": (archive(b"pdfaid:part>3", b"pdfaid:part>2"), "XMP: claims"),
    "half the claim": (archive(b"<pdfuaid:part>1</pdfuaid:part>", b""), "XMP: claims"),
    "no schema": (archive(b"<pdfaSchema:prefix>pdfuaid", b"<pdfaSchema:prefix>pdfua"), "XMP: the schema"),
    "unknown metadata": (archive(b"<dc:format>", b'<a:b xmlns:a="urn:a">c</a:b><dc:format>'), "XMP: {urn:a}b"),
    "no packet": (archive(b"<?xpacket end", b"<?packet end"), "XMP: no trailer"),
    "no ICC profile": (no_profile, "colours: not the profile"),
    "another red": (other_profile, "colours: the profile is not sRGB"),
    "two components": (put("OutputIntents/0/DestOutputProfile/N", 2), "colours: not the profile"),
    "another intent": (put("OutputIntents/0/S", Name.GTS_PDFX), "colours: not the output intent"),
    "JavaScript": (act, "forbidden: /OpenAction"),
    "a program to launch": (act_on_page, "forbidden: the action /Launch"),
    "a link": (link, "forbidden: /URI"),
    "transparency": (shine_through, "forbidden: /ca"),
    "a soft mask": (mask_emblem, "forbidden: /SMask"),
    "CMYK": (print_emblem, "image: not in the colours"),
    "a stream elsewhere": (keep_outside, "forbidden: a stream outside"),
    "a wrong width": (widen, "font /F1: the width of"),
    "no font program": (lose_font, "font /F1: not in the file"),
    "not a subset": (rename_font, "font /F1: not named"),
    "a cut font": (cut_font, "font /F1: longer or shorter"),
    "an encoding by characters": (make_simple, "font /F1: not composite"),
    "a glyph without a character": (forget_characters, "font /F1: 1 glyphs"),
    "a glyph with another character": (confuse_characters, "font /F1: a glyph"),
    "the glyph that means nothing": (rewrite(rb"Td\([^\\]{2}", b"Td(\0\0"), "font /F2: shows glyphs"),
    "a font of no page": (rewrite(rb"/F3 ", b"/F9 "), "font /F9: is in no"),
    "text that is not marked": (rewrite(rb"/H1<</MCID \d+>>BDC(.*?)EMC", rb"\1"), "page 0: Tj is neither"),
    "a box that is not marked": (rewrite(rb"/Artifact BMC", b"0 0 9 9 re f /Artifact BMC"), "page 0: f is neither"),
    "marks that do not end": (rewrite(rb"EMC\s*$", b""), "check_content cannot go on"),
    "marks in marks": (rewrite(rb"/H1", b"/Artifact BMC /H1"), "check_content cannot go on"),
    "a number twice": (rewrite(rb"MCID 5>", b"MCID 6>"), "page 0: its pieces"),
    "tagged as something else": (rewrite(rb"/H1<", b"/P<"), "content: /P is read as H1"),
    "decoration of the letterhead that is read": (
        rewrite(rb"/Artifact BMC", b"/Artifact<</MCID 99>>BDC", stream=0),
        "page 0: decoration that is read",
    ),
    "an unknown operator": (rewrite(rb"\bf\n", b"f* 0 0 0 1 k\n"), "page 0: the operator k"),
    "text outside the page": (rewrite(rb"Tf [\d.]+ ", b"Tf 900 "), "page 0: text outside"),
    "a picture that is no code": (rewrite(rb"/IM true/W \d+", b"/IM true/W 34"), "image: no QR code"),
    "an element twice": (read_twice, "structure: an element is read twice"),
    "an element left out": (leave_out, "content: pieces without"),
    "a cell in a list": (of_element("LBody", "/S", Name.TD), "structure: TD inside LI"),
    "an unknown kind": (of_element("H2", "/S", Name.Headline), "structure: Headline inside Document"),
    "a level left out": (of_element("H2", "/S", Name.H3), "structure: H3 inside Document"),
    "no title": (of_element("H1", "/S", Name.P), "structure: not one title"),
    "a figure without words": (of_element("Figure", "/Alt", None), "structure: Figure has no alternative"),
    "a figure without a place": (of_element("Figure", "/A", None, place=1), "structure: Figure has no place"),
    "a header of nothing": (of_element("TH", "/A", None), "structure: TH does not say"),
    "a list without numbers": (of_element("L", "/A", None), "structure: L does not say"),
    "an empty element": (of_element("P", "/K", Array([])), "structure: P is empty"),
    "a wrong parent": (orphan, "structure: TR does not know"),
    "cells exchanged": (swap_kids, "content: /TD is read as TH"),
    "a row of one cell": (of_element("TR", "/K", Array([])), "structure: TR is empty"),
    "a form without a name": (of_element("Form", "/Alt", None), "structure: Form has no name"),
    "a way back too short": (lose_way_back, "parent tree: does not lead from a page"),
    "a way back to another": (confuse_way_back, "parent tree: does not lead from a page"),
    "another key": (put("Pages/Kids/0/StructParents", 5), "parent tree: does not lead from a page"),
    "no way back from the field": (put("AcroForm/Fields/0/StructParent", 0), "parent tree: does not lead from the"),
    "no next key": (put("StructTreeRoot/ParentTreeNextKey", 1), "parent tree: not one key"),
    "other facts": (other_facts, "attachment: its size or checksum"),
    "another relationship": (other_relationship, "attachment: does not say what"),
    "no kind of file": (no_kind_of_file, "attachment: no JSON"),
    "another date": (later_attachment, "attachment: not dated"),
    "no associated file": (put("AF", Array([])), "check_attachment cannot go on"),
    "a field to be seen": (to_be_seen, "seal: the field is to be seen"),
    "a field without a name": (nameless, "seal: the field is no plain one"),
    "not signed": (put("AcroForm/SigFlags", 0), "seal: the form does not"),
    "appearances to be made": (put("AcroForm/NeedAppearances", True), "seal: the form does not"),
    "another format": (seal_entry("/SubFilter", Name("/adbe.pkcs7.detached")), "seal: not of PAdES"),
    "no instant": (seal_entry("/M", None), "seal: does not say when"),
    "a certificate beside": (seal_entry("/Cert", String("x")), "forbidden: /Cert"),
    "changes allowed": (allow_changes, "seal: allows changes"),
    "no certification": (put("Perms", Dictionary()), "check_field cannot go on"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault: str) -> None:
    change, finding = FAULTS[fault]
    with pikepdf.open(io.BytesIO(sound())) as pdf:
        change(pdf)
        found = check_objects(stored(pdf))

    assert [text for text in found if text.startswith(finding)], found


def test_the_same_receipt_stored_anew_has_no_fault() -> None:
    with pikepdf.open(io.BytesIO(sound())) as pdf:
        assert check_objects(stored(pdf)) == []


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert re.search(old, data)
        return re.sub(old, new, data, count=1)

    return change


BROKEN_FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "another version": (replaced(rb"%PDF-1\.7", b"%PDF-1.4"), "header"),
    "no binary comment": (replaced(rb"\n%\xe2\xe3\xcf\xd3", b"\n%abcd"), "header"),
    "something at the end": (lambda data: data + b"x", "end: something"),
    "an update": (lambda data: data + b"1 0 obj\nnull\nendobj\nstartxref\n9\n%%EOF\n", "end: there is"),
    "not all is sealed": (lambda data: data.replace(b"/ByteRange[0", b"/ByteRange[9"), "seal: the byte range"),
    "more than the seal is left out": (replaced(rb"/Contents<00", b"/Contents <0"), "seal: 0 byte ranges"),
    "an odd seal": (replaced(rb"/Contents<0", b"/Contents<"), "seal: no whole"),
    "two names": (replaced(rb"/ID\[<..", b"/ID[<00"), "identifier"),
    "an object elsewhere": (replaced(rb"\n6 0 obj\n", b"\n6 0 obj "), "object 6: not where"),
    "a wrong length": (replaced(rb"/FlateDecode /Length (\d)", rb"/FlateDecode /Length 9"), "object"),
    "no references": (replaced(rb"startxref\n\d", b"startxref\n0"), "references: the end"),
}


@pytest.mark.parametrize("fault", BROKEN_FILES)
def test_each_broken_file_is_found(fault: str) -> None:
    change, finding = BROKEN_FILES[fault]

    found = list(check_file(change(sound())))

    assert [text for text in found if text.startswith(finding)], found


LONG = FileFacts(
    ordinal=1,
    role=USUAL.files[0].role,
    name="ñ" * 200,
    size_bytes=1,
    pages=None,
    sha256="0" * 64,
)
RECEIPTS: dict[str, ReceiptFacts] = {
    "usual": USUAL,
    "mail": BY_MAIL,
    "heavy": HEAVY,
    "voided": VOIDED,
    "corrected": CORRECTED,
    "completed": COMPLETED,
    "no files": replace(BY_MAIL, files=()),
    "a name over lines": replace(USUAL, files=(LONG,) * 48),
    "over pages": replace(USUAL, subject="asunto " * 2000, limits="alcance " * 3000, missing=("falta " * 2000,)),
    "any unicode": replace(USUAL, number="<&>\ud800😀", entity="\x02Ñ\uffff", unit="\u202e" * 9, subject="\0"),
    "first layout": replace(USUAL, layout=1),
    **{f"{count} files": with_files(count, name=".pdf") for count in (4, 5, 6, 9)},
}


@pytest.mark.parametrize("name", RECEIPTS)
@pytest.mark.parametrize("claims", [False, True], ids=["plain", "claiming"])
def test_our_receipts_have_no_fault(name: str, claims: bool) -> None:
    assert check(pdf_of(RECEIPTS[name], claims_conformity=claims)) == []


def test_our_receipts_have_no_fault_with_an_emblem() -> None:
    assert check(sound()) == []
