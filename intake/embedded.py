"""Files that old programs write into the text of a mail: uuencoded, or as yEnc."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.anatomy import Encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.headers import Bytes
    from intake.structure import Leaf

MOST_BEGINNINGS: Final = 200
LONGEST_LINE: Final = 400

_UU = re.compile(rb"begin [0-7]{3,4} ([^\r\n]{1,300})\r?\n[\x20-\x60][\x20-\x60]*\r?\n")
_YENC = re.compile(rb"=ybegin ([^\r\n]{0,200}?)name=([^\r\n]{1,200})\r?\n")
_ENDS: Final = {Encoding.UUENCODE: b"\nend", Encoding.YENC: b"\n=yend"}


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file between two lines of text; `is_fragment` if it is one part of several."""

    encoding: Encoding
    raw_name: bytes
    start: int
    end: int
    is_fragment: bool = False


def find_embedded(data: Bytes, leaf: Leaf) -> list[EmbeddedFile]:
    """Return the files in a text, in order; one without an end is none."""
    if leaf.encoding is not Encoding.AS_IS:
        return []
    found: list[EmbeddedFile] = []
    position = leaf.start
    for start in _beginnings(data, leaf):
        file = _file(data, start, leaf.end) if start >= position else None
        if file:
            found.append(file)
            position = file.end
    return found


def _beginnings(data: Bytes, leaf: Leaf) -> Iterator[int]:
    """Yield where lines begin that could open a file, not many of them."""
    for mark in (b"begin ", b"=ybegin "):
        if data[leaf.start : leaf.start + len(mark)] == mark:
            yield leaf.start
        position = leaf.start
        for _ in range(MOST_BEGINNINGS):
            position = data.find(b"\n" + mark, position, leaf.end) + 1
            if not position:
                break
            yield position


def _file(data: Bytes, start: int, end: int) -> EmbeddedFile | None:
    opening = data[start : min(end, start + LONGEST_LINE)]
    uu, yenc = _UU.match(opening), _YENC.match(opening)
    match = uu or yenc
    if match is None:
        return None
    encoding = Encoding.UUENCODE if uu else Encoding.YENC
    mark = _ENDS[encoding]
    closing = data.find(mark, start, end)
    if closing < 0:
        return None
    line_end = data.find(b"\n", closing + len(mark), end)
    stop = line_end + 1 if line_end >= 0 else end
    raw_name = match[1] if uu else match[2]
    return EmbeddedFile(encoding, raw_name, start, stop, is_fragment=bool(yenc and b"part=" in yenc[1]))
