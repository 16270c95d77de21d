"""How a receipt is read: its structure elements as PDF objects, and the tree that leads from the pages back to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receipts.drawing import tag
from receipts.marks import Box, Element, Modules, Picture, Run
from receipts.metadata import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from receipts.body import Body


class Structure:
    """
    The structure elements of a receipt (ISO 32000-1, 14.7.2), put into *body*.

    `tags` says how each run is marked in its content stream, by its `id`.
    """

    def __init__(self, body: Body, pages: Sequence[Sequence[Run]], sheets: Sequence[int]) -> None:
        self.root = body.number()
        self.tags: dict[int, str] = {}
        self._body = body
        self._sheets = sheets
        self._mcids = {id(run): mcid for runs in pages for mcid, run in enumerate(runs)}
        self._parents = [[0] * len(runs) for runs in pages]

    def put_document(self, children: Iterable[Element | Run], seal: int) -> None:
        """Put the whole tree: *children*, and after them the field of the seal, the annotation *seal* on page one."""
        document, form = self._body.number(), self._body.number()
        kids = [f"{self._put(element, document)} 0 R" for element in children if isinstance(element, Element)]
        self._body.put(document, _element("Document", self.root, f"/K[{' '.join(kids)} {form} 0 R]"))
        said = f"/Alt{text('Sello electrónico de la entidad')}/K<</Type/OBJR/Obj {seal} 0 R>>"
        self._body.put(form, _element("Form", document, f"/Pg {self._sheets[0]} 0 R{said}"))
        numbers = " ".join(
            f"{page} [{' '.join(f'{parent} 0 R' for parent in parents)}]" for page, parents in enumerate(self._parents)
        )
        tree = f"/ParentTree<</Nums[{numbers} {len(self._parents)} {form} 0 R]>>"
        key = f"/ParentTreeNextKey {len(self._parents) + 1}"
        self._body.put(self.root, f"<</Type/StructTreeRoot/K {document} 0 R{tree}{key}>>")

    def _put(self, element: Element, parent: int) -> int:
        number = self._body.number()
        page: int | None = None
        kids: list[str] = []
        for child in element.children:
            if not isinstance(child, Run):
                kids.append(f"{self._put(child, number)} 0 R")
                continue
            mcid = self._place(child, element.kind, number)
            page = child.page if page is None else page
            sheet = self._sheets[child.page]
            kids.append(f"{mcid}" if child.page == page else f"<</Type/MCR/Pg {sheet} 0 R/MCID {mcid}>>")
        on = "" if page is None else f"/Pg {self._sheets[page]} 0 R"
        self._body.put(number, _element(element.kind, parent, f"{on}/K[{' '.join(kids)}]{_attributes(element)}"))
        return number

    def _place(self, run: Run, kind: str, number: int) -> int:
        mcid = self._mcids[id(run)]
        self._parents[run.page][mcid] = number
        self.tags[id(run)] = tag(kind, mcid)
        return mcid


def _element(kind: str, parent: int, entries: str) -> str:
    return f"<</Type/StructElem/S/{kind}/P {parent} 0 R{entries}>>"


def _attributes(element: Element) -> str:
    """Return what readers want to know of *element* besides its content (ISO 32000-1, 14.8.5)."""
    match element.kind:
        case "Figure":
            return f"/Alt{text(element.alternative or '')}/A<</O/Layout/Placement/Block/BBox[{_box(element)}]>>"
        case "TH":
            return f"/A<</O/Table/Scope/{element.scope}>>"
        case "L":
            return "/A<</O/List/ListNumbering/Decimal>>"
        case _:
            return ""


def _box(element: Element) -> str:
    """Return the rectangle around what a figure draws, which is never text."""
    marks = [mark for run in element.children if isinstance(run, Run) for mark in run.marks]
    edges = [
        (mark.x, mark.y, mark.x + mark.side, mark.y + mark.side)
        if isinstance(mark, Modules)
        else (mark.x, mark.y, mark.x + mark.width, mark.y + mark.height)
        for mark in marks
        if isinstance(mark, Box | Modules | Picture)
    ]
    left, bottom, right, top = zip(*edges, strict=True)
    return f"{min(left):.2f} {min(bottom):.2f} {max(right):.2f} {max(top):.2f}"
