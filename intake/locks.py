"""Files that open only with a password: PDF, ZIP, Office and RAR, known from as little of their content as will do."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Final

from intake.decoding import cut_out
from rules.files import LARGEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FRONT_BYTES: Final = 16 * 1024
TAIL_BYTES: Final = 64 * 1024
"""Where a PDF says that it is encrypted: in the trailers, which are at its end, or at its beginning for the web."""

LARGEST_DIRECTORY: Final = 2**20
MOST_ENTRIES: Final = 10_000

_PDF: Final = b"%PDF-"
_PDF_LOCK: Final = b"/Encrypt"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_END = struct.Struct("<4s8xII")
_ZIP_ENTRY = struct.Struct("<4s4xH18xHHH")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_LOCK: Final = "EncryptedPackage".encode("utf-16le")
_FIRST_SECTOR: Final = 512
_WORD, _WORD_FLAGS_AT, _WORD_ENCRYPTED = b"\xec\xa5", 10, 0x0100
_EXCEL_BEGIN, _EXCEL_LOCK = 0x0809, 0x002F
_RAR4: Final = b"Rar!\x1a\x07\x00"
_RAR5: Final = b"Rar!\x1a\x07\x01\x00"
_LONGEST_MARK: Final = max(len(_PDF_LOCK), len(_OLE_LOCK))


class Lookout:
    """Watches the content of one file go by, in pieces, and says afterwards whether it is locked."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._mark = _PDF_LOCK if _PDF in head[:1024] else _OLE_LOCK if head.startswith(_OLE) else None
        self._keeps_tail = head.startswith(_ZIP)
        self._has_mark = False
        self._tail = b""
        self._size = 0

    def see(self, piece: bytes) -> None:
        """Look at the next piece, of whatever length."""
        is_front = self._size < FRONT_BYTES
        self._size += len(piece)
        if self._mark is _PDF_LOCK:
            self._has_mark |= is_front and piece.rfind(_PDF_LOCK, 0, FRONT_BYTES) >= 0  # backwards it is found faster
        elif self._mark and not self._has_mark:
            self._has_mark = self._mark in piece or self._mark in self._tail[-_LONGEST_MARK:] + piece[:_LONGEST_MARK]
        if self._mark or self._keeps_tail:
            self._tail = piece[-TAIL_BYTES:] if len(piece) >= TAIL_BYTES else (self._tail + piece)[-TAIL_BYTES:]

    def finds_lock(self, again: Callable[[], Iterator[bytes]]) -> bool:
        """Say whether the file is locked; *again* yields its content once more, for the few that need a second look."""
        if self._mark is _PDF_LOCK:
            is_said = self._has_mark or self._tail.rfind(_PDF_LOCK) >= 0
            return is_said and self._size <= LARGEST_BYTES and _is_locked_pdf(again())
        if self._keeps_tail:
            return _is_locked_zip(self._head, self._tail, self._size, again)
        return self._has_mark or _is_locked_document(self._head) or _is_locked_rar(self._head)


def _is_locked_pdf(pieces: Iterator[bytes]) -> bool:
    """Say whether a PDF asks for a password; one that only forbids printing has an empty one, and opens."""
    import pikepdf

    content = io.BytesIO()
    for piece in pieces:
        content.write(piece)
    content.seek(0)
    try:
        with pikepdf.open(content, suppress_warnings=True):
            return False
    except pikepdf.PasswordError:
        return True
    except pikepdf.PdfError:
        return False


def _is_locked_zip(head: bytes, tail: bytes, size: int, again: Callable[[], Iterator[bytes]]) -> bool:
    if head.startswith(_ZIP[0]) and len(head) > 6 and head[6] & 1:
        return True
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _ZIP_END.size:
        return False
    _, length, start = _ZIP_END.unpack_from(tail, found)
    length = min(length, LARGEST_DIRECTORY)
    tail_start = size - len(tail)
    if start >= tail_start:
        return _has_locked_entry(tail[start - tail_start :])
    return _has_locked_entry(b"".join(cut_out(again(), start, start + length)))


def _has_locked_entry(directory: bytes) -> bool:
    position = 0
    for _ in range(MOST_ENTRIES):
        if len(directory) - position < _ZIP_ENTRY.size:
            return False
        mark, flags, *lengths = _ZIP_ENTRY.unpack_from(directory, position)
        if mark != b"PK\x01\x02":
            return False
        if flags & 1:
            return True
        position += 46 + sum(lengths)
    return False


def _is_locked_document(head: bytes) -> bool:
    """Know Word and Excel 97–2003 by what their stream begins with, in the first sector of the file."""
    sector = head[_FIRST_SECTOR:]
    if not head.startswith(_OLE) or len(sector) < _WORD_FLAGS_AT + 2:
        return False
    if sector.startswith(_WORD):
        return bool(int.from_bytes(sector[_WORD_FLAGS_AT : _WORD_FLAGS_AT + 2], "little") & _WORD_ENCRYPTED)
    return _is_locked_workbook(sector)


def _is_locked_workbook(records: bytes) -> bool:
    position = 0
    while position + 4 <= len(records):
        kind, size = struct.unpack_from("<HH", records, position)
        if not position and kind != _EXCEL_BEGIN:
            return False
        if kind == _EXCEL_LOCK:
            return True
        position += 4 + size
    return False


def _is_locked_rar(head: bytes) -> bool:
    if head.startswith(_RAR4):
        return _is_locked_rar4(head[len(_RAR4) :])
    return head.startswith(_RAR5) and _is_locked_rar5(head[len(_RAR5) :])


def _is_locked_rar4(blocks: bytes) -> bool:
    """Look at the archive's header and, in plain ones, at that of the first file."""
    position = 0
    while position + 7 <= len(blocks):
        kind, flags, size = struct.unpack_from("<BHH", blocks, position + 2)
        if (kind == 0x73 and flags & 0x80) or (kind == 0x74 and flags & 0x04):
            return True
        if kind == 0x74 or size < 7:
            return False
        position += size
    return False


def _is_locked_rar5(blocks: bytes) -> bool:
    position = 0
    while position + 7 <= len(blocks):
        size, start = _number(blocks, position + 4)
        kind, at = _number(blocks, start)
        if kind == 4:
            return True
        if kind == 2:
            return _has_encryption_record(blocks[start : start + size], at - start)
        if not size:
            return False
        position = start + size
    return False


def _has_encryption_record(header: bytes, position: int) -> bool:
    flags, position = _number(header, position)
    extra_size, _ = _number(header, position) if flags & 1 else (0, position)
    extra, position = header[len(header) - extra_size :] if extra_size else b"", 0
    while position < len(extra):
        size, start = _number(extra, position)
        kind, _ = _number(extra, start)
        if kind == 1:
            return True
        position = start + max(size, 1)
    return False


def _number(data: bytes, position: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and where it ends."""
    value = 0
    for place, byte in enumerate(data[position : position + 10]):
        value |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            return value, position + place + 1
    return value, position + 10
