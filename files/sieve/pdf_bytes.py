"""A PDF looked at as bytes, where its own tables cannot be trusted or are too long to be walked through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from files.sieve.pdf_streams import of_structure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

_HOLDERS: Final = re.compile(rb"/(?:ObjStm|XRef)(?![^\s/\[\]<>()])")
_STREAM: Final = re.compile(rb"stream\r?\n")
_NEAR: Final = 2048
_MOST_HOLDERS: Final = 20_000


def is_bomb_inside(data: mmap) -> bool:
    """Say whether what must be inflated to open the file at all would be too large."""
    inflation = of_structure()
    for held in holders(data):
        inflation.add_flate(held)
    return inflation.is_bomb


def holders(data: mmap) -> Iterator[bytes]:
    """Return, as they are in the file, the streams that hold objects or say where objects are."""
    for number, found in enumerate(_HOLDERS.finditer(data)):
        start = _STREAM.search(data, found.end(), found.end() + _NEAR)
        if number > _MOST_HOLDERS:
            return
        if start:
            end = data.find(b"endstream", start.end())
            yield data[start.end() : end if end >= 0 else len(data)]
