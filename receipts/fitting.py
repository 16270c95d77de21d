"""How texts are written and made to fit: broken into lines by measured widths, shrunk, or cut with an ellipsis."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from receipts.marks import Text
from receipts.typefaces import Face, typeface

if TYPE_CHECKING:
    from rules.colours import Colour

INK: Final = (27, 31, 36)
SOFT: Final = (84, 93, 105)
LINE: Final = (204, 211, 219)
PANEL: Final = (243, 245, 247)
WHITE: Final = (255, 255, 255)
ALARM: Final = (122, 41, 14)
ALARM_PANEL: Final = (255, 224, 130)

ELLIPSIS: Final = "…"
# A word is begun on the line and broken when at least this part of the line is left; else it starts on a new one.
WORTH_BEGINNING: Final = 0.25
ROUNDING: Final = 1e-6


class Pen(NamedTuple):
    """A typeface at a size in a colour; `leading` is from one line to the next, all in points."""

    face: Face
    size: float
    colour: Colour
    leading: float = 0.0

    def width(self, text: str) -> float:
        """Return how wide *text* is."""
        return typeface(self.face).advance(text) * self.size / 1000

    def at(self, x: float, y: float, text: str) -> Text:
        """Return *text* so that it begins at *x*."""
        return Text(x, y, text, self.face, self.size, self.colour)

    def before(self, x: float, y: float, text: str) -> Text:
        """Return *text* so that it ends at *x*."""
        return self.at(x - self.width(text), y, text)


TITLE = Pen(Face.BOLD, 19, INK)
SUBTITLE = Pen(Face.REGULAR, 9.5, SOFT)
HEADING = Pen(Face.BOLD, 10.5, INK)
VALUE = Pen(Face.REGULAR, 9, INK, 11.6)
LABEL = Pen(Face.REGULAR, 8, SOFT)
NAME = Pen(Face.BOLD, 8.5, INK, 10.6)
ABOUT = Pen(Face.REGULAR, 8.5, SOFT)
DIGEST = Pen(Face.MONO, 7.2, INK, 9.8)
SMALL = Pen(Face.REGULAR, 6.5, SOFT)
NOTE_HEADING = Pen(Face.BOLD, 8.5, INK, 11.5)
NOTE = Pen(Face.REGULAR, 7.6, INK, 9.8)
NOTE_LABEL = NOTE._replace(colour=SOFT)
ALERT = Pen(Face.BOLD, 8.5, ALARM)
FOOT = Pen(Face.REGULAR, 7, SOFT)
KEY = Pen(Face.BOLD, 11, INK)
KEY_LABEL = Pen(Face.REGULAR, 6, SOFT)
CODE = Pen(Face.MONO, 10, INK)


def clean(text: str) -> str:
    """Return *text* on one line, composed; what the fonts lack stays and is shown as U+FFFD."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache(maxsize=256)
def fold(pen: Pen, text: str, width: float) -> tuple[str, ...]:
    """
    Return *text* as lines no wider than *width* points; words wider than a line are broken, no character is lost.

    A line that ends with a word keeps the space after it, which needs no room: by it readers know the words apart
    (ISO 32000-1, 14.8.2.5).
    """
    lines: list[str] = []
    advance, room = typeface(pen.face).advance, width * 1000 / pen.size
    line, used, space = "", 0.0, advance(" ")
    for word in clean(text).split(" "):
        needed = advance(word)
        if line and used + needed > room and (needed <= room or room - used < room * WORTH_BEGINNING):
            lines.append(line)
            line, used = "", 0.0
        while used + needed > room:
            end = len(line) + max(_count_fitting(pen, word, room - used), 0 if line else 1)
            full, word = (line + word)[:end], (line + word)[end:]
            lines.append(full)
            line, used, needed = "", 0.0, advance(word)
        line, used = f"{line}{word} ", used + needed + space
    return (*lines, line[:-1])


def _count_fitting(pen: Pen, text: str, room: float) -> int:
    """Return how many characters of *text* fit in *room*, in thousandths of the size."""
    advance = typeface(pen.face).advance
    for count, character in enumerate(text):
        room -= advance(character)
        if room < -ROUNDING:
            return count
    return len(text)


def cut(pen: Pen, text: str, width: float) -> str:
    """Return *text* on one line, or as much of its beginning as fits in *width* points before an ellipsis."""
    text = clean(text)
    if pen.width(text) <= width + ROUNDING:
        return text
    return text[: _count_fitting(pen, text, (width - pen.width(ELLIPSIS)) * 1000 / pen.size)].rstrip() + ELLIPSIS


def shrink(pen: Pen, text: str, width: float, *, smallest: float) -> tuple[Pen, str]:
    """Return the pen, as small as is needed to write *text* on one line, and the text; at *smallest* it is cut."""
    size = pen.size * width / max(pen.width(clean(text)), width)
    pen = pen._replace(size=max(smallest, size))
    return pen, cut(pen, text, width)
