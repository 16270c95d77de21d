"""The grey panel at the end of a receipt: how to check it, what it proves, what happens next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from receipts.fitting import fold
from receipts.flow import BOTTOM, LEFT, TOP, WIDTH
from receipts.marks import Box
from receipts.pens import INK, PANEL, SOFT, Pen
from receipts.typefaces import Face

if TYPE_CHECKING:
    from receipts.flow import Flow
    from receipts.marks import Text
    from rules.colours import Colour
    from rules.receipts import ReceiptFacts

PADDING = 10.0
GAP = 6.0
FULL_PAGE = TOP - BOTTOM - 60


class Part(NamedTuple):
    """A heading or paragraph of the panel; `above` is the free space before each of its lines."""

    kind: str
    pen: Pen
    lines: list[str]
    above: float = 0.0


def add_panel(flow: Flow, facts: ReceiptFacts) -> None:
    """Add the panel, whole on one page if a page can hold it."""
    parts = [
        *_section(flow, "Cómo comprobar esta constancia", _how_to_check(facts), colour=INK),
        *_section(flow, "Qué sigue", facts.next_steps, colour=INK),
        *_section(flow, "Alcance", facts.limits, colour=SOFT),
    ]
    height = sum(_step(part) * len(part.lines) for part in parts) + PADDING
    if height <= FULL_PAGE:
        flow.keep(height)
    left = height
    _add_box(flow, min(left, flow.room()))
    for part in parts:
        with flow.element(part.kind):
            left = _add_part(flow, part, left)
    flow.y -= PADDING


def _add_part(flow: Flow, part: Part, left: float) -> float:
    """Add *part* and return how much of the panel is left; where the page ends, the panel goes on over the next one."""
    written: list[Text] = []
    for line in part.lines:
        if flow.room() - PADDING < _step(part):
            if written:
                flow.add(*written)
            written = []
            flow.turn()
            _add_box(flow, min(left, flow.room()))
        flow.y -= _step(part)
        left -= _step(part)
        written.append(part.pen.at(LEFT + PADDING, flow.y + 1, line))
    flow.add(*written)
    return left


def _add_box(flow: Flow, height: float) -> None:
    y = flow.y - height
    flow.decorate(Box(LEFT, y, WIDTH, height, PANEL), Box(LEFT, y, 2, height, flow.dark))


def _step(part: Part) -> float:
    return part.pen.leading + part.above


def _section(flow: Flow, title: str, text: str, *, colour: Colour) -> list[Part]:
    pen = Pen(Face.REGULAR, 7.6, colour, 9.8)
    lines = fold(pen, text, width=WIDTH - 2 * PADDING)
    return [Part("H2", Pen(Face.BOLD, 8.5, flow.dark, 11.5), [title], GAP), Part("P", pen, lines)]


def _how_to_check(facts: ReceiptFacts) -> str:
    return (
        f"Escanee el código QR o ingrese a {facts.verify_url} y compare lo que se muestra con esta constancia. El "
        "resumen SHA-256 identifica cada archivo: calcúlelo sobre el suyo; si cambió un solo byte, no coincide. La "
        "hora es la oficial del Perú (UTC-05:00)."
    )
