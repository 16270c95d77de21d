"""PDFs that are locked, broken, too much, or something else besides; and those that only look so."""

from __future__ import annotations

import io
import zipfile
from functools import partial
from typing import Literal

import pikepdf

from rules.files import PagesProblem
from rules.verdicts import Finding
from tests.corpus.book import Book
from tests.corpus.pdf_rewriter import encrypted
from tests.corpus.pdf_writer import Objects, document, flate, many_pages, packed, pdf, stream, update, zeros

ALL = pikepdf.Permissions()
PLAIN = pdf(document())
MOST_PAGES, MOST_COUNTED = 5000, 20_000
SCRIPT = b"<html><body><script>alert(1)</script></body></html>"


def archive(content: bytes = b"hola", comment: bytes = b"") -> bytes:
    """Return an archive of one file, stored as it is."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        made.writestr(zipfile.ZipInfo("a.txt"), content)
        made.comment = comment
    return written.getvalue()


def program() -> bytes:
    """Return what Windows would run."""
    return b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(200)


def locks(book: Book) -> None:
    """What needs a password, and what only withholds."""
    rule, restricted, why = Finding.ENCRYPTED, Finding.RESTRICTED, PagesProblem.ENCRYPTED
    revisions: tuple[Literal[2, 3, 4, 6], ...] = (2, 3, 4, 6)
    for revision in revisions:
        make = partial(encrypted, PLAIN, ALL, user="clave", revision=revision)
        book.beyond(rule, f"a password, revision {revision}", make, problem=why)
    certified = b"/Encrypt<</Filter/Adobe.PubSec/V 4/SubFilter/adbe.pkcs7.s5>>/ID[(a)(a)]"
    book.beyond(rule, "for the holder of a certificate", lambda: pdf(document(), trailer=certified), problem=why)
    packs = partial(encrypted, PLAIN, ALL, user="clave", packs=True)
    book.beyond(rule, "a password, with a stream of objects", packs, problem=why)
    book.at_limit(rule, "encrypted, and open to all", lambda: encrypted(PLAIN, ALL))
    for name, allow in {
        "no copying": pikepdf.Permissions(extract=False),
        "no printing": pikepdf.Permissions(print_lowres=False, print_highres=False),
        "only bad printing": pikepdf.Permissions(print_highres=False),
    }.items():
        book.beyond(restricted, name, partial(encrypted, PLAIN, allow))
    book.beyond(restricted, "no copying, old", lambda: encrypted(PLAIN, pikepdf.Permissions(extract=False), revision=3))
    book.at_limit(
        restricted,
        "no changing",
        lambda: encrypted(PLAIN, pikepdf.Permissions(modify_other=False, modify_form=False, modify_annotation=False)),
    )


def damage(book: Book) -> None:
    """What is broken, with and without pages that are still found."""
    rule, why = Finding.DAMAGED, PagesProblem.DAMAGED
    for name, data in {
        "a head alone": b"%PDF-1.7\n",
        "a head and an end": b"%PDF-1.7\n%%EOF\n",
        "zeros": b"%PDF-1.7\n" + bytes(5000),
        "words": b"%PDF-1.7\nEstimados se" + "ñores".encode() * 100,
        "pages in a circle": pdf({**document(), 2: b"<</Type/Pages/Kids[2 0 R]/Count 1>>"}),
        "no catalog": PLAIN.replace(b"/Root 1 0 R", b"/Rooo 1 0 R").replace(b"/Catalog", b"/Cata"),
    }.items():
        book.beyond(rule, name, partial(bytes, data), problem=why)
    book.beyond(rule, "broken off in its table", lambda: PLAIN[: PLAIN.rfind(b"xref\n0") + 12])
    book.beyond(rule, "broken off behind its page", lambda: PLAIN[: PLAIN.find(b"5 0 obj")])
    book.beyond(rule, "a table that is elsewhere", lambda: PLAIN.replace(b"startxref\n", b"startxref\n9"))
    book.beyond(rule, "a table that is lost", lambda: PLAIN.replace(b"xref\n0 1", b"xxxx\n0 1", 1))
    book.beyond(
        rule,
        "a script under a lost table",
        lambda: pdf(document(b"/X<</S/JavaScript/JS(a)>>")).replace(b"xref\n0 1", b"xxxx\n0 1", 1),
        Finding.JAVASCRIPT,
    )
    book.beyond(
        rule,
        "places that are wrong",
        lambda: PLAIN.replace(b"3 0 obj", b"3  0  obj      ", 1).replace(b"%\xe2", b"%" + b" " * 40 + b"\xe2", 1),
    )
    hostile = pdf(document(b"/X 10 0 R", more={10: b"<</S/L#61unch/F(a.exe)>>"}))
    book.beyond(
        rule,
        "what opens elsewhere, with a program",
        lambda: (
            hostile.replace(b"/Size 11", b"/Size %d" % 2**64).replace(b"/Catalog", b"/Cata").replace(b"/Root", b"/Rooo")
        ),
        Finding.LAUNCH,
        problem=why,
    )
    inside = packed(document(b"/X 10 0 R", more={10: b"<</S/JavaScript/JS(a)>>"}))
    book.beyond(
        rule,
        "what opens elsewhere, with a script in a stream of objects",
        lambda: inside.replace(b"/Root 1 0", b"/Root 1 7"),
        Finding.JAVASCRIPT,
        problem=why,
    )
    book.at_limit(rule, "a number of objects that is wrong", lambda: PLAIN.replace(b"/Size 6", b"/Size 3"))
    book.at_limit(rule, "zeros behind the end", lambda: PLAIN + bytes(900))
    book.at_limit(rule, "many zeros behind the end", lambda: PLAIN + bytes(70_000))
    empty, none = Finding.EMPTY, PagesProblem.EMPTY
    book.beyond(empty, "no pages", lambda: pdf({**document(), 2: b"<</Type/Pages/Kids[]/Count 0>>"}), problem=none)
    book.at_limit(empty, "a page without contents", lambda: pdf({**document(), 4: stream(b"", b"")}))


def amounts(book: Book) -> None:
    """Pages and objects, in numbers."""
    rule, complex_ = Finding.TOO_MANY_PAGES, Finding.TOO_COMPLEX
    book.at_limit(rule, "5000 pages", lambda: packed(many_pages(MOST_PAGES)), pages=MOST_PAGES)
    book.beyond(rule, "5001 pages", lambda: pdf(many_pages(MOST_PAGES + 1)), pages=MOST_PAGES + 1)
    endless = {**document(), 2: b"<</Type/Pages/Count 1/Kids[%b]>>" % (b"3 0 R " * (MOST_COUNTED + 1))}
    book.beyond(rule, "one page, again and again", lambda: pdf(endless), problem=PagesProblem.NOT_COUNTED)
    more = b"<</S/JavaScript/JS(a)>>"
    book.at_limit(
        complex_, "many objects with a script", lambda: pdf({**numbers(30_000), 40_000: more}), Finding.JAVASCRIPT
    )
    book.at_limit(complex_, "more objects than are looked at", lambda: pdf(numbers(100_001)))
    book.beyond(complex_, "more objects than are looked at, with a script", lambda: pdf({**numbers(100_001), 10: more}))
    book.at_limit(complex_, "an array of 24 000 arrays", lambda: pdf(document(b"/X[/JS" + b"[]" * 24_000 + b"]")))
    book.beyond(complex_, "an array of 26 000 arrays", lambda: pdf(document(b"/X[/JS" + b"[]" * 26_000 + b"]")))


def numbers(count: int) -> Objects:
    """Return a document of so many objects in all."""
    objects = document()
    return {**objects, **dict.fromkeys(range(10, 10 + count - len(objects)), b"1")}


def bombs(book: Book) -> None:
    """What would become too much when it is opened."""
    rule = Finding.BOMB
    book.at_limit(rule, "contents of 512 MB", lambda: drawn(zeros(512)))
    book.beyond(rule, "contents of 513 MB", lambda: drawn(zeros(513)))
    book.beyond(
        rule,
        "contents of 257 MB, twice",
        lambda: pdf({**document(contents=packed_stream(zeros(257))), 10: packed_stream(zeros(257))}),
    )
    book.at_limit(
        rule,
        "contents of 256 MB, twice",
        lambda: pdf({**document(contents=packed_stream(zeros(256))), 10: packed_stream(zeros(256))}),
    )
    book.beyond(
        rule, "contents that are packed twice", lambda: drawn(again(zeros(2000)), b"[/FlateDecode/FlateDecode]")
    )
    book.at_limit(
        rule, "contents that are packed twice, small", lambda: drawn(again(zeros(2)), b"[/FlateDecode/FlateDecode]")
    )
    book.beyond(rule, "contents that are packed three times", lambda: drawn(b"a", b"[/Fl/LZW/RL]"))
    book.beyond(
        rule,
        "contents that are packed and written in letters",
        lambda: drawn(zeros(600).hex().encode() + b">", b"[/ASCIIHexDecode/FlateDecode]"),
    )
    book.beyond(rule, "seven filters", lambda: drawn(b">" * 9, b"[" + b"/AHx" * 7 + b"]"))
    book.at_limit(rule, "six filters", lambda: drawn(b">" * 9, b"[" + b"/AHx" * 6 + b"]"))
    book.beyond(
        rule,
        "a picture that says it is small",
        lambda: pictured(b"/Width 9/Height 9/ColorSpace/DeviceGray", zeros(600)),
    )
    book.at_limit(
        rule,
        "a picture that says how large it is",
        lambda: pictured(b"/Width 22000/Height 22000/ColorSpace/DeviceGray", zeros(461)),
    )
    book.beyond(
        rule,
        "a stream of objects that grows",
        lambda: packed(document(), packing=zeros(100, start=b"1 0 2 9 \n<</Type/Catalog/Pages 2 0 R>>")),
        problem=PagesProblem.NOT_COUNTED,
    )
    table = b"/Type/XRef/Size 6/W[1 4 2]/Root 1 0 R/Filter/FlateDecode"
    book.beyond(
        rule,
        "a table that grows",
        lambda: b"%%PDF-1.5\n5 0 obj\n%b\nendobj\nstartxref\n9\n%%%%EOF\n" % stream(table, zeros(100)),
        problem=PagesProblem.NOT_COUNTED,
    )
    huge = Finding.HUGE_PICTURE
    book.beyond(huge, "a picture of 600 MB", lambda: pictured(b"/Width 20000/Height 10000/ColorSpace/DeviceRGB", b"a"))
    book.at_limit(
        huge, "a plan in black and white", lambda: pictured(b"/Width 28087/Height 19866/BitsPerComponent 1", b"a")
    )


def packed_stream(data: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    """Return a stream of what is packed already."""
    return stream(b"/Filter%b" % filters, data)


def drawn(data: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    """Return a file whose page is drawn by it."""
    return pdf(document(contents=packed_stream(data, filters)))


def again(data: bytes) -> bytes:
    """Pack once more."""
    return flate(data).partition(b"stream\n")[2].rpartition(b"\nendstream")[0]


def pictured(told: bytes, data: bytes) -> bytes:
    """Return a file with a picture that says this of itself."""
    bits = b"" if b"Bits" in told else b"/BitsPerComponent 8"
    kind = b"/Type/XObject/Subtype/Image%b%b/Filter/FlateDecode" % (told, bits)
    return pdf(document(more={10: stream(kind, data)}))


def disguises(book: Book) -> None:
    """What is something else too."""
    rule = Finding.DISGUISED
    for name, data in {
        "an archive": archive(),
        "an archive with a PDF": archive(PLAIN),
        "a large archive with a PDF": archive(PLAIN + bytes(2000)),
        "a RAR archive": b"Rar!\x1a\x07\x01\x00" + bytes(100),
        "a RAR archive with a PDF": b"Rar!\x1a\x07\x00" + bytes(100) + PLAIN + bytes(2000),
        "a program": program(),
        "a large program": program() + bytes(5000),
        "a program with a PDF": b"\n" + program() + PLAIN + bytes(2000),
        "a script of the shell": b"#!/bin/sh\nid\n",
        "a page with a script": SCRIPT,
        "a page with PHP": b"<?php system($_GET[0]);",
        "a picture": b"\xff\xd8\xff\xe0" + bytes(90),
        "an old document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "a rich text": b"{\\rtf1 hola}",
    }.items():
        book.beyond(rule, f"{name} behind the end", partial(bytes, PLAIN + data))
    for name, data in {
        "a picture": b"GIF89a" + bytes(20),
        "a page": b"<!DOCTYPE html><p>",
        "a page with a script": b"\n" + SCRIPT,
        "a program": program(),
        "a program that is not whole": b"MZ" + bytes(30),
        "a script of the shell": b"#!/bin/sh\nexec id\n",
        "an archive after a line": b"\n" + archive(),
    }.items():
        book.beyond(rule, f"{name} in front", partial(bytes, data + PLAIN))
    head, tail = PLAIN[: PLAIN.rfind(b"xref\n0")], PLAIN[PLAIN.rfind(b"xref\n0") :]
    inside = archive(comment=b"x" * (len(tail) + 11))
    book.beyond(
        rule,
        "an archive with the end in its comment",
        lambda: head + b"9 0 obj null\n" + inside[: -len(tail) - 11] + b"\nendobj   \n" + tail,
        Finding.DAMAGED,
    )
    for name, data in {
        "an empty line": b"\r\n\r\n",
        "the answer of a server": b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
        "what printers are told": b'\x1b%-12345X@PJL JOB NAME="a"\r\n@PJL ENTER LANGUAGE=PDF\r\n',
        "a mark of UTF-8": b"\xef\xbb\xbf",
    }.items():
        book.at_limit(rule, f"{name} in front", partial(bytes, data + PLAIN))
    for name, data in {
        "empty lines": b"\r\n" * 9,
        "a page without a script": b"<html><body><b>Notice</b></body></html>",
        "an end of printing": b"\x1b%-12345X",
        "a long page without a script": b"<html><body>" + b"<p>Notice</p>" * 400,
        "another PDF": PLAIN,
    }.items():
        book.at_limit(rule, f"{name} behind the end", partial(bytes, PLAIN + data))
    book.at_limit(rule, "an update", lambda: update(PLAIN, {10: b"<<>>"}))
