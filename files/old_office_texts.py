"""The text of Office files of before 2007 (.doc, .xls), in the jail."""

from __future__ import annotations

import io
import re
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from files.office_texts import Words

WORD_8, WORD_6 = 0xA5EC, 0xA5DC
IS_COMPLEX, IS_ENCRYPTED, IS_TABLE_1 = 0x0004, 0x0100, 0x0200
CLX_AT, PIECES_MARK, PROPERTIES_MARK = 0x01A2, 2, 1
IS_COMPRESSED, PLACE_MASK = 0x40000000, 0x3FFFFFFF
PIECE_BYTES = 8
MOST_STREAM_BYTES = 64 * 2**20

_SAID_OTHERWISE = {0x0D: "\n", 0x0B: "\n", 0x0C: "\n", 0x07: "\t", 0x1E: "-", 0x1F: "", 0xA0: " "}
_FIELD = _FIELD_BEGINS, _FIELD_SHOWS, _FIELD_ENDS = "\x13", "\x14", "\x15"
_PARTS = re.compile(r"[\x13-\x15]|[^\x13-\x15]+")


class Locked(Exception):
    """It is encrypted."""


class Unreadable(Exception):
    """It is not what it seems to be, or damaged."""


def kind_of(path: str) -> str | None:
    """
    Say what an OLE file is, by its streams.

    Raises:
        Locked: it wraps an encrypted document of today.
        Unreadable: it is no such file.
    """
    streams = {name.lower() for name in _streams(path)}
    if "encryptedpackage" in streams:
        raise Locked
    if "worddocument" in streams:
        return "doc"
    return "xls" if streams & {"workbook", "book"} else None


def _streams(path: str) -> Iterator[str]:
    import olefile

    with olefile.OleFileIO(path) as file:
        for entry in file.listdir():
            if len(entry) == 1:
                yield entry[0]


def read_word(path: str, words: Words) -> None:
    """
    Gather the text of a .doc, by its table of pieces; of a field, what it shows and not its code.

    Raises:
        Locked: it has a password.
        Unreadable: it is damaged.
    """
    document, table = _word_streams(path)
    fields = list[bool]()
    for said in _word_pieces(document, table):
        for part in _PARTS.findall(said.translate(_SAID_OTHERWISE)):
            _follow(part, fields)
            if part not in _FIELD and not any(fields):
                words.add(part)


def _follow(part: str, fields: list[bool]) -> None:
    """Keep of each open field, the innermost last, whether it is its code that goes on."""
    if part == _FIELD_BEGINS:
        fields.append(True)
    elif part == _FIELD_SHOWS and fields:
        fields[-1] = False
    elif part == _FIELD_ENDS and fields:
        fields.pop()


def _word_streams(path: str) -> tuple[bytes, bytes]:
    import olefile

    with olefile.OleFileIO(path) as file:
        document = file.openstream("WordDocument").read(MOST_STREAM_BYTES)
        flags = _number("<H", document, 0x0A)
        if flags & IS_ENCRYPTED:
            raise Locked
        name = "1Table" if flags & IS_TABLE_1 else "0Table"
        table = file.openstream(name).read(MOST_STREAM_BYTES) if file.exists(name) else b""
    return document, table


def _word_pieces(document: bytes, table: bytes) -> Iterator[str]:
    mark = _number("<H", document, 0)
    if mark == WORD_6 or not table:
        if _number("<H", document, 0x0A) & IS_COMPLEX:
            raise Unreadable
        yield document[_number("<I", document, 0x18) : _number("<I", document, 0x1C)].decode("cp1252", "replace")
        return
    if mark != WORD_8:
        raise Unreadable
    start, size = _number("<I", document, CLX_AT), _number("<I", document, CLX_AT + 4)
    pieces = _table_of_pieces(table[start : start + size])
    count = (len(pieces) - 4) // (4 + PIECE_BYTES)
    places = struct.unpack_from(f"<{count + 1}I", pieces)
    for index in range(count):
        [where] = struct.unpack_from("<I", pieces, 4 * (count + 1) + PIECE_BYTES * index + 2)
        yield _piece(document, where, places[index + 1] - places[index])


def _piece(document: bytes, where: int, length: int) -> str:
    place = where & PLACE_MASK
    if length < 0:
        raise Unreadable
    if where & IS_COMPRESSED:
        return document[place // 2 : place // 2 + length].decode("cp1252", "replace")
    return document[place : place + 2 * length].decode("utf-16-le", "replace")


def _table_of_pieces(clx: bytes) -> bytes:
    at = 0
    while at < len(clx) and clx[at] == PROPERTIES_MARK:
        at += 3 + _number("<H", clx, at + 1)
    if at >= len(clx) or clx[at] != PIECES_MARK:
        raise Unreadable
    size = _number("<I", clx, at + 1)
    pieces = clx[at + 5 : at + 5 + size]
    if len(pieces) != size or size < 4:
        raise Unreadable
    return pieces


def _number(form: str, data: bytes, at: int) -> int:
    try:
        return int(struct.unpack_from(form, data, at)[0])
    except struct.error:
        raise Unreadable from None


def read_sheets(path: str, words: Words) -> None:
    """
    Gather what the cells of an .xls show, row by row, and the names of its sheets.

    Raises:
        Locked: it has a password.
        Unreadable: it is damaged.
    """
    import xlrd
    from xlrd.biffh import XLRDError
    from xlrd.compdoc import CompDocError

    try:
        book = xlrd.open_workbook(path, logfile=io.StringIO(), on_demand=True, ragged_rows=True)
    except XLRDError as error:
        raise (Locked if "encrypted" in str(error) else Unreadable) from error
    except CompDocError as error:
        raise Unreadable from error
    for index in range(book.nsheets):
        sheet = book.sheet_by_index(index)
        words.add(sheet.name + "\n")
        for row in range(sheet.nrows):
            words.add("\t".join(_shown(value) for value in sheet.row_values(row)) + "\n")
        book.unload_sheet(index)


def _shown(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
