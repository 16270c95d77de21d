"""The layout of a receipt: A4, every text folded or cut to its box, and the structure by which it is read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from receipts.fitting import cut, fold, shrink
from receipts.flow import LEFT, RIGHT, TOP, WIDTH, Flow
from receipts.letterhead import BAND
from receipts.marks import Box, Decoration, Modules
from receipts.panel import add_panel
from receipts.pens import ABOUT, HASH, INK, LABEL, LINE, NAME, PANEL, SMALL, SOFT, VALUE, WHITE, Pen
from receipts.qr import QUIET_MODULES, encode_qr
from receipts.typefaces import Face
from rules import receipt_words as wording
from rules.catalogue import AttachmentRole
from rules.receipts import FIRST_LAYOUT, LAYOUT

if TYPE_CHECKING:
    from receipts.marks import Layout
    from rules.receipts import FileFacts, ReceiptFacts

QR_SIDE = 88.0
LABELS_WIDTH = 128.0
ENTRY_INDENT = 18.0
KEY_BOX = (WIDTH - QR_SIDE - 24, 45.0)


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
    add_panel(flow, facts)
    return flow.finish(partial(_foot, facts))


def _add_continuation(facts: ReceiptFacts, flow: Flow) -> None:
    pen = Pen(Face.BOLD, 9, flow.dark)
    title = cut(pen, f"{facts.kind.label} {facts.number}", width=WIDTH - 80)
    flow.decorate(
        Box(LEFT, flow.y - 3, 40, 2, flow.accent),
        Box(LEFT + 40, flow.y - 3, WIDTH - 40, 2, flow.dark),
        pen.at(LEFT, flow.y - 16, title),
        LABEL.before(RIGHT, flow.y - 16, "continuación"),
    )
    flow.y -= 40


def _add_title(flow: Flow, facts: ReceiptFacts) -> None:
    y = TOP - BAND - 27
    flow.say("H1", Pen(Face.BOLD, 19, flow.dark).at(LEFT, y - 4, facts.kind.label))
    flow.say("P", Pen(Face.REGULAR, 9.5, SOFT).at(LEFT, y - 21, wording.subtitle(facts)))
    flow.y = y - 36
    with flow.element("L"):
        _add_key_box(flow, facts)
        _add_code(flow, facts)
    _add_qr(flow, facts, top=y + 12)
    flow.y -= 28


def _add_qr(flow: Flow, facts: ReceiptFacts, *, top: float) -> None:
    across, bits = encode_qr(facts.verify_url)
    quiet = QUIET_MODULES * QR_SIDE / across
    x, y = RIGHT - QR_SIDE, top - QR_SIDE
    flow.decorate(Box(x - quiet, y - quiet, QR_SIDE + 2 * quiet, QR_SIDE + 2 * quiet, WHITE))
    with flow.element("Figure", alternative=f"Código QR que lleva a {facts.verify_url}"):
        flow.add(Modules(x, y, QR_SIDE, across, bits))
    flow.say("P", SMALL.before(RIGHT, y - quiet - 7, "Escanee para verificar"))


def _add_key_box(flow: Flow, facts: ReceiptFacts) -> None:
    width, height = KEY_BOX
    flow.decorate(Box(LEFT, flow.y - height, width, height, PANEL), Box(LEFT, flow.y - height, 3, height, flow.accent))
    cells = (
        ("N.º DE TRÁMITE", facts.number, 148.0, 13.0),
        ("ENVIADO", wording.say_sent_day(facts.sent_at), 70.0, 11.0),
        ("HORA (UTC-05:00)", wording.say_hour(facts.sent_at), 66.0, 11.0),
        ("SE TIENE POR PRESENTADO", wording.say_day(facts.filed_on), 86.0, 11.0),
    )
    x = LEFT + 13
    for label, value, cell, size in cells:
        pen, text = shrink(Pen(Face.BOLD, size, INK), value, width=cell - 8, smallest=4)
        with flow.element("LI"):
            flow.say("Lbl", Pen(Face.REGULAR, 6, SOFT).at(x, flow.y - 13, label))
            flow.say("LBody", pen.at(x, flow.y - 31, text))
        x += cell
    flow.y -= height + 14


def _add_code(flow: Flow, facts: ReceiptFacts) -> None:
    with flow.element("LI"):
        flow.say("Lbl", LABEL._replace(size=7.5).at(LEFT, flow.y, "Código de verificación"))
        wanted = Pen(Face.MONO, 10, INK)
        pen, code = shrink(wanted, facts.verification_code, width=KEY_BOX[0] - 100, smallest=5)
        flow.say("LBody", pen.at(LEFT + 100, flow.y, code))


def _add_heading(flow: Flow, text: str, *, room: float) -> None:
    flow.keep(room)
    flow.say("H2", Pen(Face.BOLD, 10.5, flow.dark).at(LEFT, flow.y, text))
    flow.decorate(Box(LEFT, flow.y - 6, 26, 1, flow.accent))
    flow.y -= 20


def _add_rows(flow: Flow, facts: ReceiptFacts) -> None:
    _add_heading(flow, "Datos de la presentación", room=50)
    with flow.element("Table"):
        for label, value in wording.rows(facts):
            with flow.element("TR"):
                _add_row(flow, label, value)
    flow.y -= 12


def _add_row(flow: Flow, label: str, value: str) -> None:
    lines = fold(VALUE, value, width=WIDTH - LABELS_WIDTH)
    flow.keep(min(len(lines), 4) * VALUE.leading)
    with flow.element("TH", scope="Row"):
        flow.add(LABEL.at(LEFT, flow.y, label))
    with flow.element("TD"):
        flow.write(VALUE, lines, x=LEFT + LABELS_WIDTH)
    flow.y += VALUE.leading - 5
    flow.rule()
    flow.y -= 11.4


def _add_files(flow: Flow, facts: ReceiptFacts) -> None:
    _add_heading(flow, f"Archivos recibidos ({len(facts.files)})", room=62)
    if not facts.files:
        flow.say("P", VALUE.at(LEFT, flow.y, "No se recibió ningún archivo."))
        flow.y -= 18
        return
    annexes = 0
    with flow.element("L"):
        for file in facts.files:
            annexes += file.role is AttachmentRole.ANNEX
            with flow.element("LI"):
                # What is added brings some of the annexes, which keep the numbers that they have in the trámite.
                _add_file(flow, file, about=wording.say_role(file, file.ordinal - 1 if facts.is_addition else annexes))
    flow.y -= 6


def _add_file(flow: Flow, file: FileFacts, *, about: str) -> None:
    lines = fold(NAME, file.name, width=WIDTH - ENTRY_INDENT - ABOUT.width(about) - 14)
    flow.keep(min(len(lines), 20) * NAME.leading + 11)
    flow.say("Lbl", NAME._replace(colour=flow.accent).at(LEFT, flow.y, str(file.ordinal)))
    about_at, first = ABOUT.before(RIGHT, flow.y, about), flow.page
    with flow.element("LBody"):
        with flow.element("P"):
            flow.write(NAME, lines, x=LEFT + ENTRY_INDENT)
        flow.say("P", about_at, page=first)
        flow.keep(11)
        flow.y -= 0.4
        digest = HASH.at(LEFT + 52, flow.y, file.sha256)
        flow.say("P", SMALL.at(LEFT + ENTRY_INDENT, flow.y, "SHA-256 "), digest)
        flow.say("P", SMALL.before(RIGHT, flow.y, wording.say_exact_size(file.size_bytes)))
    flow.y -= 7
    flow.rule()
    flow.y -= 12


def _add_missing(flow: Flow, facts: ReceiptFacts) -> None:
    if not facts.missing:
        return
    flow.y -= 8
    _add_heading(flow, "Falta completar", room=50)
    with flow.element("L"):
        for sentence in facts.missing:
            lines = fold(VALUE, sentence, width=WIDTH - ENTRY_INDENT)
            flow.keep(min(len(lines), 4) * VALUE.leading)
            with flow.element("LI"):
                flow.say("Lbl", Pen(Face.BOLD, 9, flow.accent).at(LEFT + 6, flow.y, "•"))
                with flow.element("LBody"):
                    flow.write(VALUE, lines, x=LEFT + ENTRY_INDENT)
            flow.y -= 2
    flow.y -= 6


def _foot(facts: ReceiptFacts, number: int, count: int) -> Decoration:
    pen = Pen(Face.REGULAR, 7, SOFT)
    page = f"Página {number} de {count}"
    room = WIDTH - pen.width(page) - 12
    about = f"{facts.number}  ·  {facts.verification_code}  ·  {facts.verify_url}"
    about_pen, about = shrink(pen, about, width=room, smallest=5)
    return Decoration((Box(LEFT, 52, WIDTH, 0.5, LINE), about_pen.at(LEFT, 40, about), pen.before(RIGHT, 40, page)))
