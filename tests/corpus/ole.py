"""Documents and workbooks of older Office programs (.doc, .xls), and what else begins as they do."""

from __future__ import annotations

import io
import struct
from functools import partial
from typing import TYPE_CHECKING

import xlwt

from rules.verdicts import Finding
from tests.corpus.compounds import (
    Node,
    make_compound,
    make_doc,
    make_native,
    make_word,
    make_xls,
    record,
    sheet,
    supporting,
)
from tests.corpus.documents import a_docx, an_xls
from tests.corpus.judged import at_limit, beyond, clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.corpus import Sample

_EXE = b"MZ\x90\0" + bytes(56) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0"
_INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")
_PROJECT = Node("VBA", None, [Node("dir", b"x" * 99), Node("ThisDocument", b"x" * 99)])
_doc_beyond, _doc_at_limit = partial(beyond, "doc"), partial(at_limit, "doc")
_xls_beyond, _xls_at_limit = partial(beyond, "xls"), partial(at_limit, "xls")


def samples() -> list[Sample]:
    """Return them."""
    return [*_honest(), *_others(), *_keys(), *_programs(), *_objects(), *_exchange(), *_broken()]


def _doc(*nodes: Node, **told: object) -> Callable[[], bytes]:
    return partial(make_doc, *nodes, **told)  # type: ignore[arg-type]


def _xls(*nodes: Node, **told: object) -> Callable[[], bytes]:
    return partial(make_xls, *nodes, **told)  # type: ignore[arg-type]


def _honest() -> list[Sample]:
    own = [Node("\x05SummaryInformation", bytes(200)), Node("\x01CompObj", bytes(99))]
    return [
        clean("doc", "of Word 97", _doc(*own)),
        clean("doc", "of Word 97 with its other table", _doc(word=make_word(flags=0), table="0Table")),
        clean("doc", "of Word 95", _doc(word=make_word(version=104, mark=0xA5DC), table="x")),
        clean("doc", "with large pictures", _doc(Node("Data", bytes(9 << 20)))),
        clean("xls", "of xlwt", an_xls),
        clean("xls", "of xlwt, with formulas and many rows", _rich_xls),
        clean("xls", "of Excel 97", _xls(*own, records=sheet("Hoja1") + sheet("Grafico", 2))),
        clean("xls", "of Excel 95", _xls(version=0x0500, stream="Book")),
        clean("xls", "with a link to itself", _xls(records=sheet("a") + record(0x1AE, b"\1\0\1\4"))),
        clean("xls", "with links between its sheets", _xls(records=sheet("a") + record(0x17, b"\1\0\0\0\3\0\3\0"))),
    ]


def _others() -> list[Sample]:
    """Return what begins the same."""
    presentation, message = Node("PowerPoint Document", bytes(5000)), Node("__properties_version1.0", bytes(50))
    found = partial(beyond, "doc", Finding.OTHER_KIND, is_really=None)
    return [
        _doc_at_limit(Finding.OTHER_KIND, "a document", _doc()),
        found("a presentation", partial(make_compound, [presentation])),
        found("a mail", partial(make_compound, [message])),
        found("nothing", partial(make_compound, [])),
        found(
            "a package of Windows Installer", partial(make_compound, [message], class_id=_INSTALLER), Finding.PROGRAM
        ),
        _xls_at_limit(Finding.OTHER_KIND, "a workbook", _xls()),
    ]


def _keys() -> list[Sample]:
    package = [Node("EncryptedPackage", bytes(5000)), Node("EncryptionInfo", bytes(224))]
    encrypted = Finding.ENCRYPTED
    return [
        _doc_at_limit(encrypted, "other flags", _doc(word=make_word(flags=0x0200 | 0x1000))),
        _doc_beyond(encrypted, "by its flag", _doc(word=make_word(flags=0x0300))),
        _doc_beyond(encrypted, "Word 95", _doc(word=make_word(flags=0x0100, version=104), table="x")),
        beyond("docx", encrypted, "as Office does it today", partial(make_compound, package), is_really=None),
        beyond("docx", encrypted, "by rights", partial(make_compound, [Node("\tDRMContent", b"x")]), is_really=None),
        _xls_at_limit(encrypted, "kept from changes", _xls(records=record(0x12, b"\1\0") + sheet("a"))),
        _xls_beyond(encrypted, "by its record", _xls(records=record(0x2F, bytes(54)) + sheet("a"))),
    ]


