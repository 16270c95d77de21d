"""The body of a mail as a DKIM signature covers it (RFC 6376, 3.4): hashed as it is read, whatever its size."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SLICE_BYTES: Final = 256 * 1024
_MOST_AT_ONCE: Final = 64 * 1024
_BLANKS = re.compile(rb"[ \t]+")


def body_hash(file: BinaryIO, start: int, *, is_relaxed: bool) -> str:
    """Return the SHA-256, as base64, of what follows *start*, canonical in one of the two ways of a signature."""
    digest = hashlib.sha256()
    slices = _with_plain_ends(file, start)
    for piece in _relaxed(slices) if is_relaxed else _simple(slices):
        digest.update(piece)
    return base64.b64encode(digest.digest()).decode("ascii")


def _with_plain_ends(file: BinaryIO, start: int) -> Iterator[bytes]:
    """Yield the bytes in slices, line ends as LF; a CR at the end of a slice goes with the next one."""
    held = b""
    file.seek(start)
    while read := file.read(SLICE_BYTES):
        piece = held + read
        held = piece[-1:] if piece.endswith(b"\r") else b""
        yield piece[: len(piece) - len(held)].replace(b"\r\n", b"\n")
    yield held


def _simple(slices: Iterable[bytes]) -> Iterator[bytes]:
    """Empty lines at the end are left out, all but the end of the last line."""
    waiting = 0
    for piece in slices:
        content = piece.rstrip(b"\n")
        if content:
            yield from _line_ends(waiting)
            yield content.replace(b"\n", b"\r\n")
            waiting = 0
        waiting += len(piece) - len(content)
    yield b"\r\n"


def _relaxed(slices: Iterable[bytes]) -> Iterator[bytes]:
    """Blanks at the end of lines are left out, others become one space; then as *simple*, but nothing stays nothing."""
    waiting, blank, is_empty = 0, b"", True
    for piece in slices:
        text = blank + piece
        if b" " in text or b"\t" in text:
            text = _BLANKS.sub(b" ", text).replace(b" \n", b"\n")
        content = text.rstrip(b" \n")
        if content:
            yield from _line_ends(waiting)
            yield content.replace(b"\n", b"\r\n")
            waiting, is_empty = 0, False
        waiting += text.count(b"\n", len(content))
        blank = b" " if text.endswith(b" ") else b""
    if not is_empty:
        yield b"\r\n"


def _line_ends(number: int) -> Iterator[bytes]:
    while number:
        now = min(number, _MOST_AT_ONCE)
        yield b"\r\n" * now
        number -= now
