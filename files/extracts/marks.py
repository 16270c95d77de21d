"""By which bytes a file is known to be one that others are inside of."""

from __future__ import annotations

from typing import Final

HEAD_BYTES: Final = 4096
"""So much of a file is enough to know it."""

PDF: Final = b"%PDF-"
PDF_WITHIN: Final = 1024 + len(PDF)
"""Readers take a header that does not stand at the very beginning."""

OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
RAR: Final = b"Rar!\x1a\x07"
RAR_WITHIN: Final = 1 << 20
"""An archive may stand behind a program that unpacks it; its readers look for it as far as that."""


def is_pdf(head: bytes) -> bool:
    """Say whether readers would take it for a PDF."""
    return PDF in head[:PDF_WITHIN]


def is_zip(head: bytes) -> bool:
    """Say whether it begins like a ZIP archive, or an Office document, which is one."""
    return head.startswith(ZIP)


def is_ole(head: bytes) -> bool:
    """Say whether it is an old Office document."""
    return head.startswith(OLE)


def place_of_rar(head: bytes) -> int | None:
    """Return where a RAR archive begins in it."""
    place = head.find(RAR, 0, RAR_WITHIN)
    return place if place >= 0 else None


def has_inside(head: bytes) -> bool:
    """Say whether others may be inside of it."""
    return is_pdf(head) or is_zip(head) or is_ole(head) or place_of_rar(head) is not None