def _programs() -> list[Sample]:
    macros, controls = Finding.MACROS, Finding.CONTROLS
    pool = partial(Node, "ObjectPool", None)
    return [
        _doc_at_limit(macros, "a storage called like it", _doc(Node("Macros", None, []))),
        _doc_beyond(macros, "a project", _doc(Node("Macros", None, [_PROJECT]))),
        _xls_at_limit(macros, "a chart as a sheet", _xls(records=sheet("a", 2))),
        _xls_beyond(macros, "a project", _xls(Node("_VBA_PROJECT_CUR", None, [_PROJECT]))),
        _xls_beyond(macros, "a sheet of Excel 4", _xls(records=sheet("a") + sheet("Macro1", 1))),
        _xls_beyond(
            macros, "a sheet of Excel 4 in Excel 95", _xls(records=sheet("Macro1", 1), version=0x0500, stream="Book")
        ),
        _doc_at_limit(
            controls,
            "an object",
            _doc(pool([Node("_1", None, [Node("Contents", b"x"), Node("\x03OCXNAME", b"")])])),
            Finding.EMBEDDED_OBJECTS,
        ),
        _doc_beyond(
            controls, "ActiveX", _doc(pool([Node("_1", None, [Node("\x03OCXNAME", b"x")])])), Finding.EMBEDDED_OBJECTS
        ),
        _xls_at_limit(controls, "a stream called much like it", _xls(Node("Ctl", b"x"))),
        _xls_beyond(controls, "ActiveX in a workbook", _xls(Node("Ctls", b"x"))),
    ]


def _objects() -> list[Sample]:
    def packed(name: str, data: bytes = b"Hola") -> Callable[[], bytes]:
        native = Node("\x01Ole10Native", make_native(name, data))
        return _doc(Node("ObjectPool", None, [Node("_123", None, [native])]))

    objects = Finding.EMBEDDED_OBJECTS
    return [
        _doc_at_limit(objects, "a pool without any", _doc(Node("ObjectPool", None, []))),
        _doc_beyond(objects, "a text", packed("carta.txt")),
        _xls_at_limit(objects, "the data of a pivot table", _xls(Node("_SX_DB_CUR", None, [Node("0001", b"x")]))),
        _xls_beyond(objects, "a document", _xls(Node("MBD0001", None, [Node("WordDocument", make_word())]))),
        _doc_at_limit(Finding.PROGRAM, "a text", packed("exe.txt", b"MZ A LT 4 " * 9), objects),
        _doc_beyond(Finding.PROGRAM, "a package", packed("carta.pdf.exe"), objects),
        _doc_beyond(Finding.PROGRAM, "a package of another name", packed("carta.pdf", _EXE), objects),
        _doc_beyond(Finding.PROGRAM, "a short cut", packed("carta.lnk"), objects),
    ]


def _exchange() -> list[Sample]:
    exchange = Finding.DATA_EXCHANGE
    wide = "\x13 DDEAUTO c:\\cmd.exe \x14\x15".encode("utf-16-le")
    old = partial(_xls, version=0x0500, stream="Book")
    kept = b'\x13 INCLUDEPICTURE "https://a.example/d.png" \\* MERGEFORMATINET \x14\x15'
    fetched = b'\x13 INCLUDEPICTURE "https://a.example/d.png" \\d \x14\x15'
    return [
        _doc_at_limit(exchange, "a text about it", _doc(word=make_word(b"DDEAUTO \x13 PAGE \x14\x15 DDE"))),
        _doc_at_limit(exchange, "another field", _doc(word=make_word("\x13 DDEX \x14".encode("utf-16-le")))),
        _doc_beyond(exchange, "a field", _doc(word=make_word(b"\x13 DDEAUTO c:\\cmd.exe \x14\x15"))),
        _doc_beyond(exchange, "a field in UTF-16", _doc(word=make_word(wide))),
        _xls_at_limit(exchange, "a link to a book", _xls(records=supporting("\1otro.xls"))),
        _xls_beyond(exchange, "a link to a program", _xls(records=supporting("cmd\3/c calc"))),
        _xls_beyond(exchange, "a link to a program in UTF-16", _xls(records=supporting("cmd\3/c calc", is_wide=True))),
        _xls_beyond(exchange, "a link to a program in Excel 95", old(records=record(0x17, b"\x0acmd\3/c calc"))),
        _doc_at_limit(Finding.EXTERNAL_CONTENT, "a picture that is kept inside", _doc(word=make_word(kept))),
        _doc_beyond(Finding.EXTERNAL_CONTENT, "a picture that is fetched", _doc(word=make_word(fetched))),
        _doc_beyond(
            Finding.EXTERNAL_CONTENT,
            "a picture that is fetched, in UTF-16",
            _doc(word=make_word(fetched.decode().encode("utf-16-le"))),
        ),
        _xls_at_limit(Finding.EXTERNAL_CONTENT, "a link to a book", _xls(records=supporting("\1otro.xls"))),
        _xls_beyond(
            Finding.EXTERNAL_CONTENT, "a link to a server", _xls(records=supporting("\1\5 http://mal.example/a.xls"))
        ),
    ]


