"""Pages that fill from the top: the cursor, page breaks, what every page carries, and what is read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from receipts.fitting import LINE, PANEL
from receipts.marks import Box, Decoration, Element, Layout, Run, Text
from rules.colours import parse_colour

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from receipts.fitting import Pen
    from receipts.marks import Mark
    from rules.receipts import Letterhead

PAGE_WIDTH, PAGE_HEIGHT = 595.276, 841.89
LEFT, RIGHT = 48.0, PAGE_WIDTH - 48.0
WIDTH = RIGHT - LEFT
TOP, BOTTOM = PAGE_HEIGHT - 36, 58.0
FULL_PAGE = TOP - BOTTOM - 60
PADDING = 10.0
KEPT_LINES = 4
ROW: Final = ("TR", "TH", "TD")
ITEM: Final = ("LI", "Lbl", "LBody")


class Flow:
    """
    The pages of one receipt while they are laid out; `y` is the cursor, `head` begins each further page.

    What is added goes onto the current page and into the element that was opened last:

        with flow.element("LI"):
            flow.say("Lbl", …)
    """

    def __init__(self, letterhead: Letterhead, head: Callable[[Flow], None] | None = None) -> None:
        self.accent, self.dark = parse_colour(letterhead.accent), parse_colour(letterhead.dark)
        self.y = TOP
        self._pages: list[list[Run | Decoration]] = [[]]
        self._document = Element("Document", [])
        self._open = [self._document]
        self._head = head
        self._panel: tuple[int, float] | None = None

    def element(self, kind: str, *, scope: str | None = None) -> Self:
        """Open a structure element inside the one that is open, for as long as the `with` block lasts."""
        element = Element(kind, [], None, scope)
        self._open[-1].children.append(element)
        self._open.append(element)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.pop()

    def say(self, kind: str, *marks: Mark, alternative: str | None = None, scope: str | None = None) -> None:
        """Put *marks*, if there are any, on the current page as an element of their own."""
        if marks:
            element = Element(kind, [], alternative, scope)
            self._open[-1].children.append(element)
            self._add(element, marks)

    def _add(self, element: Element, marks: Sequence[Mark]) -> None:
        run = Run(len(self._pages) - 1, tuple(marks))
        element.children.append(run)
        self._pages[-1].append(run)

    def decorate(self, *marks: Mark) -> None:
        """Put *marks* on the current page that are not read."""
        self._pages[-1].append(Decoration(marks))

    def rule(self) -> None:
        """Draw a hairline over the whole width at the cursor."""
        self.decorate(Box(LEFT, self.y, WIDTH, 0.5, LINE))

    def turn(self) -> None:
        """Begin a new page."""
        is_in_panel = self._panel is not None
        self.end_panel()
        self._pages.append([])
        self.y = TOP
        if self._head:
            self._head(self)
        if is_in_panel:
            self.begin_panel(PADDING)

    def keep(self, height: float) -> None:
        """Begin a new page if *height* points do not fit on this one, but would on another."""
        if self.y - BOTTOM < height <= FULL_PAGE:
            self.turn()

    def write(self, pen: Pen, lines: Sequence[str], *, x: float) -> None:
        """Write *lines* below one another from the cursor on, over as many pages as they need, one run on each."""
        written: list[Text] = []
        for line in lines:
            if self.y - BOTTOM < pen.leading:
                if written:
                    self._add(self._open[-1], written)
                written = []
                self.turn()
            written.append(pen.at(x, self.y, line))
            self.y -= pen.leading
        self._add(self._open[-1], written)

    def pair(self, kinds: tuple[str, str, str], label: Text, pen: Pen, lines: Sequence[str], *, x: float) -> None:
        """Write *label* beside the first of *lines*, as an element that holds both, such as `ROW` or `ITEM`."""
        both, first, second = kinds
        self.keep(min(len(lines), KEPT_LINES) * pen.leading)
        with self.element(both):
            self.say(first, Text(label.x, self.y, *label[2:]), scope="Row" if first == "TH" else None)
            with self.element(second):
                self.write(pen, lines, x=x)

    def begin_panel(self, padding: float = PADDING / 2) -> None:
        """Shade all that is written from here to `end_panel`, over all of the width, on each page that it reaches."""
        self._panel = len(self._pages[-1]), self.y
        self.y -= padding

    def end_panel(self) -> None:
        """End the panel at the cursor, if one was begun."""
        if self._panel:
            place, top = self._panel
            boxes = Box(LEFT, self.y, WIDTH, top - self.y, PANEL), Box(LEFT, self.y, 2, top - self.y, self.dark)
            self._pages[-1].insert(place, Decoration(boxes))
            self._panel = None

    def finish(self, foot: Callable[[int, int], Decoration] | None = None) -> Layout:
        """Return what was laid out, with *foot* (number of the page, how many there are) on each page."""
        for number, page in enumerate(self._pages, 1):
            page.extend([foot(number, len(self._pages))] if foot else [])
        return Layout(self._pages, self._document)
