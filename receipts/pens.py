"""How the texts of a receipt are written: one accent colour, two greys, few sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from receipts.marks import Text
from receipts.typefaces import Face, typeface

if TYPE_CHECKING:
    from rules.colours import Colour

INK: Colour = (27, 31, 36)
SOFT: Colour = (91, 100, 112)
LINE: Colour = (204, 211, 219)
PANEL: Colour = (243, 245, 247)
WHITE: Colour = (255, 255, 255)


class Pen(NamedTuple):
    """A typeface at a size in a colour; `leading` is from one line to the next, all in points."""

    face: Face
    size: float
    colour: Colour
    leading: float = 0.0

    def width(self, text: str) -> float:
        """Return how wide *text* is."""
        return typeface(self.face).width(text, self.size)

    def at(self, x: float, y: float, text: str) -> Text:
        """Return *text* so that it begins at *x*."""
        return Text(x, y, text, self.face, self.size, self.colour)

    def before(self, x: float, y: float, text: str) -> Text:
        """Return *text* so that it ends at *x*."""
        return self.at(x - self.width(text), y, text)


VALUE = Pen(Face.REGULAR, 9, INK, 11.6)
LABEL = Pen(Face.REGULAR, 8, SOFT)
NAME = Pen(Face.BOLD, 8.5, INK, 10.6)
ABOUT = Pen(Face.REGULAR, 8.5, SOFT)
HASH = Pen(Face.MONO, 7.2, INK)
SMALL = Pen(Face.REGULAR, 6.5, SOFT)
