"""Marks as the operators of a content stream (ISO 32000-1, 8 and 9), each run marked for what reads it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from receipts.marks import Box, Decoration, Modules, Picture, Text
from receipts.typefaces import Face, typeface

if TYPE_CHECKING:
    from collections.abc import Iterable

    from receipts.marks import Mark, Run
    from rules.colours import Colour

FONTS = {Face.REGULAR: "F1", Face.BOLD: "F2", Face.MONO: "F3"}
EMBLEM = "E"
REMEMBERED = 512
"""Of the marks drawn last: much of a receipt stands on the next one too, in the same place."""
ARTIFACT = "/Artifact BMC"


def draw(page: Iterable[Run | Decoration], tags: Iterable[str]) -> bytes:
    """Return the content stream of *page*; *tags* are how its runs are marked, in their order, see `tag`."""
    drawn: list[str] = []
    next_tag = iter(tags).__next__
    for item in page:
        drawn.append(ARTIFACT if isinstance(item, Decoration) else next_tag())
        drawn.extend(map(operators, item.marks))
        drawn.append("EMC")
    return "\n".join(drawn).encode("latin-1")


def tag(kind: str, mcid: int) -> str:
    """Return the mark by which an element of *kind* finds its content (ISO 32000-1, 14.7.4.2)."""
    return f"/{kind}<</MCID {mcid}>>BDC"


@lru_cache(maxsize=REMEMBERED)
def operators(mark: Mark) -> str:
    """Return what draws *mark*, each character a byte; it leaves the colour and nothing else behind."""
    match mark:
        case Text(x, y, text, face, size, colour):
            code = typeface(face).encode(text)
            return f"{_pen(face, size, colour)}{x:.2f} {y:.2f} Td({code})Tj ET"
        case Box(x, y, width, height, colour):
            return f"{_fill(colour)} {x:.2f} {y:.2f} {width:.2f} {height:.2f} re f"
        case Modules(x, y, side, across, bits):
            image = f"BI/IM true/W {across}/H {across}/BPC 1/D[1 0]/F/AHx ID\n{bits.hex()}>\nEI"
            return f"q 0 0 0 rg {side:.2f} 0 0 {side:.2f} {x:.2f} {y:.2f} cm\n{image} Q"
        case Picture(x, y, width, height):
            return f"q {width:.2f} 0 0 {height:.2f} {x:.2f} {y:.2f} cm /{EMBLEM} Do Q"


@lru_cache(maxsize=64)
def _pen(face: Face, size: float, colour: Colour) -> str:
    return f"BT {_fill(colour)}/{FONTS[face]} {round(size, 3):g} Tf "


def _fill(colour: Colour) -> str:
    return " ".join(f"{part / 255:.4f}" for part in colour) + " rg"
