"""Pages that fill from the top: the cursor, page breaks, and what every page carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receipts.marks import Box, Colour, Mark, Text
from receipts.typefaces import Face, typeface

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PAGE_WIDTH, PAGE_HEIGHT = 595.276, 841.89
LEFT, RIGHT = 48.0, PAGE_WIDTH - 48.0
WIDTH = RIGHT - LEFT
TOP, BOTTOM = PAGE_HEIGHT - 36, 64.0

RED: Colour = (200, 16, 46)
DARK: Colour = (61, 66, 74)
GREY: Colour = (112, 118, 126)
INK: Colour = (27, 31, 36)
SOFT: Colour = (91, 100, 112)
LINE: Colour = (204, 211, 219)
PANEL: Colour = (243, 245, 247)
WHITE: Colour = (255, 255, 255)


class Flow:
    """The pages of one receipt while they are laid out; `y` is the cursor, `head` begins each further page."""

    def __init__(self, head: Callable[[Flow], None]) -> None:
        self.pages: list[list[Mark]] = [[]]
        self.y = TOP
        self._head = head

    def add(self, *marks: Mark) -> None:
        """Put *marks* on the current page."""
        self.pages[-1].extend(marks)

    def turn(self) -> None:
        """Begin a new page."""
        self.pages.append([])
        self.y = TOP
        self._head(self)

    def room(self) -> float:
        """Return the points left on this page."""
        return self.y - BOTTOM

    def keep(self, height: float) -> None:
        """Begin a new page if *height* points do not fit on this one."""
        if self.room() < height:
            self.turn()

    def write(self, lines: Iterable[str], *, x: float, face: Face, size: float, leading: float, colour: Colour) -> None:
        """Write *lines* below one another from the cursor on, over as many pages as they need."""
        for line in lines:
            self.keep(leading)
            self.add(Text(x, self.y, line, face, size, colour))
            self.y -= leading

    def rule(self) -> None:
        """Draw a hairline over the whole width at the cursor."""
        self.add(Box(LEFT, self.y, WIDTH, 0.5, LINE))


def right_text(x: float, y: float, text: str, *, face: Face, size: float, colour: Colour) -> Text:
    """Return *text* so that it ends at *x*."""
    return Text(x - typeface(face).width(text, size), y, text, face, size, colour)
