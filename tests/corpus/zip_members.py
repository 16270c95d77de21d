"""ZIPs of which one member is at a rule's limit or beyond, and documents that lie in them."""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING

from rules.verdicts import Finding
from tests.corpus.documents import a_docx, a_pdf, an_xlsx, with_part
from tests.corpus.judged import at_limit, beyond, clean
from tests.corpus.zip_maker import (
    AES,
    BZIP2,
    STORED,
    UNIX,
    Entry,
    extra_field,
    make_zip,
    of,
    raw_deflate,
    wide_entry,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.corpus import Sample

MEBIBYTE = 1 << 20
_EXE = b"MZ\x90\0" + bytes(56) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0"
_LINK, _FILE, _DEVICE = 0o120777 << 16, 0o100644 << 16, 0o020666 << 16
_STORED_LETTER = Entry("carta.txt", b"Buenos dias", STORED)


_clean = partial(clean, "zip")
_found = partial(beyond, "zip")
_fit = partial(at_limit, "zip")


def samples() -> list[Sample]:
    """Return them."""
    return [*_sizes(), *_members(), *_inside()]


def _sizes() -> list[Sample]:
    """Return bombs. What bzip2 packs is not taken apart: its sizes are believed, which is enough for the rule."""

    def packed(size: int, packed_bytes: int) -> Entry:
        return Entry("datos.dat", packed=bytes(packed_bytes), method=BZIP2, size=size)

    little = 32 * MEBIBYTE
    return [
        _fit(Finding.BOMB, "a hundredfold", of(packed(35_000_000, 350_000))),
        _fit(Finding.BOMB, "32 MB of nothing", of(packed(little, 10))),
        _fit(Finding.BOMB, "one GB", of(packed(1 << 30, 11 * MEBIBYTE))),
        _found(Finding.BOMB, "more than a hundredfold", of(packed(35_000_000, 349_999))),
        _found(Finding.BOMB, "more than 32 MB of nothing", of(packed(little + 1, 10))),
        _found(
            Finding.BOMB, "more than one GB", of(packed(1 << 29, 6 * MEBIBYTE), packed((1 << 29) + 1, 6 * MEBIBYTE))
        ),
        _found(Finding.BOMB, "more than one GB, in ZIP64", of(wide_entry((1 << 32) + 4)), Finding.DAMAGED),
        _found(Finding.BOMB, "many of eight MB", of(*(packed(8 * MEBIBYTE, 8) for _ in range(9)))),
        _found(
            Finding.BOMB,
            "true zeros",
            of(Entry("a.dat", b"", packed=raw_deflate(bytes(little + 1), 1), size=little + 1)),
        ),
        _found(
            Finding.BOMB,
            "zeros that say they are few",
            of(Entry("a.dat", b"x" * 99, packed=raw_deflate(bytes(little), 1))),
        ),
        _found(Finding.BOMB, "one byte more than it says", of(Entry("a.dat", b"x" * 99, size=98))),
        _fit(Finding.BOMB, "as many bytes as it says", of(Entry("a.dat", b"x" * 99, size=99))),
    ]


def _members() -> list[Sample]:
    """Return what is wrong with one member."""

    def one(name: str | bytes, data: bytes = b"Hola", **told: object) -> Callable[[], bytes]:
        return of(Entry("z.txt"), Entry(name, data, **told))  # type: ignore[arg-type]

    return [
        _fit(Finding.ENCRYPTED, "flags of how well it is packed", one("a.txt", flags=6)),
        _found(Finding.ENCRYPTED, "the old way", one("a.txt", packed=bytes(18), flags=1)),
        _found(Finding.ENCRYPTED, "the old way, stored", one("a.txt", packed=bytes(16), flags=1, method=STORED)),
        _found(Finding.ENCRYPTED, "strongly", one("a.txt", flags=0x41)),
        _found(Finding.ENCRYPTED, "with its directory", one("a.txt", flags=0x2001)),
        _found(
            Finding.ENCRYPTED,
            "by AES",
            one("a.txt", packed=bytes(30), flags=1, method=AES, extra=extra_field(0x9901, b"\2\0AE\3\x08\0")),
        ),
        _found(
            Finding.ENCRYPTED, "by AES that does not say so", one("a.txt", extra=extra_field(0x9901, b"\2\0AE\3\x08\0"))
        ),
        _fit(Finding.NESTED_ARCHIVE, "documents that are ZIPs", one("a.docx", a_docx())),
        _fit(Finding.NESTED_ARCHIVE, "a document that is a ZIP and no more", one("a.odt", make_zip([Entry("a.txt")]))),
        _fit(Finding.NESTED_ARCHIVE, "an archive's name in front", one("anexos.zip.txt")),
        _found(Finding.NESTED_ARCHIVE, "by name", one("a.7z")),
        _found(Finding.NESTED_ARCHIVE, "a ZIP", one("a.zip", make_zip([Entry("a.txt")]))),
        _found(
            Finding.NESTED_ARCHIVE, "a ZIP of another name", one("a.dat", make_zip([Entry("a.txt")]), method=STORED)
        ),
        _found(Finding.NESTED_ARCHIVE, "a ZIP called a document", one("a.docx", make_zip([Entry("a.txt")]))),
        _found(
            Finding.NESTED_ARCHIVE,
            "a RAR of another name, too large to look into",
            one("a.dat", b"Rar!\x1a\x07\1\0" + bytes(99), size=9 * MEBIBYTE),
        ),
        _found(Finding.NESTED_ARCHIVE, "a tar of another name", one("a.dat", bytes(257) + b"ustar\x0000" + bytes(248))),
        _found(Finding.NESTED_ARCHIVE, "gzip of another name", one("a.dat", b"\x1f\x8b\x08" + bytes(20))),
        _found(Finding.NESTED_ARCHIVE, "bzip2 of another name", one("a.dat", b"BZh91AY&SY" + bytes(20))),
        _fit(Finding.ESCAPING_NAME, "dots in names", one("a..b/...c/d..txt")),
        _fit(Finding.ESCAPING_NAME, "accents and directions", one("\u200eActa Nº 5 – señor.txt")),
        *(_found(Finding.ESCAPING_NAME, what, one(name)) for what, name in _ESCAPING.items()),
        _found(Finding.ESCAPING_NAME, "in its other name", one("a.txt", extra=_unicode_path("../a.txt"))),
        _fit(
            Finding.LINK,
            "a file of Unix",
            one("a.txt", system=UNIX, attributes=_FILE, extra=_asi(0o100644) + _pkware(b"")),
        ),
        _found(Finding.LINK, "by its mode", one("a.txt", b"/etc/passwd", system=UNIX, attributes=_LINK)),
        _found(Finding.LINK, "by its mode, made by DOS", one("a.txt", b"/etc/passwd", attributes=_LINK)),
        _found(Finding.LINK, "by an extra field", one("a.txt", extra=_asi(0o120777))),
        _found(Finding.LINK, "by PKWARE's extra field", one("a.txt", extra=_pkware(b"/etc/passwd"))),
        _found(Finding.LINK, "a device", one("a.txt", system=UNIX, attributes=_DEVICE)),
        _fit(Finding.PROGRAM, "a folder like an address", one("www.gob.com/", b"", method=STORED)),
        _fit(Finding.PROGRAM, "a program's name in front", one("informe.exe.txt")),
        _fit(Finding.PROGRAM, "text that begins with MZ", one("a.txt", b"MZ B LT 4" * 9)),
        *(_found(Finding.PROGRAM, f"by name: {name}", one(name)) for name in _PROGRAMS),
        _found(Finding.PROGRAM, "settings that start one", one("a.SettingContent-ms")),
        _found(Finding.PROGRAM, "a search on another machine", one("informe.search-ms")),
        _found(Finding.PROGRAM, "of Windows, of another name", one("a.pdf", _EXE)),
        _found(Finding.PROGRAM, "of Windows, too large to look into", one("a.pdf", _EXE, size=9 * MEBIBYTE)),
        _found(Finding.PROGRAM, "behind a long header", one("a.pdf", _EXE, size=9 * MEBIBYTE, extra=bytes(600))),
        _found(Finding.PROGRAM, "of Linux, of another name", one("a.jpg", b"\x7fELF" + bytes(99), method=STORED)),
        _found(Finding.PROGRAM, "a script of another name", one("leame", b"#!/bin/sh\nrm -rf /\n")),
        _found(Finding.MACROS, "by name", one("a.docm")),
        _fit(Finding.MACROS, "a name in front", one("a.docm.txt")),
    ]


def _inside() -> list[Sample]:
    """Return documents in archives, which are looked into as far as the budget goes."""

    script = Entry("a.pdf", a_pdf(script="app.alert(1)"))
    macros = Entry("a.docx", with_part(a_docx(), "word/vbaProject.bin", b"x"))
    deep = with_part(a_docx(), "word/embeddings/a.xlsx", with_part(an_xlsx(), "xl/vbaProject.bin", b"x"))
    budget = 4 * MEBIBYTE
    larger = Entry("a.pdf", script.data + b"\n" * (budget - len(script.data)))

    return [
        _fit(Finding.JAVASCRIPT, "a PDF in a ZIP without", of(Entry("a.pdf", a_pdf()))),
        _found(Finding.JAVASCRIPT, "a PDF in a ZIP with it", of(script), Finding.AUTOMATIC_ACTION),
        _found(Finding.JAVASCRIPT, "a PDF in a ZIP, as large as is looked into", of(larger), Finding.AUTOMATIC_ACTION),
        _fit(Finding.JAVASCRIPT, "a PDF in a ZIP, beyond what is looked into", of(Entry("a.txt", b"1"), larger)),
        _fit(Finding.JAVASCRIPT, "a PDF in a document in a ZIP", of(Entry("a.odt", make_zip([script])))),
        _found(Finding.MACROS, "a document in a ZIP with them", of(macros)),
        _fit(Finding.MACROS, "in a workbook in a document in a ZIP", of(Entry("a.docx", deep))),
        _found(Finding.ENCRYPTED, "a PDF in a ZIP with a key", of(Entry("a.pdf", a_pdf(key="secreto")))),
    ]


_ESCAPING = {
    "upwards": "../a.txt",
    "upwards from a folder": "a/../../b.txt",
    "upwards by backslashes": "..\\a.txt",
    "upwards with a space, which Windows drops": "a/.. /b.txt",
    "absolute": "/etc/cron.d/a",
    "a share of Windows": "\\\\servidor\\a.txt",
    "a drive": "C:a.txt",
    "a zero": "a.txt\0.pdf",
    "a line end": "a\n.txt",
    "right to left": "acta\u202efdp.txt",
    "isolated": "acta\u2066txt.pdf",
}
_PROGRAMS = ("carta.pdf.exe", "carta.pdf     .scr", "carta.js. .", "A/CARTA.LNK", "carta.hta", "carta.jar", "carta.com")


def _unicode_path(name: str) -> bytes:
    return extra_field(0x7075, b"\1\0\0\0\0" + name.encode())


def _asi(mode: int) -> bytes:
    return extra_field(0x756E, struct.pack("<IHI2H", 0, mode, 0, 1000, 1000))


def _pkware(target: bytes) -> bytes:
    return extra_field(0x000D, struct.pack("<2I2H", 0, 0, 1000, 1000) + target)
