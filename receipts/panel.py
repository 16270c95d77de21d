"""The grey panel at the end of a receipt: how to check it, what it proves, what happens next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from receipts.fitting import fold
from receipts.flow import BOTTOM, DARK, INK, LEFT, PANEL, SOFT, TOP, WIDTH
from receipts.marks import Box, Colour, Text
from receipts.typefaces import Face, typeface

if TYPE_CHECKING:
    from receipts.flow import Flow
    from rules.receipts import ReceiptFacts

PADDING = 10.0
GAP = 6.0
FULL_PAGE = TOP - BOTTOM - 60


class Line(NamedTuple):
    """One line of the panel; `above` is the free space before it."""

    text: str
    face: Face
    size: float
    colour: Colour
    leading: float
    above: float = 0.0


def add_panel(flow: Flow, facts: ReceiptFacts) -> None:
    """Add the panel, whole on one page if a page can hold it."""
    lines = [
        *_section("Cómo comprobar esta constancia", _how_to_check(facts), colour=INK),
        *_section("Qué sigue", facts.next_steps, colour=INK),
        *_section("Alcance", facts.limits, colour=SOFT),
    ]
    height = sum(line.leading + line.above for line in lines) + PADDING
    if height <= FULL_PAGE:
        flow.keep(height)
    while lines:
        taken = _count_fitting(lines, flow.room() - PADDING)
        if taken:
            _add_lines(flow, lines[:taken])
        lines = lines[taken:]
        if lines:
            flow.turn()


def _how_to_check(facts: ReceiptFacts) -> str:
    return (
        f"Escanee el código QR o ingrese a {facts.verify_url} y compare lo que se muestra con esta constancia. El "
        "resumen SHA-256 identifica cada archivo: calcúlelo sobre el suyo; si cambió un solo byte, no coincide. La "
        "hora es la oficial del Perú (UTC-05:00)."
    )


def _section(title: str, text: str, *, colour: Colour) -> list[Line]:
    lines = fold(typeface(Face.REGULAR), text, size=7.6, width=WIDTH - 2 * PADDING)
    body = [Line(line, Face.REGULAR, 7.6, colour, 9.8) for line in lines]
    return [Line(title, Face.BOLD, 8.5, DARK, 11.5, GAP), *body]


def _count_fitting(lines: list[Line], room: float) -> int:
    for count, line in enumerate(lines):
        room -= line.leading + line.above
        if room < 0:
            return count
    return len(lines)


def _add_lines(flow: Flow, lines: list[Line]) -> None:
    height = sum(line.leading + line.above for line in lines) + PADDING
    flow.add(Box(LEFT, flow.y - height, WIDTH, height, PANEL), Box(LEFT, flow.y - height, 2, height, DARK))
    for line in lines:
        flow.y -= line.above + line.leading
        flow.add(Text(LEFT + PADDING, flow.y + 1, line.text, line.face, line.size, line.colour))
    flow.y -= PADDING
