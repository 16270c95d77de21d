"""What bytes are by how they begin: the same table for whole files, for what is hidden behind one, and for members."""

from __future__ import annotations

from typing import Final

ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
"""With members, without any, and the first part of several."""

RAR: Final = (b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00")
OLE: Final = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
PNG: Final = (b"\x89PNG\r\n\x1a\n",)
JPEG: Final = (b"\xff\xd8\xff",)
PDF: Final = b"%PDF-"
PDF_WITHIN_BYTES: Final = 1024

_PROGRAMS: Final = (
    b"\x7fELF",
    b"#!/",
    b"\xca\xfe\xba\xbe",  # Java, and macOS for several processors
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F",  # a shortcut of Windows
)
_PE_OFFSET: Final = 0x3C
_LEAST_DOS_HEADER: Final = 0x40


def is_program(head: bytes) -> bool:
    """Say whether a system would run what begins so: at least 64 bytes are needed, more make it surer."""
    return head.startswith(_PROGRAMS) or _is_windows_program(head)


def _is_windows_program(head: bytes) -> bool:
    """Two letters alone may begin any text; a program of Windows tells behind them where its second header is."""
    if not head.startswith(b"MZ") or len(head) < _LEAST_DOS_HEADER:
        return False
    offset = int.from_bytes(head[_PE_OFFSET : _PE_OFFSET + 4], "little")
    if offset + 2 <= len(head):
        return head[offset : offset + 2] in (b"PE", b"NE", b"LE", b"LX") or b"\0" in head[:_LEAST_DOS_HEADER]
    return b"\0" in head[:_LEAST_DOS_HEADER]
