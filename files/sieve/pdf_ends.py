"""Where a PDF begins and ends within its file, and whether something else does too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from files.sieve import ends, marks

if TYPE_CHECKING:
    from mmap import mmap

NEAR_END: Final = 1024
"""So far from the end of the file readers look for the end of the PDF."""
_END: Final = b"%%EOF"


def is_disguised(data: mmap) -> bool:
    """Say whether something of another kind stands in front or behind. Of a file that ends as it should little is read."""
    start, end = data.find(marks.PDF, 0, marks.PDF_WITHIN_BYTES + len(marks.PDF)), end_of(data)
    if ends.is_foreign_in_front(data[:start]) or ends.ends_as_zip(data, end):
        return True
    if ends.is_foreign(data[end : end + 8 * NEAR_END], to_pictures=False):
        return True
    return end < len(data) - NEAR_END and _has_hidden(data)


def end_of(data: mmap) -> int:
    """Return where the last thing ends that says that it is the end; 0 if there is none."""
    found = data.rfind(_END)
    return found + len(_END) if found >= 0 else 0


def _has_hidden(data: mmap) -> bool:
    """Look behind what was first called the end: archives may hold PDFs, and so later ends."""
    first = data.find(_END)
    return first >= 0 and ends.has_hidden(data, first)
