"""Pages without text as pictures for a machine to recognize: grey, of a bounded size; in the jail."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from files.texts import LOW_PRIORITY
from rules.files import PDF_MARK, PDF_MARK_WITHIN_BYTES

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE = "files.text_pictures:picture"
DOTS_AN_INCH = 300
MOST_PIXELS = 12_000_000
"""A page of A4 has 8,700,000 at that."""

MOST_READ_PIXELS = 100_000_000


def picture(asked: bytes) -> bytes:
    """
    Return a page as a grey picture (PGM) of the file that JSON names: `path`, and the `page` from 1 on.

    Raises:
        Exception: whatever keeps it from being one; the jail tells.
    """
    os.setpriority(os.PRIO_PROCESS, 0, LOW_PRIORITY)
    values: dict[str, Any] = json.loads(asked)
    with open(values["path"], "rb") as file:  # noqa: PTH123 - in the jail nothing is gained by a Path
        is_pdf = PDF_MARK in file.read(PDF_MARK_WITHIN_BYTES + len(PDF_MARK))
    shown = _of_page(values["path"], values["page"]) if is_pdf else _of_image(values["path"])
    return b"P5 %d %d 255\n" % shown.size + shown.tobytes()


def _of_page(path: str, page: int) -> Image:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    shown = document[page - 1]
    width, height = shown.get_size()
    scale = min(DOTS_AN_INCH / 72, (MOST_PIXELS / max(1.0, width * height)) ** 0.5)
    bitmap = shown.render(scale=scale, grayscale=True)  # pyright: ignore[reportArgumentType] - a float, as documented
    return bitmap.to_pil().convert("L")


def _of_image(path: str) -> Image:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_READ_PIXELS // 2  # twice as many are an error
    with Image.open(path, formats=("PNG", "JPEG")) as image:
        side = int(MOST_PIXELS**0.5)
        image.draft("L", (side, side))
        # A telephone that is held upright often says so instead of turning the picture: lines must lie level.
        grey = ImageOps.exif_transpose(image.convert("L"))
    grey.thumbnail((2 * side, side) if grey.width > grey.height else (side, 2 * side))
    return grey
