"""How a receipt is read: its structure elements as PDF objects, and the tree that leads from the pages back to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receipts.body import text
from receipts.drawing import tag
from receipts.marks import Element, Modules, Picture, Run

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

    def put_document(self, children: Iterable[Element | Run], field: int, *, name: str) -> None:
        """Put the whole tree: *children*, and after them the annotation *field* on page one, called *name*."""
        document, form = self._body.number(), self._body.number()
        kids = [*(self._put(child, document) for child in children if isinstance(child, Element)), form]
        self._body.put(document, _element("Document", self.root, f"/K[{_references(kids)}]"))
        held = f"/Pg {self._sheets[0]} 0 R/Alt{name}/K<</Type/OBJR/Obj {field} 0 R>>"
        self._body.put(form, _element("Form", document, held))
        pages = " ".join(f"{page} [{_references(parents)}]" for page, parents in enumerate(self._parents))
        count = len(self._parents)
        tree = f"/ParentTree<</Nums[{pages} {count} {form} 0 R]>>/ParentTreeNextKey {count + 1}"
        self._body.put(self.root, f"<</Type/StructTreeRoot/K {document} 0 R{tree}>>")

    def _put(self, element: Element, parent: int) -> int:
        number = self._body.number()
        on, kids = "", ""
        for child in element.children:
            if isinstance(child, Run):
                page, mcid = f"/Pg {self._sheets[child.page]} 0 R", self._place(child, element.kind, number)
                on = on or page
                kids += f" {mcid}" if page == on else f"<</Type/MCR{page}/MCID {mcid}>>"
            else:
                kids += f" {self._put(child, number)} 0 R"
        self._body.put(number, _element(element.kind, parent, f"{on}/K[{kids}]{_attributes(element)}"))
        return number

    def _place(self, run: Run, kind: str, number: int) -> int:
        mcid = self._mcids[id(run)]
        self._parents[run.page][mcid] = number
        self.tags[id(run)] = tag(kind, mcid)
        return mcid


def _element(kind: str, parent: int, entries: str) -> str:
    return f"<</Type/StructElem/S/{kind}/P {parent} 0 R{entries}>>"


def _references(numbers: Iterable[int]) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)


def _attributes(element: Element) -> str:
    """Return what readers want to know of *element* besides its content (ISO 32000-1, 14.8.5)."""
    match element.kind:
        case "Figure":
            return f"/Alt{text(element.alternative or '')}/A<</O/Layout/Placement/Block/BBox[{_box(element)}]>>"
        case "TH":
            return f"/A<</O/Table/Scope/{element.scope}>>"
        case "L":
            return f"/A<</O/List/ListNumbering/{element.scope or 'Disc'}>>"
        case _:
            return ""


def _box(element: Element) -> str:
    """Return the rectangle of a figure, which is one mark and no text."""
    ((mark,),) = (run.marks for run in element.children if isinstance(run, Run))
    assert isinstance(mark, Modules | Picture)
    width, height = (mark.side, mark.side) if isinstance(mark, Modules) else (mark.width, mark.height)
    return f"{mark.x:.2f} {mark.y:.2f} {mark.x + width:.2f} {mark.y + height:.2f}"
