"""The layout of a receipt: A4, every text folded or cut to its box, and the structure by which it is read."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from receipts import fitting as pens
from receipts.fitting import Pen, cut, fold, shrink
from receipts.flow import ITEM, LEFT, PADDING, RIGHT, ROW, TOP, WIDTH, Flow
from receipts.letterhead import BAND
from receipts.marks import Box, Decoration, Modules
from receipts.qr import QUIET_MODULES, encode_qr
from rules import receipt_panel as panel
from rules import receipt_words as wording
from rules.receipts import FIRST_LAYOUT, LAYOUT

if TYPE_CHECKING:
    from receipts.marks import Layout
    from rules.receipts import FileFacts, ReceiptFacts

QR_SIDE = 88.0
LABELS_WIDTH = 128.0
INDENT = 18.0
KEY_WIDTH, KEY_HEIGHT = WIDTH - QR_SIDE - 24, 45.0
KEY_CELLS = (142.0, 76.0, 70.0, 86.0)
PANEL_BEGINNING = 70.0
"""So much of the panel stands on the page of the last file."""


class UnknownLayout(Exception):
    """This program does not have the layout that the facts were frozen for."""


def lay_out(facts: ReceiptFacts) -> Layout:
    """
    Return the receipt of *facts* but for its letterhead, see `receipts.letterhead.lay_out_letterhead`.

    Each run of the pages is in the structure exactly once, the same object; an element that goes over a page has runs
    on both.

    Raises:
        UnknownLayout: the facts were frozen for another layout; printing them with this one would be another receipt.
    """
    if facts.layout not in (FIRST_LAYOUT, LAYOUT):
        raise UnknownLayout(facts.layout)
    flow = Flow(facts.letterhead, partial(_add_continuation, facts))
    _add_title(flow, facts)
    _add_rows(flow, facts)
    _add_files(flow, facts)
    _add_missing(flow, facts)
    _add_panel(flow, facts)
    return flow.finish(partial(_foot, facts))


def _add_continuation(facts: ReceiptFacts, flow: Flow) -> None:
    pen = pens.NAME._replace(size=9, colour=flow.dark)
    title = cut(pen, f"{facts.kind.label} {facts.number}", WIDTH - 80)
    flow.decorate(
        Box(LEFT, flow.y - 3, 40, 2, flow.accent),
        Box(LEFT + 40, flow.y - 3, WIDTH - 40, 2, flow.dark),
        pen.at(LEFT, flow.y - 16, title),
        pens.LABEL.before(RIGHT, flow.y - 16, "continuación"),
    )
    flow.y -= 40


def _add_title(flow: Flow, facts: ReceiptFacts) -> None:
    y = TOP - BAND - 30
    flow.say("H1", pens.TITLE._replace(colour=flow.dark).at(LEFT, y, facts.kind.label))
    flow.say("P", pens.SUBTITLE.at(LEFT, y - 17, wording.subtitle(facts)))
    flow.y = y - 32
    if facts.seal and facts.seal.is_for_development:
        flow.decorate(Box(LEFT, flow.y - 15, KEY_WIDTH, 15, pens.ALARM_PANEL))
        flow.say("P", pens.ALERT.at(LEFT + 13, flow.y - 10.5, wording.WARNING))
        flow.y -= 19
    with flow.element("L"):
        _add_key_facts(flow, facts)
        _add_code(flow, facts)
    flow.say("P", pens.LABEL.before(LEFT + KEY_WIDTH, flow.y, wording.say_issued(facts)))
    _add_qr(flow, facts, top=y + 16)
    flow.y -= 25


def _add_qr(flow: Flow, facts: ReceiptFacts, *, top: float) -> None:
    across, bits = encode_qr(facts.verify_url)
    quiet = QUIET_MODULES * QR_SIDE / across
    x, y = RIGHT - QR_SIDE, top - QR_SIDE
    flow.decorate(Box(x - quiet, y - quiet, QR_SIDE + 2 * quiet, QR_SIDE + 2 * quiet, pens.WHITE))
    code = Modules(x, y, QR_SIDE, across, bits)
    flow.say("Figure", code, alternative=f"Código QR que lleva a {facts.verify_url}")
    flow.say("P", pens.SMALL.before(RIGHT, y - quiet - 7, "Escanee para verificar"))


def _add_key_facts(flow: Flow, facts: ReceiptFacts) -> None:
    bottom, x = flow.y - KEY_HEIGHT, LEFT + 13
    flow.decorate(Box(LEFT, bottom, KEY_WIDTH, KEY_HEIGHT, pens.PANEL), Box(LEFT, bottom, 3, KEY_HEIGHT, flow.accent))
    for (label, value), width in zip(wording.key_facts(facts), KEY_CELLS, strict=True):
        wanted = pens.KEY._replace(size=13) if width == KEY_CELLS[0] else pens.KEY
        pen, text = shrink(wanted, value, width - 8, smallest=4)
        with flow.element("LI"):
            flow.say("Lbl", pens.KEY_LABEL.at(x, bottom + 32, label))
            flow.say("LBody", pen.at(x, bottom + 14, text))
        x += width
    flow.y = bottom - 13


def _add_code(flow: Flow, facts: ReceiptFacts) -> None:
    pen, code = shrink(pens.CODE, facts.verification_code, 130, smallest=3)
    flow.pair(ITEM, pens.LABEL.at(LEFT, 0, "Código de verificación"), pen, [code], x=LEFT + 92)


def _add_heading(flow: Flow, text: str, *, before: float) -> None:
    """Add a heading, on the next page if not even the first *before* points of what it heads fit on this one."""
    flow.keep(20 + before)
    flow.say("H2", pens.HEADING._replace(colour=flow.dark).at(LEFT, flow.y, text))
    flow.decorate(Box(LEFT, flow.y - 6, 26, 1, flow.accent))
    flow.y -= 20


def _add_rows(flow: Flow, facts: ReceiptFacts) -> None:
    _add_heading(flow, "Datos de la presentación", before=30)
    with flow.element("Table"):
        for label, value in wording.rows(facts):
            lines = fold(pens.VALUE, value, WIDTH - LABELS_WIDTH)
            flow.pair(ROW, pens.LABEL.at(LEFT, 0, label), pens.VALUE, lines, x=LEFT + LABELS_WIDTH)
            flow.y += pens.VALUE.leading - 4.6
            flow.rule()
            flow.y -= 10.3
    flow.y -= 10


def _add_files(flow: Flow, facts: ReceiptFacts) -> None:
    """Add the files; below the last one there is room for the beginning of the panel."""
    files = wording.files(facts)
    heights = [len(_fold_name(file, about)) * pens.NAME.leading + 20 for file, about in files]
    heights[-1:] = [height + PANEL_BEGINNING for height in heights[-1:]]
    _add_heading(flow, f"Archivos recibidos ({len(files)})", before=heights[0] if files else 30)
    if not files:
        flow.say("P", pens.VALUE.at(LEFT, flow.y, "No se recibió ningún archivo."))
        flow.y -= 15
        return
    with flow.element("L", scope="Decimal"):
        for (file, about), height in zip(files, heights, strict=True):
            flow.keep(height)
            with flow.element("LI"):
                _add_file(flow, file, about)
    flow.y -= 4


def _fold_name(file: FileFacts, about: str) -> tuple[str, ...]:
    return fold(pens.NAME, file.name, WIDTH - INDENT - pens.ABOUT.width(about) - 14)


def _add_file(flow: Flow, file: FileFacts, about: str) -> None:
    flow.say("Lbl", pens.NAME._replace(colour=flow.accent).at(LEFT, flow.y, str(file.ordinal)))
    with flow.element("LBody"):
        flow.say("P", pens.ABOUT.before(RIGHT, flow.y, about))
        with flow.element("P"):
            flow.write(pens.NAME, _fold_name(file, about), x=LEFT + INDENT)
        flow.keep(11)
        flow.y -= 0.4
        digest = pens.DIGEST.at(LEFT + 52, flow.y, file.sha256)
        flow.say("P", pens.SMALL.at(LEFT + INDENT, flow.y, "SHA-256 "), digest)
        flow.say("P", pens.SMALL.before(RIGHT, flow.y, wording.say_exact_size(file.size_bytes)))
    flow.y -= 6
    flow.rule()
    flow.y -= 11


def _add_missing(flow: Flow, facts: ReceiptFacts) -> None:
    if not facts.missing:
        return
    flow.y -= 4
    _add_heading(flow, "Falta completar", before=30)
    with flow.element("L"):
        for sentence in facts.missing:
            bullet = pens.NAME._replace(colour=flow.accent).at(LEFT + 6, 0, "•")
            flow.pair(ITEM, bullet, pens.VALUE, fold(pens.VALUE, sentence, WIDTH - INDENT), x=LEFT + INDENT)
            flow.y -= 2
    flow.y -= 6


class Note(NamedTuple):
    """A paragraph of the panel or, with a label, an item of a list in it."""

    label: str
    pen: Pen
    lines: tuple[str, ...]
    x: float


def _add_panel(flow: Flow, facts: ReceiptFacts) -> None:
    """Add the panel; where it goes over a page, it does so between its sections, if a page can hold them."""
    flow.begin_panel()
    for section in panel.closing(facts):
        _add_section(flow, section)
    flow.end_panel()


def _add_section(flow: Flow, section: panel.Section) -> None:
    notes = _notes(section)
    flow.keep(
        sum(len(note.lines) * note.pen.leading for note in notes) + pens.NOTE_HEADING.leading + pens.NOTE_HEADING.size
    )
    flow.y -= pens.NOTE_HEADING.size - 1
    flow.say("H2", pens.NOTE_HEADING.at(LEFT + PADDING, flow.y, section.title))
    flow.y -= pens.NOTE_HEADING.leading
    for is_list, some in groupby(notes, key=lambda note: bool(note.label)):
        with flow.element("L" if is_list else "P", scope="Decimal" if is_list and section.is_numbered else None):
            for note in some:
                if is_list:
                    label = pens.NOTE_LABEL.at(LEFT + PADDING, 0, note.label)
                    flow.pair(ITEM, label, note.pen, note.lines, x=note.x)
                else:
                    flow.write(note.pen, note.lines, x=note.x)


def _notes(section: panel.Section) -> list[Note]:
    indent = max(pens.NOTE_LABEL.width(label) for label, _ in section.items) + 7
    notes: list[Note] = []
    for label, text in section.items:
        pen, x = pens.DIGEST if label == panel.ROOT else pens.NOTE, LEFT + PADDING + (indent if label else 0)
        notes.append(Note(label, pen, fold(pen, text, RIGHT - PADDING - x), x))
    return notes


def _foot(facts: ReceiptFacts, number: int, count: int) -> Decoration:
    page = pens.FOOT.before(RIGHT, 37, f"Página {number} de {count}")
    about = f"{facts.number}  ·  {facts.verification_code}  ·  {facts.verify_url}"
    pen, about = shrink(pens.FOOT, about, page.x - LEFT - 12, smallest=5)
    marks = [Box(LEFT, 48, WIDTH, 0.5, pens.LINE), pen.at(LEFT, 37, about), page]
    if facts.seal and facts.seal.is_for_development:
        marks.append(pens.ALERT._replace(size=7).at(LEFT, 27, wording.WARNING))
    return Decoration(tuple(marks))
