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
_YENC = re.compile(rb"=ybegin [^\r\n]{0,200}? name=([^\r\n]{1,200})\r?\n")
_FORMS: Final = ((Encoding.UUENCODE, b"begin ", _UU), (Encoding.YENC, b"=ybegin ", _YENC))
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
    for encoding, mark, opening in _FORMS:
        last_end = data.rfind(_ENDS[encoding], leaf.start, leaf.end)
        position = leaf.start
        for start in _beginnings(data, leaf, mark):
            match = opening.match(data[start : min(leaf.end, start + LONGEST_LINE)])
            if match is None or start < position or start >= last_end:
                continue
            position = _end(data, start, leaf.end, mark=_ENDS[encoding])
            found.append(EmbeddedFile(encoding, match[1], start, position, is_fragment=b" part=" in match[0]))
    return sorted(found, key=lambda each: each.start)


def _beginnings(data: Bytes, leaf: Leaf, mark: bytes) -> Iterator[int]:
    """Yield where lines begin that could open a file, not many of them."""
    if data[leaf.start : leaf.start + len(mark)] == mark:
        yield leaf.start
    position = leaf.start
    for _ in range(MOST_BEGINNINGS):
        position = data.find(b"\n" + mark, position, leaf.end) + 1
        if not position:
            return
        yield position


def _end(data: Bytes, start: int, end: int, *, mark: bytes) -> int:
    """Return where the line ends that closes a file; there is one."""
    closing = data.find(mark, start, end)
    return data.find(b"\n", closing + len(mark), end) + 1 or end
