"""The content streams: nothing is shown that is neither read nor said to be decoration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pikepdf
from pikepdf import Name

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWING = {"Tj", "f", "Do", "INLINE IMAGE"}
OPERATORS = SHOWING | {"BT", "ET", "Tf", "Td", "rg", "re", "q", "Q", "cm", "BMC", "BDC", "EMC"}
ARTIFACT = Name.Artifact
WIDTH, HEIGHT = 595.276, 841.89


class Marked(NamedTuple):
    """A piece of marked content: how it is tagged, and its number, None for decoration."""

    tag: str
    mcid: int | None


def instructions(page: Any) -> Iterator[tuple[str, list[Any], Marked | None]]:
    """Return the operators of *page* with their operands and the marked content in which they stand."""
    marks: list[Marked] = []
    for instruction in pikepdf.parse_content_stream(page):
        operator, operands = str(instruction.operator), list(instruction.operands)
        if operator in ("BMC", "BDC"):
            properties = operands[1] if operator == "BDC" else {}
            marks.append(Marked(str(operands[0]), int(properties["/MCID"]) if "/MCID" in properties else None))
        yield operator, operands, marks[-1] if marks else None
        if operator == "EMC":
            marks.pop()
        if len(marks) > 1:
            raise ValueError("marked content inside marked content")
    if marks:
        raise ValueError("marked content does not end")


def marked_content(page: Any) -> list[Marked]:
    """Return the pieces of *page* that are read, in the order in which they are drawn."""
    marked = [mark for operator, _, mark in instructions(page) if operator == "BDC" and mark is not None]
    return [mark for mark in marked if mark.mcid is not None]


def check_content(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say what is wrong with what each page shows."""
    for index, page in enumerate(pdf.pages):
        yield from (f"page {index}: {finding}" for finding in _check_page(page))
        mcids = [mark.mcid for mark in marked_content(page)]
        if sorted(mcids, key=str) != sorted(range(len(mcids)), key=str):
            yield f"page {index}: its pieces are not numbered from 0 on, once each"


def _check_page(page: Any) -> Iterator[str]:
    for operator, operands, mark in instructions(page):
        if operator not in OPERATORS:
            yield f"the operator {operator}"
        if operator in SHOWING:
            yield from _check_shown(operator, mark)
        if operator == "rg" and not all(0 <= float(part) <= 1 for part in operands):
            yield "a colour that does not exist"
        if operator == "Td" and not (0 < float(operands[0]) < WIDTH and 0 < float(operands[1]) < HEIGHT):
            yield "text outside the page"
    operators = [operator for operator, _, _ in instructions(page)]
    if operators.count("q") != operators.count("Q"):
        yield "does not restore what it saves"
    texts = [operator for operator in operators if operator in ("BT", "Tj", "ET")]
    if texts[::3] + texts[1::3] + texts[2::3] != sorted(texts, key=("BT", "Tj", "ET").index):
        yield "text outside of text objects, or not one in each"


def _check_shown(operator: str, mark: Marked | None) -> Iterator[str]:
    if mark is None or (mark.mcid is None and mark.tag != str(ARTIFACT)):
        yield f"{operator} is neither read nor decoration"
    elif mark.mcid is not None and mark.tag == str(ARTIFACT):
        yield "decoration that is read"


def check_images(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say what is wrong with the QR code and the emblem."""
    codes = [
        (operands[0], mark)
        for page in pdf.pages
        for operator, operands, mark in instructions(page)
        if operator == "INLINE IMAGE"
    ]
    if len(codes) != 1:
        yield f"image: {len(codes)} QR codes"
    for image, mark in codes:
        yield from _check_code(image, mark)
    for page in pdf.pages:
        for image in page.Resources.get("/XObject", {}).values():
            if image.get("/Subtype") != Name.Image or image.get("/ColorSpace") != Name.DeviceRGB:
                yield "image: not in the colours of the profile"
            if len(image.read_bytes()) != int(image.Width) * int(image.Height) * 3:
                yield "image: larger or smaller than it says"


def _check_code(image: pikepdf.PdfInlineImage, mark: Marked | None) -> Iterator[str]:
    if not image.image_mask or image.width != image.height or (image.width - 17) % 4:
        yield "image: no QR code"
    if mark is None or mark.tag != "/Figure":
        yield "image: the QR code is no figure"
