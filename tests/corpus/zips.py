"""ZIPs: honest ones of many makes, and each rule at its limit and beyond."""

from __future__ import annotations

import io
import struct
import zipfile
from functools import partial
from typing import TYPE_CHECKING

from rules.verdicts import Finding
from tests.corpus.documents import a_docx, a_jpg, a_pdf, a_png, an_xls, an_xlsx
from tests.corpus.judged import at_limit, beyond, clean
from tests.corpus.zip_maker import (
    BZIP2,
    DEFLATED64,
    STORED,
    UNIX,
    Entry,
    extra_field,
    make_end,
    make_streamed,
    make_wide_end,
    make_zip,
    of,
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
    return [*_honest(), *_structure()]


def _honest() -> list[Sample]:
    makes: dict[str, Callable[[], bytes]] = {
        "of Python": partial(_by_python, zipfile.ZIP_DEFLATED),
        "of Python, stored": partial(_by_python, zipfile.ZIP_STORED),
        "of Python, bzip2": partial(_by_python, zipfile.ZIP_BZIP2),
        "of Python, LZMA": partial(_by_python, zipfile.ZIP_LZMA),
        "written to a pipe": partial(_by_python, zipfile.ZIP_DEFLATED, is_streamed=True),
        "of Python, ZIP64": partial(_by_python, zipfile.ZIP_DEFLATED, is_wide=True),
        "of Windows, with Deflate64": of(Entry("video.mp4", b"\x1b\x05" * 999, DEFLATED64)),
        "of .NET 4.5, with backslashes": of(Entry("anexos\\", b"", STORED), Entry("anexos\\a.txt")),
        "of Info-ZIP": _by_info_zip,
        "of macOS": _by_macos,
        "streamed, with wide sizes behind": of(make_streamed(Entry("a.txt"), is_wide=True)),
        "streamed, of an empty file": of(make_streamed(Entry("a.txt", b"")), Entry("b.txt")),
        "with ends of ZIP64": _with_wide_end,
        "with sizes of ZIP64": of(wide_entry(4)),
        "with a comment": of(Entry("a.txt"), comment="Expediente 123, señor alcalde".encode()),
        "padded by a mail server": of(Entry("a.txt"), behind=b"\r\n\0\0"),
        "with a name twice": of(Entry("a.txt"), Entry("a.txt", b"Adios")),
        "with names of code page 850": of(Entry("a\xa4o\\se\xa4or.txt".encode("latin-1"))),
        "with names in two ways": of(Entry(b"se\xa4or.txt", extra=_unicode_path("señor.txt"))),
        "with an address that begins with MZ": of(Entry("lote.txt", b"MZ A LT 5, Villa El Salvador " * 9)),
        "with all kinds of documents": _with_documents,
        "with a plan that is not compressed": of(Entry("plano.bmp", b"BM" + bytes(25 << 20))),
        "with a text of ten MB": of(Entry("datos.csv", b"".join(b"%d;Lima\n" % n for n in range(9**6)))),
    }
    return [_clean(name, make) for name, make in makes.items()]


def _structure() -> list[Sample]:
    """Return what is wrong with archives as a whole."""
    return [
        _fit(
            Finding.DAMAGED,
            "another time in the second header",
            of(Entry("a.txt", extra=_times(5), local={"extra": _times(9)})),
        ),
        _found(Finding.DAMAGED, "another name in the second header", of(Entry("a.txt", local={"name": "b.txt"}))),
        _found(Finding.DAMAGED, "another size in the second header", of(Entry("a.txt", local={"size": 99}))),
        _found(Finding.DAMAGED, "another method in the second header", of(Entry("a.txt", local={"method": STORED}))),
        _found(Finding.DAMAGED, "a wrong checksum", of(Entry("a.txt", crc=1))),
        _found(Finding.DAMAGED, "less than it says", of(Entry("a.txt", size=5))),
        _found(
            Finding.DAMAGED,
            "less stored than it says",
            of(Entry("a.txt", b"Hola", STORED, size=9 * MEBIBYTE, packed_size=4)),
        ),
        _found(Finding.DAMAGED, "no deflated data", of(Entry("a.txt", packed=b"\xff" * 9))),
        _found(
            Finding.DAMAGED,
            "no deflated data in a large one",
            of(Entry("a.txt", packed=b"\xff" * 9, size=9 * MEBIBYTE)),
        ),
        _found(
            Finding.DAMAGED,
            "no header in front of a member",
            of(Entry("b.txt"), Entry("a.txt", offset=3, has_local=False)),
            Finding.OVERLAPPING,
        ),
        _found(
            Finding.DAMAGED,
            "members that run into the directory",
            of(Entry("a.dat", b"", BZIP2, size=9, packed_size=999)),
        ),
        _found(Finding.DAMAGED, "a directory that is not where it should be", of(Entry("a.txt"), offset=99)),
        _found(Finding.DAMAGED, "more members than are there", of(Entry("a.txt"), count=2, here=2)),
        _found(Finding.DAMAGED, "a comment that is cut off", of(Entry("a.txt"), comment_bytes=9)),
        _found(Finding.DAMAGED, "a member without its mark", _without_mark),
        _found(Finding.DAMAGED, "a directory with more behind its entries", _with_more_directory),
        _found(Finding.DAMAGED, "an entry that is none", _with_broken_entry),
        _found(Finding.DAMAGED, "cut in half", _cut_in_half, is_really=None),
        _found(Finding.DAMAGED, "no directory where it says", partial(_moved, 7), is_really=None),
        _found(Finding.DAMAGED, "no wide end where it says", _without_wide_end, is_really=None),
        _fit(Finding.EMPTY, "one byte", of(Entry("nada/", b"", STORED), Entry("a.txt", b"1"))),
        _found(Finding.EMPTY, "no members", of()),
        _found(Finding.EMPTY, "folders alone", of(Entry("nada/", b"", STORED), Entry("nada/mas/", b"", STORED))),
        _found(Finding.EMPTY, "a file without bytes", of(Entry("a.txt", b""))),
        _fit(Finding.TOO_MANY_MEMBERS, "2,000", partial(_many, 2000)),
        _found(Finding.TOO_MANY_MEMBERS, "2,001", partial(_many, 2001)),
        _found(
            Finding.TOO_MANY_MEMBERS,
            "20,000 of which it says one",
            partial(_many, 20_000, count=1, here=1),
            Finding.EMPTY,
        ),
        _found(Finding.TOO_MANY_MEMBERS, "a directory of more than four MB", _with_large_directory),
        _fit(Finding.OVERLAPPING, "members that touch", of(_STORED_LETTER, Entry("b.txt"))),
        _found(Finding.OVERLAPPING, "one byte of two members", _overlapping_by_one),
        _found(Finding.OVERLAPPING, "one kernel for all (Fifield)", _fifield, Finding.DAMAGED),
        _found(Finding.OVERLAPPING, "quoted headers (Fifield)", _quoted, Finding.NESTED_ARCHIVE),
        _fit(Finding.DISGUISED, "zeros between members", of(Entry("a.txt", behind=bytes(600)), Entry("b.txt"))),
        _found(
            Finding.DISGUISED, "an archive in front", lambda: make_zip([Entry("b.txt")]) + make_zip([Entry("a.txt")])
        ),
        _found(
            Finding.DISGUISED,
            "a member in front that is not listed",
            of(Entry("b.txt", is_listed=False), Entry("a.txt")),
        ),
        _found(
            Finding.DISGUISED,
            "a member between that is not listed",
            of(Entry("a.txt"), Entry("b.txt", is_listed=False), Entry("c.txt")),
        ),
        _found(
            Finding.DISGUISED,
            "a member at the end that is not listed",
            of(make_streamed(Entry("a.txt")), Entry("b.txt", is_listed=False)),
        ),
        _found(Finding.DISGUISED, "a program between", of(Entry("a.txt", behind=_EXE), Entry("b.txt"))),
        _found(Finding.DISGUISED, "a program behind", of(Entry("a.txt"), behind=_EXE)),
        _found(Finding.DISGUISED, "a program in the comment", of(Entry("a.txt"), comment=_EXE)),
        _found(Finding.DISGUISED, "a PDF behind", lambda: make_zip([Entry("a.txt")]) + a_pdf()),
        _found(
            Finding.DISGUISED, "the end of a PDF in the comment", of(Entry("a.txt"), comment=b"x\nstartxref\n9\n%%EOF")
        ),
        _found(Finding.DISGUISED, "two ends", _with_two_ends, Finding.EMPTY),
        _found(Finding.DISGUISED, "two ends that say the same", _with_the_same_end, Finding.DAMAGED),
        _found(Finding.DISGUISED, "a program in front of the end", partial(_with_gap, _EXE)),
        _found(Finding.DAMAGED, "something in front of the end", partial(_with_gap, b"mas! " * 9)),
        _found(Finding.DAMAGED, "another flag in the second header", of(Entry("a.txt", local={"flags": 1}))),
        _found(Finding.DAMAGED, "a wide end that is elsewhere", partial(_with_wide_end, where=1 << 63)),
        _fit(Finding.PART_OF_SEVERAL, "wide ends of one disk", _with_wide_end),
        _found(Finding.PART_OF_SEVERAL, "the second disk", of(Entry("a.txt"), disk=1)),
        _found(Finding.PART_OF_SEVERAL, "two disks in its wide end", partial(_with_wide_end, disks=2)),
        _found(Finding.PART_OF_SEVERAL, "the second disk in its wide end", partial(_with_wide_end, disk=1)),
    ]


def _by_python(compression: int, *, is_streamed: bool = False, is_wide: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(_Pipe(file) if is_streamed else file, "w", compression) as archive:
        archive.writestr(zipfile.ZipInfo("anexos/", (2026, 1, 2, 3, 4, 6)), b"")
        info = zipfile.ZipInfo("anexos/señor ñandú.txt", (2026, 1, 2, 3, 4, 6))
        info.compress_type = compression
        with archive.open(info, "w", force_zip64=is_wide) as member:
            member.write(b"Solicito copia del expediente. " * 500)
        archive.writestr(zipfile.ZipInfo("nota.txt", (2026, 1, 2, 3, 4, 6)), b"Hola")
    return file.getvalue()


class _Pipe(io.RawIOBase):
    """What can only be written on."""

    def __init__(self, file: io.BytesIO) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self._file.write(data)  # type: ignore[arg-type]


def _by_info_zip() -> bytes:
    unix = _times(1_700_000_000) + extra_field(0x7875, b"\1\4\xe8\3\0\0\4\xe8\3\0\0")
    return make_zip(
        [
            Entry("anexos/", b"", STORED, system=UNIX, attributes=0o040755 << 16 | 0x10, extra=unix),
            Entry("anexos/a.txt", b"Hola " * 99, system=UNIX, attributes=_FILE, extra=unix),
            Entry("ejecutable", b"Hola", system=UNIX, attributes=0o100755 << 16, extra=unix),
        ]
    )


def _by_macos() -> bytes:
    names = ("anexos/a.txt", "__MACOSX/anexos/._a.txt", "anexos/.DS_Store", "__MACOSX/._anexos")
    folder = Entry("anexos/", b"", STORED, system=UNIX, attributes=0o040755 << 16)
    files = [Entry(name, b"\0\5\x16\7 Mac OS X" * 9, system=UNIX, attributes=_FILE) for name in names]
    return make_zip([folder, *map(make_streamed, files)])


def _with_documents() -> bytes:
    documents = {"a.docx": a_docx(), "b.xlsx": an_xlsx(), "c.xls": an_xls(), "d.pdf": a_pdf()}
    pictures = {"e.png": a_png(), "f.jpg": a_jpg(), "g.JPEG": a_jpg()}
    return make_zip([Entry(name, data) for name, data in (documents | pictures).items()])


def _with_wide_end(**told: int) -> bytes:
    archive = make_zip([Entry("a.txt")])
    offset = archive.index(b"PK\x01\x02")
    length = archive.index(b"PK\x05\x06") - offset
    return archive[: offset + length] + make_wide_end(1, length, offset, **told)


def _without_wide_end() -> bytes:
    return _with_wide_end().replace(b"PK\x06\x06", b"PK\0\0")


def _with_broken_entry() -> bytes:
    archive = bytearray(make_zip([Entry("a.txt"), Entry("b.txt")]))
    archive[archive.rindex(b"PK\x01\x02")] = 0
    return bytes(archive)


def _with_large_directory() -> bytes:
    return make_zip([Entry(f"{number}", b"a", STORED, extra=bytes(65_000)) for number in range(65)])


def _without_mark() -> bytes:
    archive = bytearray(make_zip([Entry("a.txt"), Entry("b.txt")]))
    archive[archive.index(b"PK\x03\x04", 4)] = 0
    return bytes(archive)


def _with_more_directory() -> bytes:
    archive = make_zip([Entry("a.txt")])
    start, end = archive.index(b"PK\x01\x02"), archive.index(b"PK\x05\x06")
    return archive[:end] + b"mas!" + make_end(1, end - start + 4, start)


def _cut_in_half() -> bytes:
    archive = make_zip([Entry("a.txt", bytes(range(256)), STORED)])
    return archive[: len(archive) // 2]


def _moved(by: int) -> bytes:
    archive = make_zip([Entry("a.txt")])
    end = archive.index(b"PK\x05\x06")
    length = end - archive.index(b"PK\x01\x02")
    return archive[:end] + make_end(1, length + by, 3)


def _many(members: int, **told: int) -> bytes:
    return make_zip([Entry(f"{number}", b"a" if members < 3000 else b"", STORED) for number in range(members)], **told)


def _overlapping_by_one() -> bytes:
    first = Entry("a.dat", b"12345", BZIP2, packed_size=6)
    return make_zip([first, Entry("b.txt")])


def _fifield() -> bytes:
    kernel = Entry("a", bytes(9999))
    return make_zip([kernel, *(Entry(f"{number}", bytes(9999), has_local=False, offset=0) for number in range(50))])


def _quoted() -> bytes:
    """Each member begins with a stored block that holds the next one's header, and goes on as that does."""
    inner = make_zip([Entry("b", bytes(999))])
    local = inner[: inner.index(b"PK\x01\x02")]
    head = local[: 30 + 1]
    packed = b"\0" + struct.pack("<2H", len(head), len(head) ^ 0xFFFF) + local
    outer = Entry("a", head + bytes(999), packed=packed)
    return make_zip([outer, Entry("b", bytes(999), has_local=False, offset=30 + 1 + 5)])


def _with_two_ends() -> bytes:
    other = make_end(0, 0, 0)
    return make_zip([Entry("a.txt")], comment=other)


def _with_the_same_end() -> bytes:
    archive = make_zip([Entry("a.txt")])
    return make_zip([Entry("a.txt")], comment=archive[archive.index(b"PK\x05\x06") :])


def _with_gap(gap: bytes) -> bytes:
    archive = make_zip([Entry("a.txt")])
    end = archive.index(b"PK\x05\x06")
    return archive[:end] + gap + archive[end:]


def _unicode_path(name: str) -> bytes:
    return extra_field(0x7075, b"\1\0\0\0\0" + name.encode())


def _times(seconds: int) -> bytes:
    return extra_field(0x5455, b"\3" + struct.pack("<2I", seconds, seconds))
