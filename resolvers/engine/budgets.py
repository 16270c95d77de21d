"""How much whoever asks may cost over time: one bucket of points for each, filled evenly, kept in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_PAYERS: Final = 20_000
"""About four megabytes; whoever has not asked for longest is forgotten, and has a full bucket then."""

MINUTE: Final = 60.0


@dataclass(slots=True)
class _Bucket:
    points: float
    at: float


class Budgets:
    """
    What each may spend: so many points at once, and as many again in each minute.

    They are those of one process: with several, somebody may spend as much at each. What must hold for all together,
    such as the guessing of passwords, is counted in the database.
    """

    def __init__(
        self, per_minute: int, *, clock: Callable[[], float] = monotonic, most_payers: int = MOST_PAYERS
    ) -> None:
        self.per_minute = per_minute
        self._each_second = per_minute / MINUTE
        self._clock, self._most = clock, most_payers
        self._buckets = OrderedDict[Hashable, _Bucket]()

    def spend(self, payer: Hashable, points: int) -> int:
        """
        Take the points of one operation; return 0, or after how many seconds there will be enough, and take none.

        What costs more than a whole bucket is let through by a full one, and emptied for longer.
        """
        now, buckets = self._clock(), self._buckets
        bucket = buckets.get(payer)
        if bucket is None:
            bucket = self._opened(payer, now)
        else:
            bucket.points += (now - bucket.at) * self._each_second
            if bucket.points > self.per_minute:
                bucket.points = float(self.per_minute)
            bucket.at = now
            buckets.move_to_end(payer)
        if points <= bucket.points or bucket.points >= self.per_minute:
            bucket.points -= points
            return 0
        return max(1, ceil((min(points, self.per_minute) - bucket.points) / self._each_second))

    def left(self, payer: Hashable) -> int:
        """Return what somebody had left when they asked last."""
        bucket = self._buckets.get(payer)
        return self.per_minute if bucket is None else max(0, int(bucket.points))

    def _opened(self, payer: Hashable, now: float) -> _Bucket:
        if len(self._buckets) >= self._most:
            self._buckets.popitem(last=False)
        bucket = self._buckets[payer] = _Bucket(float(self.per_minute), now)
        return bucket
