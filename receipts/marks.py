"""What stands on a page: text, filled boxes and QR modules, as values in points from the lower left corner."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from receipts.typefaces import Face
    from rules.colours import Colour


class Text(NamedTuple):
    """A line of text whose baseline begins at (x, y)."""

    x: float
    y: float
    text: str
    face: Face
    size: float
    colour: Colour


class Box(NamedTuple):
    """A filled rectangle with its lower left corner at (x, y)."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour


class Modules(NamedTuple):
    """
    A QR code of `side` points and `across` modules each way, without its quiet zone.

    `bits` are its rows from the top, each padded to whole bytes, the first module in the highest bit, 1 is dark: what
    an image mask of one bit wants.
    """

    x: float
    y: float
    side: float
    across: int
    bits: bytes


class Picture(NamedTuple):
    """The emblem of the letterhead, in its proportions in the middle of this rectangle."""

    x: float
    y: float
    width: float
    height: float


Mark: TypeAlias = Text | Box | Modules | Picture


class Run(NamedTuple):
    """Marks that are read as one: the content of a structure element on one page (ISO 32000-1, 14.7.4.2)."""

    page: int
    marks: tuple[Mark, ...]


class Element(NamedTuple):
    """
    A structure element (ISO 32000-1, 14.8.4): its type, such as `H1` or `TD`, and what it holds in reading order.

    `alternative` is what is read instead of a Figure; `scope` says of what a header cell (TH) is the header,
    and how a list (L) is numbered.
    """

    kind: str
    children: list[Element | Run]
    alternative: str | None = None
    scope: str | None = None


class Decoration(NamedTuple):
    """Marks that say nothing to who cannot see them (artifacts; ISO 32000-1, 14.8.2.2)."""

    marks: tuple[Mark, ...]


class Layout(NamedTuple):
    """What stands on each page, in the order in which it is drawn; the runs of a page are read in the same order."""

    pages: list[list[Run | Decoration]]
    document: Element
