"""Pages as pictures, drawn in the jail: a page of a PDF, or a picture that was handed in, always encoded anew."""

from __future__ import annotations

import io
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from rules.files import PDF_MARK, PDF_MARK_WITHIN_BYTES

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfDocument

DRAW: Final = "files.pictures:draw"
VERSION: Final = 1
"""Of how pictures look; other ones are drawn again."""

MOST_SIDES: Final = 4
"""How many times as high as wide a picture is at most."""

MOST_PIXELS: Final = 80_000_000
"""Of a picture that was handed in: a sheet of A3 scanned at 600 dots per inch has 70 million."""

DRAWN: Final = b"RIFF"
"""How what was drawn begins; anything else is a `DrawingProblem`."""

_QUALITY, _EFFORT = 80, 2
_PASSWORD_ERROR = 4
_PICTURE_MARKS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class DrawingProblem(StrEnum):
    """Why there is no picture."""

    NO_SUCH_PAGE = "NO_SUCH_PAGE"
    LOCKED = "LOCKED"
    DAMAGED = "DAMAGED"
    HUGE = "HUGE"
    OTHER_KIND = "OTHER_KIND"


class CannotDraw(Exception):
    """There is no picture of it."""

    def __init__(self, problem: DrawingProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def draw(asked: bytes) -> bytes:
    """Return page `page` of the file at `path`, `width` pixels wide, as WebP; or the name of the problem."""
    values: dict[str, Any] = json.loads(asked)
    try:
        picture = _picture_of(values["path"], values["page"], values["width"])
    except CannotDraw as error:
        return error.problem.encode()
    encoded = io.BytesIO()
    picture.save(encoded, "WEBP", quality=_QUALITY, method=_EFFORT)
    return encoded.getvalue()


def pages_of(path: str) -> int:
    """
    Return how many pages can be drawn of a file, 0 if it is of a kind that has none.

    Raises:
        CannotDraw: a PDF that cannot be opened.
    """
    match _kind_of(path):
        case "pdf":
            return len(_opened(path))
        case "picture":
            return 1
        case _:
            return 0


def _kind_of(path: str) -> str | None:
    with open(path, "rb") as file:  # noqa: PTH123 - in the jail nothing is gained by a Path
        head = file.read(PDF_MARK_WITHIN_BYTES + len(PDF_MARK))
    if head.startswith(_PICTURE_MARKS):
        return "picture"
    return "pdf" if PDF_MARK in head else None


def _picture_of(path: str, page: int, width: int) -> Image:
    match _kind_of(path):
        case "pdf":
            return _page_of_pdf(path, page, width)
        case "picture" if page == 1:
            return _scaled(path, width)
        case "picture":
            raise CannotDraw(DrawingProblem.NO_SUCH_PAGE)
        case _:
            raise CannotDraw(DrawingProblem.OTHER_KIND)


def _opened(path: str) -> PdfDocument:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        is_locked = error.err_code == _PASSWORD_ERROR
        raise CannotDraw(DrawingProblem.LOCKED if is_locked else DrawingProblem.DAMAGED) from None


def _page_of_pdf(path: str, number: int, width: int) -> Image:
    import pypdfium2

    document = _opened(path)
    if number > len(document):
        raise CannotDraw(DrawingProblem.NO_SUCH_PAGE)
    try:
        # What was filled into a form is drawn too. There is no JavaScript in this build of PDFium.
        document.init_forms()
        page = document[number - 1]
        scale: Any = _scale(*page.get_size(), width)  # its type says int; it is a factor
        return page.render(scale=scale, limit_image_cache=True).to_pil().convert("RGB")
    except pypdfium2.PdfiumError:
        raise CannotDraw(DrawingProblem.DAMAGED) from None


def _scale(page_width: float, page_height: float, width: int) -> float:
    """Return by how much to draw it larger, so that it is neither wider nor higher than may be, however large it is."""
    if not (page_width > 0 and page_height > 0):
        raise CannotDraw(DrawingProblem.DAMAGED)
    # PDFium rounds up: half a point less is not one too many.
    return min((width - 0.5) / page_width, (MOST_SIDES * width - 0.5) / page_height)


def _scaled(path: str, width: int) -> Image:
    """Return a picture upright and scaled, without anything that the file says besides: where it was taken, by whom."""
    from PIL import Image, ImageOps

    # Ours is the bound; it is asked before a pixel is read.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise CannotDraw(DrawingProblem.HUGE)
            # JPEG is read smaller at once. Upright, it may be the other side that is the width.
            picture.draft(None, (MOST_SIDES * width, MOST_SIDES * width))
            upright = ImageOps.exif_transpose(_smooth(picture))
            upright.thumbnail((width, MOST_SIDES * width))
            return _on_white(upright)
    except (OSError, SyntaxError, ValueError, EOFError):
        raise CannotDraw(DrawingProblem.DAMAGED) from None


def _smooth(picture: Image) -> Image:
    """Return a picture in a mode that is scaled by what lies between two points, not by leaving some out."""
    match picture.mode:
        case "1":
            return picture.convert("L")
        case "P":
            return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        case mode if mode.startswith("I"):
            return picture.point(lambda value: value / 256).convert("L")
        case _:
            return picture


def _on_white(picture: Image) -> Image:
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    sheet = Image.new("RGB", layered.size, "white")
    sheet.paste(layered, mask=layered.getchannel("A"))
    return sheet
