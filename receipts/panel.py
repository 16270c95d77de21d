"""The grey panel at the end of a receipt: what follows, how it is checked, who sealed it, what it proves."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from receipts.fitting import DIGEST, NOTE, NOTE_HEADING, NOTE_LABEL, Pen, fold
from receipts.flow import ITEM, LEFT, PADDING, WIDTH
from rules.receipt_words import ROOT, closing

if TYPE_CHECKING:
    from receipts.flow import Flow
    from rules.receipt_words import Section
    from rules.receipts import ReceiptFacts

BEGINNING = 70.0
"""So much of the panel stands on the page of what is before it."""


class Note(NamedTuple):
    """A paragraph or, with a label, an item of a list."""

    label: str
    pen: Pen
    lines: tuple[str, ...]
    x: float


def add_panel(flow: Flow, facts: ReceiptFacts) -> None:
    """Add the panel; where it goes over a page, it does so between its sections, if a page can hold them."""
    with flow.panel():
        for section in closing(facts):
            _add_section(flow, section)


def _add_section(flow: Flow, section: Section) -> None:
    notes = _notes(section)
    flow.keep(sum(len(note.lines) * note.pen.leading for note in notes) + NOTE_HEADING.leading + NOTE_HEADING.size)
    flow.y -= NOTE_HEADING.size - 1
    flow.say("H2", NOTE_HEADING.at(LEFT + PADDING, flow.y, section.title))
    flow.y -= NOTE_HEADING.leading
    for is_list, some in groupby(notes, key=lambda note: bool(note.label)):
        with flow.element("L" if is_list else "P", scope="Decimal" if is_list else None):
            for note in some:
                if is_list:
                    label = NOTE_LABEL.at(LEFT + PADDING, 0, note.label)
                    flow.pair(ITEM, label, note.pen, note.lines, x=note.x)
                else:
                    flow.write(note.pen, note.lines, x=note.x)


def _notes(section: Section) -> list[Note]:
    indent = max(NOTE_LABEL.width(label) for label, _ in section.items) + 7
    notes: list[Note] = []
    for label, text in section.items:
        pen, x = DIGEST if label == ROOT else NOTE, LEFT + PADDING + (indent if label else 0)
        notes.append(Note(label, pen, fold(pen, text, LEFT + WIDTH - PADDING - x), x))
    return notes
