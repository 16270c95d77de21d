"""The catalog, the pages and the limits of numbers and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pikepdf
from pikepdf import Name

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = {
    *("/Type", "/Pages", "/Lang", "/ViewerPreferences", "/MarkInfo", "/StructTreeRoot", "/Metadata", "/OutputIntents"),
    *("/AF", "/Names", "/AcroForm", "/Perms", "/Extensions"),
}
PAGE_KEYS = {"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents", "/StructParents", "/Tabs", "/Annots"}
A4 = [0, 0, 595.276, 841.89]
LONGEST_TEXT, LARGEST_NUMBER, LONGEST_NAME = 32767, 2**31 - 1, 127


def check_catalog(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say what the catalog lacks or has too much."""
    if pdf.is_encrypted:
        yield "catalog: the file is encrypted"
    root = pdf.Root
    if surplus := set(root.keys()) ^ KEYS:
        yield f"catalog: lacks or should not have {sorted(surplus)}"
    if str(root.get("/Lang", "")) != "es-PE":
        yield "catalog: the language is not es-PE"
    if root.get("/ViewerPreferences", {}).get("/DisplayDocTitle") is not True:
        yield "catalog: the title is not displayed"
    marks = root.get("/MarkInfo", {})
    if marks.get("/Marked") is not True or marks.get("/Suspects", False) is not False:
        yield "catalog: not marked as tagged"
    if list(root.get("/Names", {}).keys()) != ["/EmbeddedFiles"]:
        yield "catalog: other names than those of attachments"


def check_pages(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say what is wrong with the pages' dictionaries."""
    if int(pdf.Root.Pages.get("/Count", 0)) != len(pdf.pages):
        yield "pages: not as many as are counted"
    for index, page in enumerate(pdf.pages):
        if surplus := (set(page.obj.keys()) - {"/Annots"}) ^ (PAGE_KEYS - {"/Annots"}):
            yield f"page {index}: lacks or should not have {sorted(surplus)}"
        if [float(edge) for edge in page.obj.get("/MediaBox", [])] != A4:
            yield f"page {index}: not A4"
        if page.obj.get("/Tabs") != Name.S:
            yield f"page {index}: the order of tabs is not that of the structure"
        if len(page.obj.get("/Annots", [])) != (1 if index == 0 else 0):
            yield f"page {index}: annotations besides the field of the seal"


def check_limits(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say which values are beyond what archives must read (ISO 19005-3, 6.1.13), and which objects nothing leads to."""
    reached = set(reachable(pdf))
    for thing in pdf.objects:
        if thing.objgen not in reached and not (
            isinstance(thing, pikepdf.Stream) and thing.get("/Type") in (Name.ObjStm, Name.XRef)
        ):
            yield f"object {thing.objgen[0]}: nothing leads to it"
        for value in nested(thing):
            if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
                yield f"limits: the number {value}"
            if isinstance(value, pikepdf.String) and len(bytes(value)) > LONGEST_TEXT:
                yield "limits: a text is too long"
            if isinstance(value, pikepdf.Name) and len(str(value)) > LONGEST_NAME:
                yield "limits: a name is too long"


def reachable(pdf: pikepdf.Pdf) -> Iterator[tuple[int, int]]:
    """Return the numbers of the objects to which the trailer leads."""
    seen: set[tuple[int, int]] = set()
    waiting: list[object] = [pdf.trailer]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, pikepdf.Object) and thing.is_indirect:
            if thing.objgen in seen:
                continue
            seen.add(thing.objgen)
            yield thing.objgen
        waiting.extend(children(thing))


def nested(thing: object) -> Iterator[object]:
    """Return *thing* and all direct values inside it."""
    yield thing
    for child in children(thing):
        if not (isinstance(child, pikepdf.Object) and child.is_indirect):
            yield from nested(child)


def children(thing: object) -> list[object]:
    """Return the values of a dictionary, stream or array."""
    if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        return [cast("object", thing[key]) for key in thing.keys()]  # noqa: SIM118 - iterating one is something else
    return list(cast("list[object]", thing)) if isinstance(thing, pikepdf.Array) else []
