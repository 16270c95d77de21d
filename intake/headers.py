"""Header fields of a mail or of a part: where they end, and what each holds; for any bytes, within bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from intake.anatomy import Suspicion

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_BLOCK: Final = 256 * 1024
MOST_FIELDS: Final = 1000

_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]+)([ \t]*):(.*)", re.DOTALL)
_HIDDEN_FIELD: Final = b"\ncontent-"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Bytes(Protocol):
    """What is parsed: bytes, or a file mapped into memory."""

    def find(self, sub: bytes, start: int, end: int, /) -> int: ...
    def rfind(self, sub: bytes, start: int, end: int, /) -> int: ...
    def __getitem__(self, index: slice, /) -> bytes: ...
    def __len__(self) -> int: ...


@dataclass(slots=True)
class Fields:
    """
    The fields of one header block, names in lower case, in order.

    Values are unfolded and hold one character for each byte (as Latin-1 does): nothing is lost or decoded yet.
    """

    body_start: int
    items: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    suspicions: set[Suspicion] = field(default_factory=set[Suspicion])

    def values(self, name: str) -> list[str]:
        """Return the values of all fields of that name."""
        return [value for known, value in self.items if known == name]

    def first(self, name: str) -> str | None:
        """Return the value of the first field of that name."""
        return next(iter(self.values(name)), None)


def read_fields(data: Bytes, start: int, end: int) -> Fields:
    """
    Return the header fields of what lies between *start* and *end*.

    They end at an empty line or, as other readers have it, at the first line that is no field: the body begins there.
    """
    stop, body_start = _block_end(data, start, end)
    block = data[start:stop]
    found = Fields(body_start)
    if stop - start == LONGEST_BLOCK:
        found.suspicions.add(Suspicion.HEADER_TOO_LONG)
    if b"\0" in block:
        found.suspicions.add(Suspicion.NUL_IN_HEADER)
    if b"\r" in block.replace(b"\r\n", b"\n").removesuffix(b"\r"):
        found.suspicions.add(Suspicion.BARE_CR_IN_HEADER)
    _collect(found, block, start)
    return found


def _block_end(data: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return where the header block ends and where the body begins; of a block too long, the body is not looked for."""
    for blank in (b"\n", b"\r\n"):
        if data[start : min(start + len(blank), end)] == blank:
            return start, start + len(blank)
    bound = min(end, start + LONGEST_BLOCK)
    if found := _first_blank_line(data, start, bound):
        return found
    return bound, end


def _first_blank_line(data: Bytes, start: int, bound: int) -> tuple[int, int] | None:
    """Return where the line before it ends, and where the one behind it begins."""
    found = None
    for blank in (b"\n\r\n", b"\n\n"):
        position = data.find(blank, start, bound)
        if position >= 0:
            found = position + 1, position + len(blank)
            bound = position + 1  # the other kind matters only before it
    return found


def _collect(found: Fields, block: bytes, start: int) -> None:
    name, pieces = "", list[bytes]()
    for position, text in _lines(block):
        if text[:1] in (b" ", b"\t") and name:
            pieces.append(text)
            continue
        match = _FIELD.fullmatch(text)
        if match is None and not position and text.startswith((b"From ", b">From ")):
            continue  # the envelope line of an mbox
        _keep(found, name, pieces)
        if match is None:
            _end_early(found, start + position, rest=block[position:])
            return
        if len(found.items) == MOST_FIELDS:
            found.suspicions.add(Suspicion.TOO_MANY_FIELDS)
            return
        if match[2]:
            found.suspicions.add(Suspicion.BROKEN_HEADER)
        name, pieces = match[1].decode("ascii").lower(), [match[3]]
    _keep(found, name, pieces)


def _end_early(found: Fields, position: int, *, rest: bytes) -> None:
    """
    Begin the body at a line that is no field; only a part without any field may do so without being odd.

    Nor may it if other readers pass over that line and find the fields of a file behind it.
    """
    if found.items or not position or _HIDDEN_FIELD in rest.lower():
        found.suspicions.add(Suspicion.BROKEN_HEADER)
    found.body_start = position


def _keep(found: Fields, name: str, pieces: list[bytes]) -> None:
    if name:
        found.items.append((name, b"".join(pieces).decode("latin-1").strip()))


def _lines(block: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(block):
        after = block.find(b"\n", position) + 1 or len(block)
        line = block[position:after].rstrip(b"\r\n")
        yield position, line if position else line.removeprefix(_BYTE_ORDER_MARK)
        position = after
