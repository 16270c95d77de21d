"""Under whose sessions things are followed, and whether they still are theirs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from resolvers.engine.members import Sitting

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from resolvers.engine.following import Holder, Source
    from resolvers.engine.members import Member

AT_ONCE = 500
"""More in one statement would take the loop for longer than a client should notice."""


class Sittings:
    """All sittings of a process. Who holds each now is told to `renew`, which ends what none holds any more."""

    def __init__(self, source: Source, *, fresh: float, renew: Callable[[Sitting, Holder | None], None]) -> None:
        self._source, self._fresh, self._renew = source, fresh, renew
        self._sittings: dict[Hashable, Sitting] = {}
        self._checked_at = 0.0
        self._checking = asyncio.Lock()

    @property
    def members(self) -> int:
        """How many follow."""
        return sum(len(sitting.members) for sitting in self._sittings.values())

    def take(self, member: Member, holder: Holder) -> Sitting:
        """Return the sitting of a member, whose session was just found to be that of *holder*."""
        key = self._source.key_of(holder)
        sitting = self._sittings.get(key)
        if sitting is None:
            sitting = self._sittings[key] = Sitting(holder)
        elif holder != sitting.holder:
            self._renew(sitting, holder)
        sitting.members.add(member)
        return sitting

    def leave(self, member: Member) -> None:
        """Forget a member."""
        sitting, key = member.sitting, self._source.key_of(member.holder)
        sitting.members.discard(member)
        if not sitting.members and self._sittings.get(key) is sitting:
            del self._sittings[key]

    async def check(self) -> bool:
        """Ask, for all at once, whose sessions they are by now; return False if that was asked just before."""
        async with self._checking:
            now = asyncio.get_running_loop().time()
            if not self._sittings:
                return True
            if now - self._checked_at < self._fresh:
                return False
            sittings = list(self._sittings.values())
            for start in range(0, len(sittings), AT_ONCE):
                await self._check(sittings[start : start + AT_ONCE])
            self._checked_at = now
        return True

    async def _check(self, sittings: list[Sitting]) -> None:
        renewed = await self._source.renewed([sitting.holder for sitting in sittings])
        for sitting in sittings:
            self._renew(sitting, renewed.get(self._source.key_of(sitting.holder)))
