"""PDFs and pictures that show something, for tests of how files are seen."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

A4 = (595, 842)
RED, BLUE = (255, 0, 0), (0, 0, 255)


def pdf_of(
    *colours: tuple[int, int, int], size: tuple[float, float] = A4, content: bytes = b"", password: str = ""
) -> bytes:
    """Return a PDF with a page for each colour, filled with it; one red page if none is given."""
    document, saved = pikepdf.new(), io.BytesIO()
    for colour in colours or (RED,):
        page = document.add_blank_page(page_size=(3, 3))
        page.mediabox = pikepdf.Array([0, 0, *size])
        fill = " ".join(str(part / 255) for part in colour)
        page.Contents = document.make_stream(f"{fill} rg 0 0 {size[0]} {size[1]} re f\n".encode() + content)
    locked = pikepdf.Encryption(owner=password, user=password) if password else False
    document.save(saved, encryption=locked, deterministic_id=not password)
    return saved.getvalue()


def picture_of(
    form: str, size: tuple[int, int], colours: Sequence[tuple[int, int, int]] = (RED, BLUE), *, turned: int = 1
) -> bytes:
    """Return a picture with one colour to the left and one to the right, and that EXIF orientation."""
    image, saved = Image.new("RGB", size, colours[0]), io.BytesIO()
    image.paste(colours[1], (size[0] // 2, 0, *size))
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010E] = "taken at home"
    image.save(saved, form, exif=exif)
    return saved.getvalue()


def seen(picture: bytes) -> Image.Image:
    """Return what is to be seen."""
    image = Image.open(io.BytesIO(picture), formats=("WEBP",))
    image.load()
    return image


def is_near(point: object, colour: tuple[int, int, int]) -> bool:
    """Tell whether a point has about that colour."""
    assert isinstance(point, tuple)
    return all(abs(a - b) < 40 for a, b in zip(point, colour, strict=True))
