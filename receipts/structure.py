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
    The structure elements of a receipt (ISO 32000-1, 14.7.2), put into *body*; *sheets* are its pages.

    `tags` says for each page how its runs are marked in the content stream, in their order.
    """

    def __init__(self, body: Body, sheets: Sequence[int]) -> None:
        self._body = body
        self._pages = [f"/Pg {sheet} 0 R" for sheet in sheets]
        self.tags: list[list[str]] = [[] for _ in sheets]
        self._parents: list[list[str]] = [[] for _ in sheets]

    def put_document(self, children: Iterable[Element | Run], field: int, *, name: str) -> int:
        """Put *children*, and after them the annotation *field* on page one, called *name*; return the root."""
        root, document, form = self._body.number(), self._body.number(), self._body.number()
        kids = [self._put(child, document) for child in children if isinstance(child, Element)]
        self._body.put(document, _element("Document", root, f"/K[{' '.join(kids)} {form} 0 R]"))
        held = f"{self._pages[0]}/Alt{name}/K<</Type/OBJR/Obj {field} 0 R>>"
        self._body.put(form, _element("Form", document, held))
        pages = " ".join(f"{page} [{' '.join(parents)}]" for page, parents in enumerate(self._parents))
        count = len(self._parents)
        tree = f"/ParentTree<</Nums[{pages} {count} {form} 0 R]>>/ParentTreeNextKey {count + 1}"
        return self._body.put(root, f"<</Type/StructTreeRoot/K {document} 0 R{tree}>>")

    def _put(self, element: Element, parent: int) -> str:
        """Put *element* with all that it holds; return the reference to it."""
        number = self._body.number()
        kids: list[str] = []
        on = ""
        for child in element.children:
            if isinstance(child, Run):
                page, mcid = self._pages[child.page], len(self._parents[child.page])
                on = on or page
                kids.append(f"{mcid}" if page == on else f"<</Type/MCR{page}/MCID {mcid}>>")
                self._parents[child.page].append(f"{number} 0 R")
                self.tags[child.page].append(tag(element.kind, mcid))
            else:
                kids.append(self._put(child, number))
        self._body.put(number, _element(element.kind, parent, f"{on}/K[{' '.join(kids)}]{_attributes(element)}"))
        return f"{number} 0 R"


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
            return f"/A<</O/List/ListNumbering/{element.scope or 'Disc'}>>"
        case _:
            return ""


def _box(element: Element) -> str:
    """Return the rectangle of a figure, which is one mark and no text."""
    ((mark,),) = (run.marks for run in element.children if isinstance(run, Run))
    assert isinstance(mark, Modules | Picture)
    width, height = (mark.side, mark.side) if isinstance(mark, Modules) else (mark.width, mark.height)
    return f"{mark.x:.2f} {mark.y:.2f} {mark.x + width:.2f} {mark.y + height:.2f}"
