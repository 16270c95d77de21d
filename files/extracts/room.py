"""How much may be taken out of one file: what is beyond is not seen, and that is said."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MEBIBYTE: Final = 1 << 20

MOST_FILES: Final = 10_000
"""As many as clamd opens of one file, unless its `MaxFiles` says otherwise."""
MOST_BYTES: Final = 200 * MEBIBYTE
MOST_BYTES_EACH: Final = 64 * MEBIBYTE
MOST_DEPTH: Final = 5
MOST_SECONDS: Final = 40.0


class Unreadable(Exception):
    """What is inside a file, or in this part of it, cannot be taken out: it is locked, damaged or not understood."""


class Full(Exception):
    """There is no room for more, in number, in bytes or in time."""


@dataclass(slots=True)
class Room:
    """What is left of the limits, for one file with all that is inside."""

    files: int = MOST_FILES
    size_bytes: int = MOST_BYTES
    bytes_each: int = MOST_BYTES_EACH
    unpacked_bytes: int = MOST_BYTES
    """Of what is in archives, whether it is taken out or not: what clamd's `MaxScanSize` is to be."""
    depth: int = MOST_DEPTH
    seconds: float = MOST_SECONDS
    clock: Callable[[], float] = time.monotonic
    is_all_seen: bool = True
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        """Start the time."""
        self._began = self.clock()

    def miss(self) -> None:
        """Note that something was not seen."""
        self.is_all_seen = False

    def pass_by(self, size_bytes: int) -> None:
        """Note what is in an archive, for clamd to look at: too large a file, or too much in all, it does not see."""
        self.unpacked_bytes -= size_bytes
        if size_bytes > self.bytes_each or self.unpacked_bytes < 0:
            self.miss()

    def enter(self, files: int = 1) -> None:
        """
        Take so many files.

        Raises:
            Full: there are more than may be, or the time is up.
        """
        self.files -= files
        if self.files < 0 or self.clock() - self._began > self.seconds:
            raise Full

    def take(self, size_bytes: int) -> None:
        """
        Take so many bytes.

        Raises:
            Full: they are more than may be.
        """
        self.size_bytes -= size_bytes
        if self.size_bytes < 0:
            raise Full

    def fits(self, size_bytes: int) -> bool:
        """Say whether one file may be so large."""
        return size_bytes <= min(self.bytes_each, self.size_bytes)
