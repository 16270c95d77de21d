"""Documents to be handed in, made on the spot."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

import pikepdf

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 2640
"""So many points square, in three bytes each, come to nearly 20 MB."""


def a_pdf(pages: int = 1) -> bytes:
    """Return a PDF of so many blank pages."""
    made, pdf = io.BytesIO(), pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    pdf.save(made)
    return made.getvalue()


def write_large_pdf(path: Path) -> None:
    """Write a scanned page that nothing makes smaller: a real PDF of nearly 20 MB."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    noise = pikepdf.Stream(document, random.Random(9).randbytes(SIDE * SIDE * 3))
    noise.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=SIDE,
        Height=SIDE,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
    )
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=noise))
    page.Contents = document.make_stream(b"q 595 0 0 842 0 0 cm /Im Do Q")
    document.save(path, compress_streams=False)
    assert 19.5 < path.stat().st_size / 2**20 <= 20
