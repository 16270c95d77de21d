"""The structure: each piece of content in exactly one element, each element where its kind may stand."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pikepdf
from pikepdf import Name

from tests.unit.receipts.checker.content import HEIGHT, WIDTH, marked_content

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCKS = {"P", "H1", "H2", "Figure", "Table", "L", "Form"}
INSIDE = {
    "Document": BLOCKS,
    "Table": {"TR"},
    "TR": {"TH", "TD"},
    "L": {"LI"},
    "LI": {"Lbl", "LBody"},
    "LBody": {"P"},
    "TD": {"P"},
}
Place = tuple[tuple[int, int], int]


def elements(root: Any) -> Iterator[tuple[Any, Any]]:
    """Return each structure element with the one that holds it, in reading order."""
    waiting = [(root.K, root)]
    while waiting:
        element, parent = waiting.pop()
        yield element, parent
        below = [kid for kid in kids(element) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]
        waiting.extend((kid, element) for kid in reversed(below))


def kids(element: Any) -> list[Any]:
    """Return what an element holds."""
    held = element.get("/K", [])
    return list(held) if isinstance(held, pikepdf.Array) else [held]


def kind(element: Any) -> str:
    """Return the kind of an element."""
    return str(element.get("/S", ""))[1:]


def places(element: Any) -> Iterator[Place]:
    """Return the pieces of content that *element* itself holds: the page's object and the number there."""
    for kid in kids(element):
        if isinstance(kid, int):
            yield element.Pg.objgen, int(kid)
        elif kid.get("/Type") == Name.MCR:
            yield kid.get("/Pg", element.get("/Pg")).objgen, int(kid.MCID)


def check_structure(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say what is wrong with the tree of elements."""
    root = pdf.Root.StructTreeRoot
    if root.get("/Type") != Name.StructTreeRoot or kind(root.K) != "Document":
        yield "structure: does not begin with a document"
    found = list(elements(root))
    numbers = [element.objgen for element, _ in found]
    if len(set(numbers)) != len(numbers):
        yield "structure: an element is read twice"
    for element, parent in found:
        yield from (f"structure: {kind(element)} {finding}" for finding in _check_element(element, parent))
    yield from _check_headings([kind(element) for element, _ in found])


def _check_element(element: Any, parent: Any) -> Iterator[str]:
    if element.get("/Type") != Name.StructElem or element.get("/P") is None or element.P.objgen != parent.objgen:
        yield "does not know what holds it"
    if kind(parent) and kind(element) not in INSIDE.get(kind(parent), set()):
        yield f"inside {kind(parent)}"
    if not kids(element):
        yield "is empty"
    yield from _check_kind(element, [kind(kid) for kid in kids(element) if isinstance(kid, pikepdf.Dictionary)])


def _check_kind(element: Any, below: list[str]) -> Iterator[str]:
    match kind(element):
        case "Figure":
            yield from _check_figure(element)
        case "TH" if _attribute(element, "/Table", "/Scope") not in (Name.Row, Name.Column):
            yield "does not say of what it is the header"
        case "TR" if below != ["TH", "TD"]:
            yield f"has the cells {below}"
        case "L" if _attribute(element, "/List", "/ListNumbering") in (None, Name("/None")):
            yield "does not say how it is numbered"
        case "LI" if below.count("LBody") != 1 or below.count("Lbl") > 1:
            yield f"has the parts {below}"
        case "Form" if not str(element.get("/Alt", "")) or [kid.get("/Type") for kid in kids(element)] != [Name.OBJR]:
            yield "has no name or no field"
        case _:
            pass


def _attribute(element: Any, owner: str, name: str) -> object:
    attributes = element.get("/A", {})
    return attributes.get(name) if attributes.get("/O") == Name(owner) else None


def _check_figure(element: Any) -> Iterator[str]:
    if not str(element.get("/Alt", "")).strip():
        yield "has no alternative"
    box = _attribute(element, "/Layout", "/BBox")
    edges = [float(edge) for edge in box] if isinstance(box, pikepdf.Array) else [0.0] * 4
    if not (0 < edges[0] < edges[2] < WIDTH and 0 < edges[1] < edges[3] < HEIGHT):
        yield "has no place on the page"


def _check_headings(kinds: list[str]) -> Iterator[str]:
    levels = [int(name[1]) for name in kinds if name in ("H1", "H2", "H3")]
    if levels.count(1) != 1 or levels[:1] != [1]:
        yield "structure: not one title, before all other headings"
    if any(after - before > 1 for before, after in pairwise(levels)):
        yield "structure: a level of headings is left out"


def check_parent_tree(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say where the way from the pages to the elements and the way back do not meet."""
    root = pdf.Root.StructTreeRoot
    pages = {page.obj.objgen: page for page in pdf.pages}
    held = {place: element for element, _ in elements(root) for place in places(element)}
    if sum(1 for element, _ in elements(root) for _ in places(element)) != len(held):
        yield "content: a piece is read in two elements"
    drawn = {(number, mark.mcid): mark for number, page in pages.items() for mark in marked_content(page)}
    if held.keys() ^ drawn.keys():
        yield f"content: pieces without an element, or elements without: {sorted(held.keys() ^ drawn.keys(), key=str)}"
    for place in held.keys() & drawn.keys():
        if drawn[place].tag[1:] != kind(held[place]):
            yield f"content: {drawn[place].tag} is read as {kind(held[place])}"
    listed = list(root.ParentTree.Nums)
    keys = [int(key) for key in listed[::2]]
    tree = dict(zip(keys, listed[1::2], strict=True))
    if keys != list(range(len(pages) + 1)) or int(root.get("/ParentTreeNextKey", 0)) != len(keys):
        yield "parent tree: not one key for each page and the field, in order"
    for number, page in pages.items():
        expected = [held[place].objgen for place in sorted(place for place in held if place[0] == number)]
        if [parent.objgen for parent in tree.get(int(page.obj.get("/StructParents", -1)), [])] != expected:
            yield "parent tree: does not lead from a page to its elements"
    yield from _check_field(pdf, tree)


def _check_field(pdf: pikepdf.Pdf, tree: dict[int, Any]) -> Iterator[str]:
    forms = [element for element, _ in elements(pdf.Root.StructTreeRoot) if kind(element) == "Form"]
    (field,) = pdf.Root.AcroForm.Fields
    parent = tree.get(int(field.get("/StructParent", -1)))
    if len(forms) != 1 or not isinstance(parent, pikepdf.Dictionary) or parent.objgen != forms[0].objgen:
        yield "parent tree: does not lead from the field to its element"
    elif forms[0].K.get("/Obj", pdf.Root).objgen != field.objgen:
        yield "structure: the form is not the field of the seal"
