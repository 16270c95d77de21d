"""The paper of the institution: what stands at the top of each of its receipts, whatever they say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from receipts.fitting import WHITE, Pen, cut, fold, shrink
from receipts.flow import LEFT, RIGHT, TOP, Flow
from receipts.marks import Box, Picture
from receipts.typefaces import Face
from rules.colours import parse_colour

if TYPE_CHECKING:
    from receipts.marks import Layout
    from rules.receipts import Letterhead

BAND = 36.0
GAP = 1.5
MARGIN = 11.0
HALF_CAPITAL = 0.357
WIDEST_MARK = 110.0
MARK = Pen(Face.BOLD, 13, WHITE)
ENTITY, UNIT = Pen(Face.BOLD, 8.5, WHITE, 10.1), Pen(Face.REGULAR, 8.5, WHITE, 10.1)
RUC = Pen(Face.REGULAR, 7, WHITE, 10.1)


def lay_out_letterhead(entity: str, unit: str, ruc: str | None, letterhead: Letterhead) -> Layout:
    """
    Return the one page of the letterhead, and as `document` the elements that come first on every receipt.

    It is drawn before what `receipts.layout.lay_out` gives of the first page, and read before it: the children of its
    document are the first ones of the receipt's, its runs the first ones of page one. It depends on nothing else of a
    receipt, so that it is laid down once for all of them.
    """
    flow = Flow(letterhead)
    left = LEFT + (BAND + 6 if letterhead.emblem_sha256 else 0)
    pen, mark = shrink(MARK, letterhead.mark, WIDEST_MARK, smallest=6)
    middle = left + (pen.width(mark) + 2 * MARGIN if mark else 6)
    right = middle + (RIGHT - middle) * 0.54
    blocks = (
        (left, middle - GAP, letterhead.accent),
        (middle, right - GAP, letterhead.dark),
        (right, RIGHT, letterhead.grey),
    )
    flow.decorate(*(Box(x, TOP - BAND, end - x, BAND, parse_colour(fill)) for x, end, fill in blocks))
    if letterhead.emblem_sha256:
        flow.say("Figure", Picture(LEFT, TOP - BAND, BAND, BAND), alternative=f"Emblema de {entity}")
    name = _fitted(ENTITY, entity, right - middle - 2 * MARGIN, most=2 if ruc else 3)
    _say(flow, left, (pen, [mark] if mark else []))
    _say(flow, middle, (ENTITY, name), (RUC, [f"RUC {ruc}"] if ruc else []))
    _say(flow, right, (UNIT, _fitted(UNIT, unit, RIGHT - right - 2 * MARGIN, most=3)))
    return flow.finish()


def _fitted(pen: Pen, text: str, width: float, *, most: int) -> list[str]:
    """Return *text* in at most *most* lines, the last one cut if need be."""
    lines = fold(pen, text, width)
    return [*lines] if len(lines) <= most else [*lines[: most - 1], cut(pen, "".join(lines[most - 1 :]), width)]


def _say(flow: Flow, left: float, *paragraphs: tuple[Pen, list[str]]) -> None:
    """Write *paragraphs* below one another, in the middle of the height of the block that begins at *left*."""
    y = TOP - BAND / 2 + (sum(len(lines) for _, lines in paragraphs) - 1) * ENTITY.leading / 2
    for pen, lines in paragraphs:
        places = [y - index * ENTITY.leading - pen.size * HALF_CAPITAL for index in range(len(lines))]
        flow.say("P", *map(partial(pen.at, left + MARGIN), places, lines))
        y -= len(lines) * ENTITY.leading
