"""What stands in front of a document and behind it: programs forgive it, and so one file can be two things at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from files.sieve import marks

if TYPE_CHECKING:
    from mmap import mmap

_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_SIZE: Final = 22
_LONGEST_COMMENT: Final = 0xFFFF
_LOOKED_AT: Final = 4096

_SCRIPTS: Final = re.compile(
    rb"<(?:script|svg|iframe|object|embed|applet|hta:|\?php|%[\s\x20-\x7e]{12})|javascript:|\son\w+\s*=", re.IGNORECASE
)
"""
Programs of the web, none of which stands by chance in what is packed: two letters do in each sixteenth film.

A page without any is what careless servers write behind a PDF, and harms nobody.
"""
_WEB: Final = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_FOREIGN: Final = (
    *marks.ZIP,
    *marks.RAR,
    *marks.OLE,
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b\x08",
    b"MSCF",
    b"{\\rtf",
)
_PICTURES: Final = (*marks.PNG, *marks.JPEG, b"GIF87a", b"GIF89a")
_HIDDEN: Final = re.compile(rb"PK\x03\x04[\x0a-\x3f]\x00|Rar!\x1a\x07[\x00\x01]|\x7fELF[\x01\x02]\x01\x01|MZ")


def is_foreign_in_front(front: bytes) -> bool:
    """Say so of what stands before the mark; headers of scanners and printers, and empty lines, are nothing."""
    return (
        is_foreign(front, to_pictures=False)
        or front.startswith(b"MZ")
        or _WEB.match(front) is not None
        or any(mark in front for mark in (*marks.ZIP, *marks.RAR))
    )


def is_foreign(start: bytes, *, to_pictures: bool) -> bool:
    """Say whether another program would take for its own what begins so; a picture may have others behind it."""
    start = start[: 2 * _LOOKED_AT].lstrip(b"\0\t\n\x0c\r ")[:_LOOKED_AT]
    return (
        start.startswith(_FOREIGN)
        or marks.is_program(start)
        or has_script(start)
        or start.startswith(marks.PDF if to_pictures else _PICTURES)
    )


def has_script(text: bytes) -> bool:
    """Say whether a browser would run something of it, were it taken for a page."""
    return _SCRIPTS.search(text) is not None


def ends_as_zip(data: mmap, end: int) -> bool:
    """
    Say whether the file is an archive for who begins at its end, the document ending at *end*.

    Such an archive may have anything before it, and the end of the document within its comment.
    """
    size = len(data)
    at = data.rfind(_ZIP_END, max(0, size - _LONGEST_COMMENT - _ZIP_END_SIZE))
    if at < 0 or at + _ZIP_END_SIZE > size:
        return False
    comment = int.from_bytes(data[at + 20 : at + _ZIP_END_SIZE], "little")
    return at >= end or abs(at + _ZIP_END_SIZE + comment - size) <= len(b"\r\n")


def has_hidden(data: mmap, start: int) -> bool:
    """Say whether an archive or a program lies anywhere behind *start*: some are found wherever they begin."""
    return any(found[0] != b"MZ" or _is_windows_program(data, found.start()) for found in _HIDDEN.finditer(data, start))


def _is_windows_program(data: mmap, at: int) -> bool:
    offset = int.from_bytes(data[at + 0x3C : at + 0x40], "little")
    return 0x40 <= offset <= _LOOKED_AT and data[at + offset : at + offset + 4] == b"PE\0\0"
