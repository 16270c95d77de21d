"""How many connections may stay open at once: for each who comes, and in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

MOST_IN_ALL = 10_000


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who may stay, with at most so many connections at once."""

    key: Hashable
    most: int


class Places:
    """The places that are taken."""

    def __init__(self, *, most: int = MOST_IN_ALL) -> None:
        self._most = most
        self._taken = Counter[Hashable]()
        self._in_all = 0

    @property
    def is_full(self) -> bool:
        """Whether nobody else can stay."""
        return self._in_all >= self._most

    def take(self, guest: Guest) -> bool:
        """Take a place for *guest*; return False if they have all of theirs."""
        if self.is_full or self._taken[guest.key] >= guest.most:
            return False
        self._taken[guest.key] += 1
        self._in_all += 1
        return True

    def free(self, guest: Guest) -> None:
        """Give a place back."""
        self._in_all -= 1
        self._taken[guest.key] -= 1
        if not self._taken[guest.key]:
            del self._taken[guest.key]
