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
from tests.corpus.pdf_writer import document, packed, pdf, stream, update

ALL = pikepdf.Permissions()
PLAIN = pdf(document())
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
        "another archive": b"7z\xbc\xaf\x27\x1c" + bytes(90),
        "what is packed": b"\x1f\x8b\x08" + bytes(90),
        "a cabinet": b"MSCF" + bytes(90),
        "an archive between words": b"hola" + archive() + b"hola hola",
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
        "an archive after a word": b"hola" + archive(),
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
        "a long page without a script": b"<html><body>" + b"<p>Notice of AMZN</p>" * 400,
        "another PDF": PLAIN,
    }.items():
        book.at_limit(rule, f"{name} behind the end", partial(bytes, PLAIN + data))
    book.at_limit(rule, "an update", lambda: update(PLAIN, {10: b"<<>>"}))
