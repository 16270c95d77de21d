"""The paper of the institution: what stands at the top of each of its receipts, whatever they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receipts.fitting import cut, fold, shrink
from receipts.flow import LEFT, RIGHT, TOP
from receipts.marks import Box, Decoration, Element, Layout, Picture, Run
from receipts.pens import WHITE, Pen
from receipts.typefaces import Face
from rules.colours import parse_colour

if TYPE_CHECKING:
    from collections.abc import Sequence

    from receipts.marks import Mark, Text
    from rules.receipts import Letterhead

BAND = 36.0
GAP = 1.5
WIDEST_MARK = 110.0
MARK = Pen(Face.BOLD, 13, WHITE)
ENTITY = Pen(Face.BOLD, 8.5, WHITE, 10.4)
UNIT = Pen(Face.REGULAR, 8.5, WHITE, 10.4)


def lay_out_letterhead(entity: str, unit: str, ruc: str | None, letterhead: Letterhead) -> Layout:
    """
    Return the one page of the letterhead, and as `document` the elements that come first on every receipt.

    It is drawn before what `receipts.layout.lay_out` gives of the first page, and read before it: the children of its
    document are the first ones of the receipt's, its runs the first ones of page one. It depends on nothing else of a
    receipt, so that it is laid down once for all of them.
    """
    page: list[Run | Decoration] = []
    document = Element("Document", [])

    def read(kind: str, marks: Sequence[Mark], *, alternative: str | None = None) -> None:
        run = Run(0, tuple(marks))
        page.append(run)
        document.children.append(Element(kind, [run], alternative))

    left = LEFT
    if letterhead.emblem_sha256:
        read("Figure", [Picture(left, TOP - BAND, BAND, BAND)], alternative=f"Emblema de {entity}")
        left += BAND + 6
    pen, mark = shrink(MARK, letterhead.mark, width=WIDEST_MARK, smallest=6)
    name = left + (pen.width(mark) + 22 if mark else 6)
    office = name + (RIGHT - name) * 0.54
    blocks = (
        (left, name - GAP, letterhead.accent),
        (name, office - GAP, letterhead.dark),
        (office, RIGHT, letterhead.grey),
    )
    page.append(Decoration(tuple(Box(x, TOP - BAND, end - x, BAND, parse_colour(fill)) for x, end, fill in blocks)))
    if mark:
        read("P", [pen.at(left + 11, TOP - 22.5, mark)])
    read(
        "P",
        _centred(
            ENTITY, _fitted(ENTITY, entity, width=office - name - 20, most=2 if ruc else 3) + _ruc(ruc), x=name + 10
        ),
    )
    read("P", _centred(UNIT, _fitted(UNIT, unit, width=RIGHT - office - 20, most=3), x=office + 10))
    return Layout([page], document)


def _ruc(ruc: str | None) -> list[str]:
    return [f"RUC {ruc}"] if ruc else []


def _fitted(pen: Pen, text: str, *, width: float, most: int) -> list[str]:
    """Return *text* in at most *most* lines, the last one cut if need be."""
    lines = fold(pen, text, width=width)
    return lines if len(lines) <= most else [*lines[: most - 1], cut(pen, "".join(lines[most - 1 :]), width=width)]


def _centred(pen: Pen, lines: list[str], *, x: float) -> list[Text]:
    top = TOP - BAND / 2 - 3 + (len(lines) - 1) * pen.leading / 2
    return [pen.at(x, top - index * pen.leading, line) for index, line in enumerate(lines)]
