"""What is in front of a PDF and behind it: readers forgive it, and so one file can be two things at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from files.sieve import marks

if TYPE_CHECKING:
    from mmap import mmap

END: Final = b"%%EOF"
NEAR_END: Final = 1024
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_SIZE: Final = 22
_LONGEST_COMMENT: Final = 0xFFFF

_SCRIPTS: Final = re.compile(
    rb"<(?:script|svg|iframe|object|embed|applet|hta:|\?php|%)|javascript:|\son\w+\s*=", re.IGNORECASE
)
"""Programs of the web. A page without any is what careless servers write behind a PDF, and harms nobody."""
_WEB: Final = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_FOREIGN: Final = (
    *marks.ZIP,
    *marks.RAR,
    *marks.OLE,
    *marks.PNG,
    *marks.JPEG,
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b\x08",
    b"GIF87a",
    b"GIF89a",
    b"MSCF",
    b"{\\rtf",
)
_ARCHIVES: Final = re.compile(rb"PK\x03\x04[\x0a-\x3f]\x00|Rar!\x1a\x07[\x00\x01]|\x7fELF[\x01\x02]\x01\x01|MZ")


def is_foreign(start: bytes) -> bool:
    """Say whether another program would take for its own what begins so."""
    start = start.lstrip(b"\0\t\n\x0c\r ")
    return start.startswith(_FOREIGN) or marks.is_program(start) or _SCRIPTS.search(start) is not None


def is_foreign_in_front(front: bytes) -> bool:
    """Say so of what stands before the mark; headers of scanners and printers, and empty lines, are nothing."""
    return (
        is_foreign(front)
        or front.startswith(b"MZ")
        or _WEB.match(front) is not None
        or any(mark in front for mark in (*marks.ZIP, *marks.RAR))
    )


def has_end(data: mmap) -> bool:
    """Say whether the PDF ends where the file does."""
    return data.rfind(END, max(0, len(data) - NEAR_END)) >= 0


def end_of(data: mmap) -> int:
    """Return where the last thing ends that says that it is the end; 0 if there is none."""
    return data.rfind(END) + len(END) if data.rfind(END) >= 0 else 0


def is_foreign_behind(data: mmap) -> bool:
    """
    Say whether something else was appended. Of a file that ends as it should little is looked at.

    An archive is opened from its end, whatever stands before it; a comment can hold the end of the PDF.
    """
    end = end_of(data)
    if _ends_as_zip(data, end) or is_foreign(data[end : end + 4096 + NEAR_END]):
        return True
    return not has_end(data) and _has_archive(data)


def _ends_as_zip(data: mmap, end: int) -> bool:
    size = len(data)
    at = data.rfind(_ZIP_END, max(0, size - _LONGEST_COMMENT - _ZIP_END_SIZE))
    if at < 0 or at + _ZIP_END_SIZE > size:
        return False
    comment = int.from_bytes(data[at + 20 : at + _ZIP_END_SIZE], "little")
    return at >= end or abs(at + _ZIP_END_SIZE + comment - size) <= len(b"\r\n")


def _has_archive(data: mmap) -> bool:
    """Look for one behind what was first called the end: archives may hold PDFs, and so later ends."""
    first = data.find(END)
    if first < 0:
        return False
    for found in _ARCHIVES.finditer(data, first):
        if found[0] != b"MZ" or _is_windows_program(data, found.start()):
            return True
    return False


def _is_windows_program(data: mmap, at: int) -> bool:
    offset = int.from_bytes(data[at + 0x3C : at + 0x40], "little")
    return 0x40 <= offset <= 4096 and data[at + offset : at + offset + 4] == b"PE\0\0"