def _broken() -> list[Sample]:
    damaged, complex_ = Finding.DAMAGED, Finding.TOO_COMPLEX
    unreadable = partial(beyond, "doc", damaged, is_really=None)
    many = partial(_many_streams, 1_998)
    return [
        _doc_at_limit(damaged, "a text that fills its last sector", _doc(word=make_word().ljust(6144, b"x"))),
        _doc_beyond(damaged, "cut off", _cut_in_text),
        unreadable("cut off in its header", lambda: make_doc()[:99]),
        unreadable("cut off in front of its directory", lambda: make_doc()[:3000]),
        unreadable("a directory that is not there", partial(_patched, 48, 9999)),
        unreadable("more tables than it has room for", partial(_patched, 44, 999_999)),
        unreadable("sectors of another size", partial(_patched, 30, 0x0006_0010)),
        _doc_beyond(damaged, "a text that goes round", _going_round),
        _doc_beyond(damaged, "a text that is none", _doc(word=bytes(5000))),
        _doc_beyond(damaged, "without its table", _doc(table="x")),
        _xls_at_limit(damaged, "a record without anything", _xls(records=record(0x42) + sheet("a"))),
        _xls_beyond(damaged, "a workbook that is none", partial(make_compound, [Node("Workbook", b"x" * 5000)])),
        _xls_beyond(
            damaged, "a workbook without an end", partial(make_compound, [Node("Workbook", record(0x809, bytes(4999)))])
        ),
        _doc_at_limit(complex_, "2,000 streams", many),
        beyond("doc", complex_, "more streams", partial(_many_streams, 2_003), is_really=None),
        beyond("doc", complex_, "storages without end", _nested, is_really=None),
        _xls_at_limit(complex_, "50,000 records", _xls(records=record(0x42) * 49_998)),
        _xls_beyond(complex_, "more records", _xls(records=record(0x42) * 50_000)),
        _doc_at_limit(Finding.DISGUISED, "zeros behind", lambda: make_doc() + bytes(2000)),
        _doc_beyond(Finding.DISGUISED, "a program behind", lambda: make_doc() + _EXE.ljust(512, b"\0")),
        _doc_beyond(Finding.DISGUISED, "a document behind", lambda: make_doc() + a_docx()),
        _doc_beyond(Finding.DISGUISED, "much behind", lambda: make_doc() + bytes(200_000)),
        _doc_beyond(Finding.DISGUISED, "a workbook besides", _doc(Node("Workbook", bytes(99)))),
    ]


def _rich_xls() -> bytes:
    workbook = xlwt.Workbook()
    for name in ("Gastos", "Resumen"):
        rows = workbook.add_sheet(name)
        for row in range(300):
            rows.write(row, 0, f"Señor {row}")
            rows.write(row, 1, xlwt.Formula(f"C{row + 1}*2"))
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _patched(offset: int, number: int) -> bytes:
    data = bytearray(make_doc())
    struct.pack_into("<I", data, offset, number)
    return bytes(data)


def _cut_in_text() -> bytes:
    """Its directory comes first, as some writers have it: what is cut off is the text."""
    data = bytearray(make_compound([Node("1Table", bytes(4096)), Node("WordDocument", make_word(bytes(9000)))]))
    size_at = data.index("WordDocument".encode("utf-16-le")) + 120
    struct.pack_into("<I", data, size_at, 60_000)
    return bytes(data)


def _going_round() -> bytes:
    """The table says that the text's second sector is followed by its first."""
    data = bytearray(make_doc(word=make_word(bytes(9000))))
    table = data.index(struct.pack("<3I", 1, 2, 3))
    struct.pack_into("<I", data, table + 4, 0)
    size_at = data.index("WordDocument".encode("utf-16-le")) + 120
    struct.pack_into("<I", data, size_at, len(data) * 2)
    return bytes(data)


def _many_streams(count: int) -> bytes:
    """Half of them in each of two storages: the tree of one is as deep as it is long."""
    folders = [Node(f"s{part}", None, [Node(f"{part}-{n}", b"") for n in range((count - 6) // 5)]) for part in range(5)]
    return make_doc(*folders)


def _nested() -> bytes:
    node = Node("fin", b"x")
    for depth in range(40):
        node = Node(f"s{depth}", None, [node])
    return make_doc(node)
