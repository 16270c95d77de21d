"""Mails that are hard to fetch: remembered, so that one of them does not hold up the others again and again."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_LOSSES: Final = 3
"""So often in a row a connection may end inside one mail before that mail has to wait."""

FIRST_REST_SECONDS: Final = 60.0
LONGEST_REST_SECONDS: Final = 3600.0
FIRST_BYTES_SECONDS: Final = 60.0
SLOWEST_BYTES_PER_SECOND: Final = 64 * 1024


@dataclass
class HardMails:
    """
    What one worker remembers of the UIDs of its folder; none of it counts against a mail in the ledger.

    `too_large` are those of which only the header is fetched.
    """

    too_large: set[int] = field(default_factory=set[int])
    clock: Callable[[], float] = time.monotonic
    _losses: dict[int, int] = field(default_factory=dict[int, int])
    _rests_until: dict[int, float] = field(default_factory=dict[int, float])

    def clear(self) -> None:
        """Forget all: the UIDs name other mails now."""
        self.too_large.clear()
        self._losses.clear()
        self._rests_until.clear()

    def rests(self, uid: int) -> bool:
        """Say whether a mail has to wait while others are fetched."""
        return self._rests_until.get(uid, 0.0) > self.clock()

    def seconds_for(self, uid: int, size_bytes: int) -> float:
        """Return how long the fetch of a mail may take; twice as long after each that failed."""
        usual = FIRST_BYTES_SECONDS + size_bytes / SLOWEST_BYTES_PER_SECOND
        return usual * 2.0 ** min(self._losses.get(uid, 0), 8)

    def note_loss(self, uid: int, *, was_slow: bool) -> None:
        """Note that the connection ended inside a mail; one that was only slow has to wait at once."""
        losses = self._losses[uid] = self._losses.get(uid, 0) + 1
        if was_slow or losses >= MOST_LOSSES:
            rests = losses - (1 if was_slow else MOST_LOSSES)
            self._rests_until[uid] = self.clock() + min(LONGEST_REST_SECONDS, FIRST_REST_SECONDS * 2.0 ** min(rests, 8))

    def note_fetched(self, uid: int) -> None:
        """Note that a mail has come whole."""
        self._losses.pop(uid, None)
        self._rests_until.pop(uid, None)
