"""Text made to fit: cleaned, broken into lines by measured widths, shrunk, or cut short with an ellipsis."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from receipts.typefaces import Typeface

ELLIPSIS = "…"
# A word is begun on the line and broken when at least this part of the line is left; else it starts on a new one.
WORTH_BEGINNING = 0.25


def clean(text: str) -> str:
    """Return *text* on one line, composed; what the fonts lack stays and is shown as U+FFFD."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(face: Typeface, text: str, *, size: float, width: float) -> list[str]:
    """Return *text* as lines no wider than *width* points; words wider than a line are broken, no character is lost."""
    lines: list[str] = []
    line, used = "", 0.0
    space = face.width(" ", size)
    for word in clean(text).split(" "):
        needed = face.width(word, size)
        if line and used + space + needed <= width:
            line, used = f"{line} {word}", used + space + needed
            continue
        if line and (needed <= width or width - used < width * WORTH_BEGINNING):
            lines.append(line)
            line, used = "", 0.0
        start = f"{line} " if line else ""
        *full, line = _break_word(face, start + word, size=size, width=width)
        lines.extend(full)
        used = face.width(line, size)
    return [*lines, line]


def _break_word(face: Typeface, text: str, *, size: float, width: float) -> Iterator[str]:
    piece, used = "", 0.0
    for character in text:
        advance = face.width(character, size)
        if piece and used + advance > width:
            yield piece
            piece, used = "", 0.0
        piece, used = piece + character, used + advance
    yield piece


def shrink(face: Typeface, text: str, *, size: float, width: float, smallest: float) -> tuple[str, float]:
    """Return *text* and the size at which it fits on one line; at *smallest* it is cut short instead."""
    text = clean(text)
    wanted = face.width(text, size)
    if wanted <= width:
        return text, size
    size = max(smallest, size * width / wanted)
    return cut(face, text, size=size, width=width), size


def cut(face: Typeface, text: str, *, size: float, width: float) -> str:
    """Return *text*, or as much of its beginning as fits in *width* points before an ellipsis."""
    text = clean(text)
    if face.width(text, size) <= width + 1e-6:
        return text
    left = width - face.width(ELLIPSIS, size)
    for end, character in enumerate(text):
        left -= face.width(character, size)
        if left < 0:
            return text[:end].rstrip() + ELLIPSIS
    return text
