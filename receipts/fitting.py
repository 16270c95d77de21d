"""Text made to fit: cleaned, broken into lines by measured widths, shrunk, or cut short with an ellipsis."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from receipts.pens import Pen

ELLIPSIS = "…"
# A word is begun on the line and broken when at least this part of the line is left; else it starts on a new one.
WORTH_BEGINNING = 0.25


def clean(text: str) -> str:
    """Return *text* on one line, composed; what the fonts lack stays and is shown as U+FFFD."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(pen: Pen, text: str, *, width: float) -> list[str]:
    """
    Return *text* as lines no wider than *width* points; words wider than a line are broken, no character is lost.

    A line that ends with a word keeps the space after it, which needs no room: by it readers know the words apart
    (ISO 32000-1, 14.8.2.5).
    """
    lines: list[str] = []
    line, used = "", 0.0
    space = pen.width(" ")
    for word in clean(text).split(" "):
        needed = pen.width(word)
        if line and used + space + needed <= width:
            line, used = f"{line} {word}", used + space + needed
            continue
        if line and (needed <= width or width - used < width * WORTH_BEGINNING):
            lines.append(f"{line} ")
            line, used = "", 0.0
        start = f"{line} " if line else ""
        *full, line = _break_word(pen, start + word, width=width)
        lines.extend(full)
        used = pen.width(line)
    return [*lines, line]


def _break_word(pen: Pen, text: str, *, width: float) -> Iterator[str]:
    piece, used = "", 0.0
    for character in text:
        advance = pen.width(character)
        if piece and used + advance > width:
            yield piece
            piece, used = "", 0.0
        piece, used = piece + character, used + advance
    yield piece


def shrink(pen: Pen, text: str, *, width: float, smallest: float) -> tuple[Pen, str]:
    """Return *text* and the pen, as small as is needed to write it on one line; at *smallest* it is cut instead."""
    text = clean(text)
    wanted = pen.width(text)
    if wanted <= width:
        return pen, text
    pen = pen._replace(size=max(smallest, pen.size * width / wanted))
    return pen, cut(pen, text, width=width)


def cut(pen: Pen, text: str, *, width: float) -> str:
    """Return *text*, or as much of its beginning as fits in *width* points before an ellipsis."""
    text = clean(text)
    if pen.width(text) <= width + 1e-6:
        return text
    left = width - pen.width(ELLIPSIS)
    for end, character in enumerate(text):
        left -= pen.width(character)
        if left < 0:
            return text[:end].rstrip() + ELLIPSIS
    return text
