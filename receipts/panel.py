"""The grey panel at the end of a receipt: what follows, how it is checked, who sealed it, what it proves."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from receipts.flow import BOTTOM, ITEM, LEFT, PADDING, RIGHT, TOP
from receipts.pens import DIGEST, NOTE, NOTE_HEADING, SOFT, Pen, fold
from rules.receipt_words import ROOT, closing

if TYPE_CHECKING:
    from receipts.flow import Flow
    from rules.receipts import ReceiptFacts

GAP = 7.0
FULL_PAGE = TOP - BOTTOM - 60
LABEL = NOTE._replace(colour=SOFT)


class Note(NamedTuple):
    """A paragraph of the panel, or an item of a list, with its label."""

    label: str
    pen: Pen
    lines: tuple[str, ...]
    indent: float


class Panel:
    """The panel of one receipt: how high it is is known before it is put on a page."""

    def __init__(self, facts: ReceiptFacts) -> None:
        self._parts = [(section.title, list(_notes(section.items))) for section in closing(facts)]
        notes = [note for _, part in self._parts for note in part]
        self.height = len(self._parts) * (NOTE_HEADING.leading + GAP) + PADDING
        self.height += sum(len(note.lines) * note.pen.leading for note in notes)

    def add(self, flow: Flow) -> None:
        """Add the panel, whole on one page if a page can hold it."""
        if self.height <= FULL_PAGE:
            flow.keep(self.height)
        with flow.panel():
            for title, notes in self._parts:
                _add_part(flow, title, notes)


def _notes(items: list[tuple[str, str]]) -> Iterator[Note]:
    widest = max(LABEL.width(label) for label, _ in items)
    for label, text in items:
        pen, indent = (DIGEST if label == ROOT else NOTE), (widest + 8 if label else 0)
        yield Note(label, pen, fold(pen, text, RIGHT - LEFT - 2 * PADDING - indent), indent)
