"""How much whoever asks may cost over time, and how many of their operations may run at once: kept in memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable
from math import ceil, inf
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_KEPT: Final = 20_000
"""About four megabytes; of those who have not asked for longest nothing is kept, and they have a full budget then."""

MINUTE: Final = 60.0
NO_SEAT: Final = -1


class Allowance:
    """
    What one account, or one network, may still spend, and the seats that its operations have taken.

    Points are as in a bucket that is filled evenly: all that is kept of it is when it will be full again. Who is to be
    answered is told that there is no seat; who begins to follow waits for one, for as many of these come at once after
    a break as sockets allow.
    """

    __slots__ = ("_full_at", "_of", "_seats", "_taken", "_waiting")

    def __init__(self, of: Allowances, seats: float) -> None:
        self._of, self._seats = of, seats
        self._full_at = 0.0
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] | None = None

    @property
    def is_in_use(self) -> bool:
        """Whether an operation has a seat."""
        return self._taken > 0

    def spend(self, points: int, *, seats: int = 0) -> int:
        """
        Take the points of one operation, and so many seats.

        Return 0; or after how many seconds there will be enough points, and none are taken; or NO_SEAT, if points were
        taken and no seat is free. What costs more than a whole bucket is let through by a full one, and emptied for
        longer.
        """
        of = self._of
        now = of.clock()
        begins = max(now, self._full_at)
        full_at = begins + points * of.seconds_each
        if full_at > now + MINUTE and begins > now:
            return max(1, ceil(begins - now - max(0.0, MINUTE - points * of.seconds_each)))
        self._full_at = full_at
        taken = self._taken + seats
        if taken > self._seats:
            return NO_SEAT
        self._taken = taken
        return 0

    def take(self) -> bool:
        """Take a seat; return False if there is none."""
        if self._taken >= self._seats:
            return False
        self._taken += 1
        return True

    async def wait(self, seconds: float) -> bool:
        """Take a seat, after those who waited before; return False if it is not one's turn for so long."""
        if self.take():
            return True
        turn = asyncio.get_running_loop().create_future()
        if self._waiting is None:
            self._waiting = deque()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except TimeoutError:
            return not turn.cancelled()  # it may just have been given one
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.free()  # it was just given one
            raise
        return True

    def free(self) -> None:
        """Give a seat to whoever has waited longest, or back."""
        if self._waiting is None or not self._was_given_on(self._waiting):
            self._taken -= 1

    def _was_given_on(self, waiting: deque[asyncio.Future[None]]) -> bool:
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return True
        self._waiting = None
        return False


def _any_number(_payer: Hashable) -> float:
    return inf


class Allowances:
    """
    The allowances of all who ask: so many points at once, and as many again in each minute.

    They are those of one process: with several, somebody has as much at each. What must hold for all together, such as
    the guessing of passwords, is counted in the database.
    """

    def __init__(
        self,
        per_minute: int | None,
        seats: Callable[[Hashable], float] = _any_number,
        *,
        clock: Callable[[], float] = monotonic,
        most: int = MOST_KEPT,
    ) -> None:
        """Give so many points *per minute* to each, None for any number, and *seats* by who it is."""
        self.seconds_each = 0.0 if per_minute is None else MINUTE / per_minute
        """How long it takes to fill a bucket by one point."""
        self.clock = clock
        self._seats = seats
        self._most_recent = most // 2
        # Two halves, so that those who asked last are known without moving one each time somebody asks.
        self._recent, self._before = dict[Hashable, Allowance](), dict[Hashable, Allowance]()
        self.known = self._recent.get
        """Returns what somebody has who asked lately, or None; it is asked with each operation."""

    def of(self, payer: Hashable) -> Allowance:
        """Return what somebody has."""
        return self.known(payer) or self._found(payer)

    def _found(self, payer: Hashable) -> Allowance:
        allowance = self._before.pop(payer, None) or Allowance(self, self._seats(payer))
        if len(self._recent) >= self._most_recent:
            in_use = {each: kept for each, kept in self._before.items() if kept.is_in_use}
            self._before = self._recent.copy()
            self._recent.clear()
            self._recent |= in_use
        self._recent[payer] = allowance
        return allowance
