"""Pages that fill from the top: the cursor, page breaks, what every page carries, and what is read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from receipts.marks import Box, Decoration, Element, Layout, Run
from receipts.pens import LINE
from rules.colours import parse_colour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from receipts.marks import Mark, Text
    from receipts.pens import Pen
    from rules.receipts import Letterhead

PAGE_WIDTH, PAGE_HEIGHT = 595.276, 841.89
LEFT, RIGHT = 48.0, PAGE_WIDTH - 48.0
WIDTH = RIGHT - LEFT
TOP, BOTTOM = PAGE_HEIGHT - 36, 64.0


class Flow:
    """
    The pages of one receipt while they are laid out; `y` is the cursor, `head` begins each further page.

    What is added goes onto the current page and into the element that was opened last:

        with flow.element("P"):
            flow.add(…)
    """

    def __init__(self, letterhead: Letterhead, head: Callable[[Flow], None]) -> None:
        self.accent, self.dark = parse_colour(letterhead.accent), parse_colour(letterhead.dark)
        self.y = TOP
        self._pages: list[list[Run | Decoration]] = [[]]
        self._document = Element("Document", [])
        self._open = [self._document]
        self._head = head

    def element(self, kind: str, *, alternative: str | None = None, scope: str | None = None) -> Self:
        """Open a structure element inside the one that is open, for as long as the `with` block lasts."""
        element = Element(kind, [], alternative, scope)
        self._open[-1].children.append(element)
        self._open.append(element)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.pop()

    @property
    def page(self) -> int:
        """The place of the current page, from 0."""
        return len(self._pages) - 1

    def add(self, *marks: Mark, page: int | None = None) -> None:
        """Put *marks* on the current page, or on an earlier one, to be read as one in the open element."""
        run = Run(self.page if page is None else page, marks)
        self._open[-1].children.append(run)
        self._pages[run.page].append(run)

    def say(self, kind: str, *marks: Mark, page: int | None = None) -> None:
        """Put *marks* there as an element of their own."""
        with self.element(kind):
            self.add(*marks, page=page)

    def decorate(self, *marks: Mark) -> None:
        """Put *marks* on the current page that are not read."""
        self._pages[-1].append(Decoration(marks))

    def turn(self) -> None:
        """Begin a new page."""
        self._pages.append([])
        self.y = TOP
        self._head(self)

    def room(self) -> float:
        """Return the points left on this page."""
        return self.y - BOTTOM

    def keep(self, height: float) -> None:
        """Begin a new page if *height* points do not fit on this one."""
        if self.room() < height:
            self.turn()

    def write(self, pen: Pen, lines: Iterable[str], *, x: float) -> None:
        """Write *lines* below one another from the cursor on, over as many pages as they need, one run on each."""
        written: list[Text] = []
        for line in lines:
            if self.room() < pen.leading:
                self._add_written(written)
                written = []
                self.turn()
            written.append(pen.at(x, self.y, line))
            self.y -= pen.leading
        self._add_written(written)

    def _add_written(self, written: list[Text]) -> None:
        if written:
            self.add(*written)

    def rule(self) -> None:
        """Draw a hairline over the whole width at the cursor."""
        self.decorate(Box(LEFT, self.y, WIDTH, 0.5, LINE))

    def finish(self, foot: Callable[[int, int], Decoration]) -> Layout:
        """Return what was laid out, with *foot* (number of the page, how many there are) on each page."""
        for number, page in enumerate(self._pages, 1):
            page.append(foot(number, len(self._pages)))
        return Layout(self._pages, self._document)
