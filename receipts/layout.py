"""Layout 1 of a receipt: A4, one accent colour, two greys, four sizes; every text is folded or cut to its box."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from receipts.fitting import cut, fold, shrink
from receipts.flow import (
    DARK,
    GREY,
    INK,
    LEFT,
    LINE,
    PANEL,
    RED,
    RIGHT,
    SOFT,
    TOP,
    WHITE,
    WIDTH,
    Flow,
    right_text,
)
from receipts.marks import Box, Modules, Text
from receipts.panel import add_panel
from receipts.qr import QUIET_MODULES, encode_qr
from receipts.typefaces import Face, typeface
from rules import receipt_words as wording
from rules.catalogue import AttachmentRole
from rules.receipts import FIRST_LAYOUT, LAYOUT

if TYPE_CHECKING:
    from receipts.marks import Mark
    from rules.receipts import FileFacts, ReceiptFacts

BAND = 36.0
QR_SIDE = 88.0
LABELS_WIDTH = 128.0
ENTRY_INDENT = 18.0
KEY_BOX = (WIDTH - QR_SIDE - 24, 45.0)


class UnknownLayout(Exception):
    """This program does not have the layout that the facts were frozen for."""


def lay_out(facts: ReceiptFacts) -> list[list[Mark]]:
    """
    Return the marks of each page of the receipt of *facts*.

    Raises:
        UnknownLayout: the facts were frozen for another layout; printing them with this one would be another receipt.
    """
    if facts.layout not in (FIRST_LAYOUT, LAYOUT):
        raise UnknownLayout(facts.layout)
    flow = Flow(partial(_add_continuation, facts))
    _add_band(flow, facts)
    _add_title(flow, facts)
    _add_rows(flow, facts)
    _add_files(flow, facts)
    _add_missing(flow, facts)
    add_panel(flow, facts)
    _add_footers(flow, facts)
    return flow.pages


def _add_continuation(facts: ReceiptFacts, flow: Flow) -> None:
    flow.add(Box(LEFT, flow.y - 3, 40, 2, RED), Box(LEFT + 40, flow.y - 3, WIDTH - 40, 2, DARK))
    title = cut(typeface(Face.BOLD), f"{facts.kind.label} {facts.number}", size=9, width=WIDTH - 80)
    flow.add(Text(LEFT, flow.y - 16, title, Face.BOLD, 9, DARK))
    flow.add(right_text(RIGHT, flow.y - 16, "continuación", face=Face.REGULAR, size=8, colour=SOFT))
    flow.y -= 40


def _add_band(flow: Flow, facts: ReceiptFacts) -> None:
    country, entity = 62.0, (WIDTH - 62) * 0.54
    blocks = ((0.0, country, RED), (country, entity, DARK), (country + entity, WIDTH - country - entity, GREY))
    for index, (start, width, colour) in enumerate(blocks):
        gap = 1.5 if index else 0
        flow.add(Box(LEFT + start + gap, TOP - BAND, width - gap, BAND, colour))
    flow.add(Text(LEFT + 11, TOP - 22.5, "PERÚ", Face.BOLD, 13, WHITE))
    _add_band_text(flow, facts.entity, x=LEFT + country + 10, width=entity - 18, face=Face.BOLD)
    _add_band_text(flow, facts.unit, x=LEFT + country + entity + 10, width=blocks[2][1] - 18, face=Face.REGULAR)
    flow.y = TOP - BAND - 27


def _add_band_text(flow: Flow, text: str, *, x: float, width: float, face: Face) -> None:
    lines = fold(typeface(face), text, size=8.5, width=width)
    if len(lines) > 3:
        lines = [*lines[:2], cut(typeface(face), " ".join(lines[2:]), size=8.5, width=width)]
    top = TOP - BAND / 2 - 3 + (len(lines) - 1) * 5.2
    flow.add(*(Text(x, top - index * 10.4, line, face, 8.5, WHITE) for index, line in enumerate(lines)))


def _add_title(flow: Flow, facts: ReceiptFacts) -> None:
    y = flow.y
    flow.add(Text(LEFT, y - 4, facts.kind.label, Face.BOLD, 19, DARK))
    flow.add(Text(LEFT, y - 21, wording.subtitle(facts), Face.REGULAR, 9.5, SOFT))
    _add_qr(flow, facts, top=y + 12)
    flow.y = y - 36
    _add_key_box(flow, facts)
    flow.add(Text(LEFT, flow.y, "Código de verificación", Face.REGULAR, 7.5, SOFT))
    width = KEY_BOX[0] - 100
    code, size = shrink(typeface(Face.MONO), facts.verification_code, size=10, width=width, smallest=5)
    flow.add(Text(LEFT + 100, flow.y, code, Face.MONO, size, INK))
    flow.y -= 28


def _add_qr(flow: Flow, facts: ReceiptFacts, *, top: float) -> None:
    rows = encode_qr(facts.verify_url)
    module = QR_SIDE / len(rows)
    quiet = QUIET_MODULES * module
    x, y = RIGHT - QR_SIDE, top - QR_SIDE
    flow.add(Box(x - quiet, y - quiet, QR_SIDE + 2 * quiet, QR_SIDE + 2 * quiet, WHITE))
    flow.add(Modules(x, y, QR_SIDE, rows))
    caption = "Escanee para verificar"
    flow.add(right_text(RIGHT, y - quiet - 7, caption, face=Face.REGULAR, size=6.5, colour=SOFT))


def _add_key_box(flow: Flow, facts: ReceiptFacts) -> None:
    width, height = KEY_BOX
    flow.add(Box(LEFT, flow.y - height, width, height, PANEL), Box(LEFT, flow.y - height, 3, height, RED))
    cells = (
        ("N.º DE TRÁMITE", facts.number, 148.0, 13.0),
        ("ENVIADO", wording.say_sent_day(facts.sent_at), 70.0, 11.0),
        ("HORA (UTC-05:00)", wording.say_hour(facts.sent_at), 66.0, 11.0),
        ("SE TIENE POR PRESENTADO", wording.say_day(facts.filed_on), 86.0, 11.0),
    )
    x = LEFT + 13
    for label, value, cell, wanted in cells:
        text, size = shrink(typeface(Face.BOLD), value, size=wanted, width=cell - 8, smallest=4)
        flow.add(Text(x, flow.y - 13, label, Face.REGULAR, 6, SOFT), Text(x, flow.y - 31, text, Face.BOLD, size, INK))
        x += cell
    flow.y -= height + 14


def _add_heading(flow: Flow, text: str, *, room: float) -> None:
    flow.keep(room)
    flow.add(Text(LEFT, flow.y, text, Face.BOLD, 10.5, DARK), Box(LEFT, flow.y - 6, 26, 1, RED))
    flow.y -= 20


def _add_rows(flow: Flow, facts: ReceiptFacts) -> None:
    _add_heading(flow, "Datos de la presentación", room=50)
    for label, value in wording.rows(facts):
        lines = fold(typeface(Face.REGULAR), value, size=9, width=WIDTH - LABELS_WIDTH)
        flow.keep(min(len(lines), 4) * 11.6)
        flow.add(Text(LEFT, flow.y, label, Face.REGULAR, 8, SOFT))
        flow.write(lines, x=LEFT + LABELS_WIDTH, face=Face.REGULAR, size=9, leading=11.6, colour=INK)
        flow.y += 11.6 - 5
        flow.rule()
        flow.y -= 11.4
    flow.y -= 12


def _add_files(flow: Flow, facts: ReceiptFacts) -> None:
    _add_heading(flow, f"Archivos recibidos ({len(facts.files)})", room=62)
    if not facts.files:
        flow.add(Text(LEFT, flow.y, "No se recibió ningún archivo.", Face.REGULAR, 9, INK))
        flow.y -= 12
    annexes = 0
    for file in facts.files:
        annexes += file.role is AttachmentRole.ANNEX
        # What is added brings some of the annexes, which keep the numbers that they have in the trámite.
        _add_file(flow, file, annex=file.ordinal - 1 if facts.is_addition else annexes)
    flow.y -= 6


def _add_file(flow: Flow, file: FileFacts, *, annex: int) -> None:
    about = wording.say_role(file, annex)
    about_width = typeface(Face.REGULAR).width(about, 8.5)
    lines = fold(typeface(Face.BOLD), file.name, size=8.5, width=WIDTH - ENTRY_INDENT - about_width - 14)
    flow.keep(min(len(lines), 20) * 10.6 + 11)
    flow.add(Text(LEFT, flow.y, str(file.ordinal), Face.BOLD, 8.5, RED))
    flow.add(right_text(RIGHT, flow.y, about, face=Face.REGULAR, size=8.5, colour=SOFT))
    flow.write(lines, x=LEFT + ENTRY_INDENT, face=Face.BOLD, size=8.5, leading=10.6, colour=INK)
    flow.keep(11)
    flow.y -= 0.4
    flow.add(Text(LEFT + ENTRY_INDENT, flow.y, "SHA-256", Face.REGULAR, 6.5, SOFT))
    flow.add(Text(LEFT + 52, flow.y, file.sha256, Face.MONO, 7.2, INK))
    exact = wording.say_exact_size(file.size_bytes)
    flow.add(right_text(RIGHT, flow.y, exact, face=Face.REGULAR, size=6.5, colour=SOFT))
    flow.y -= 7
    flow.rule()
    flow.y -= 12


def _add_missing(flow: Flow, facts: ReceiptFacts) -> None:
    if not facts.missing:
        return
    flow.y -= 8
    _add_heading(flow, "Falta completar", room=50)
    for sentence in facts.missing:
        lines = fold(typeface(Face.REGULAR), sentence, size=9, width=WIDTH - ENTRY_INDENT)
        flow.keep(min(len(lines), 4) * 11.6)
        flow.add(Text(LEFT + 6, flow.y, "•", Face.BOLD, 9, RED))
        flow.write(lines, x=LEFT + ENTRY_INDENT, face=Face.REGULAR, size=9, leading=11.6, colour=INK)
        flow.y -= 2
    flow.y -= 6


def _add_footers(flow: Flow, facts: ReceiptFacts) -> None:
    about = f"{facts.number}  ·  {facts.verification_code}  ·  {facts.verify_url}"
    for index, page in enumerate(flow.pages, 1):
        count = f"Página {index} de {len(flow.pages)}"
        room = WIDTH - typeface(Face.REGULAR).width(count, 7) - 12
        text, size = shrink(typeface(Face.REGULAR), about, size=7, width=room, smallest=5)
        page.append(Box(LEFT, 52, WIDTH, 0.5, LINE))
        page.append(Text(LEFT, 40, text, Face.REGULAR, size, SOFT))
        page.append(right_text(RIGHT, 40, count, face=Face.REGULAR, size=7, colour=SOFT))
