"""The emblem that receipts show, read and made ready once, at start."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LARGEST_FILE: Final = 100_000
LONGEST_SIDE: Final = 1024
PRINTED_SIDE: Final = 256
"""Pixels that are printed on half an inch."""


@dataclass(frozen=True, slots=True)
class Emblem:
    """The file it comes from, and what receipts show of it: a PNG without transparency, known by its SHA-256."""

    path: str
    content: bytes

    def __str__(self) -> str:
        return self.path

    @property
    def sha256(self) -> str:
        """The name of its content in the store."""
        return hashlib.sha256(self.content).hexdigest()


def read_emblem(path: str) -> Emblem:
    """
    Return the emblem in the file at *path*, on white.

    Raises:
        ValueError: saying what the file must be.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ValueError(f"must name a file that can be read: {type(error).__name__}") from None
    if len(data) > LARGEST_FILE:
        raise ValueError(f"must name a file of at most {LARGEST_FILE // 1000} kB")
    return Emblem(path, _flatten(data))


def _flatten(data: bytes) -> bytes:
    """Return the picture as an RGB PNG of no more pixels than are printed."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as picture:
            if max(picture.size) > LONGEST_SIDE:
                raise ValueError(f"must name a picture of at most {LONGEST_SIDE} pixels a side")
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
        raise ValueError(f"must name a sound PNG or JPEG: {type(error).__name__}") from None
    upright.thumbnail((PRINTED_SIDE, PRINTED_SIDE))
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright)
    target = io.BytesIO()
    flat.save(target, "PNG", optimize=True)
    return target.getvalue()
