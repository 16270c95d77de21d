"""A scan as it is handed in: pages that are photographs, and nothing else."""

from __future__ import annotations

import io
import random

import pikepdf
from PIL import Image

PAGE_BYTES = 2**20
PLACE = PAGE_BYTES // 2
"""Among the points of the first page."""


def scan(pages: int) -> bytes:
    """Return pages, each a photograph of 1 MB, as a scanner makes them."""
    noise = random.Random(1)
    page = io.BytesIO()
    Image.linear_gradient("L").resize((1240, 1754)).convert("RGB").save(page, "JPEG")
    made, written = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        # Points are not drawn by who checks: any bytes will do for them.
        points = page.getvalue()[:-2] + noise.randbytes(PAGE_BYTES).replace(b"\xff", b"\xfe") + b"\xff\xd9"
        image = pikepdf.Stream(made, points, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
        image.Width, image.Height, image.BitsPerComponent = 1240, 1754, 8
        image.ColorSpace, image.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
        drawn = made.add_blank_page(page_size=(595, 842))
        drawn.Contents = made.make_stream(b"q 595 0 0 842 0 0 cm /I Do Q")
        drawn.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
    made.save(written, deterministic_id=True)
    return written.getvalue()


def another(content: bytes, number: int) -> bytes:
    """Return a scan like this one, with a few other points."""
    mark = b"%+012d" % number
    return content[:PLACE] + mark + content[PLACE + len(mark) :]
