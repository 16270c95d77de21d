"""Parts of a content (RFC 9110, 14): which bytes are asked for, and those only once the whole has proved right."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final

from rules.refusals import InvalidInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

RANGE: Final = re.compile(r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))[ \t]*", re.ASCII | re.IGNORECASE)
"""One range. Several at once, another unit, or what is no range: the whole is sent, as whoever serves may always do."""


PROVED_SECONDS: Final = 600
MOST_PROVED: Final = 10_000


class RangeBeyondEnd(InvalidInput):
    """The range has not one byte of the content (416)."""

    code = "RANGE_NOT_SATISFIABLE"

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"El archivo tiene {size_bytes} bytes; la parte pedida no existe. Pídalo entero.")
        self.size_bytes = size_bytes


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `first` to `last`, both included, of so many."""

    first: int
    last: int
    size_bytes: int

    @property
    def length(self) -> int:
        """How many bytes these are."""
        return self.last - self.first + 1

    def headers(self) -> dict[str, str]:
        """Return what says which part it is."""
        return {
            "content-length": str(self.length),
            "content-range": f"bytes {self.first}-{self.last}/{self.size_bytes}",
        }


def part_asked(headers: Mapping[str, str], *, etag: str, size_bytes: int) -> Part | None:
    """
    Return the part that a GET asks for; None if it is to have the whole.

    Also with an `If-Range` that is not our strong entity tag to the letter: what they have is of something else.

    Raises:
        RangeBeyondEnd: the content ends before it.
    """
    asked = RANGE.fullmatch(headers.get("range", ""))
    if asked is None or headers.get("if-range", etag).strip() != etag:
        return None
    if asked[3] is not None:
        length = min(int(asked[3]), size_bytes)
        first, last = size_bytes - length, size_bytes - 1
    else:
        first = int(asked[1])
        last = min(int(asked[2]), size_bytes - 1) if asked[2] else size_bytes - 1
        if asked[2] and int(asked[2]) < first:
            return None
    if first > last:
        raise RangeBeyondEnd(size_bytes)
    return Part(first, last, size_bytes)


async def part_of(chunks: AsyncIterator[bytes], part: Part) -> AsyncIterator[bytes]:
    """
    Yield that part of what *chunks* are together; all of them are taken, and its last bytes held back until then.

    What yields them raises at their end if they are not what was handed in: then the part is never whole.
    """
    at, held = 0, b""
    async for chunk in chunks:
        piece = chunk[max(part.first - at, 0) : max(part.last + 1 - at, 0)]
        at += len(chunk)
        if piece:
            if held:
                yield held
            held = piece
    if held:
        yield held


class Proved:
    """Remembers for ten minutes which contents were read whole, and right: of those a part is read alone."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, float] = OrderedDict()

    def note(self, sha256: str) -> None:
        """Note that all of a content was read just now and has proved right."""
        self._known[sha256] = monotonic()
        self._known.move_to_end(sha256)
        if len(self._known) > MOST_PROVED:
            self._known.popitem(last=False)

    def is_of_late(self, sha256: str) -> bool:
        """Tell whether that was in the last ten minutes."""
        return self._known.get(sha256, -PROVED_SECONDS) + PROVED_SECONDS > monotonic()
