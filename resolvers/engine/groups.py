"""Those who are shown the same: what happens is read, executed and encoded once for all of them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

from resolvers.engine.members import Result

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from resolvers.engine.following import Begun, Page, Share
    from resolvers.engine.members import Member


RECENT = 32
"""So much is remembered, for those who come while it happens."""

T = TypeVar("T")


class Recent(Generic[T]):
    """The last of what happened, each with its position: all beyond that of where remembering begins."""

    __slots__ = ("_kept", "_since")

    def __init__(self, since: int) -> None:
        self._kept: deque[tuple[int, T]] = deque()
        self._since = since

    def add(self, position: int, what: T) -> None:
        """Remember something, and forget the oldest if there is much."""
        self._kept.append((position, what))
        if len(self._kept) > RECENT:
            self._since, _ = self._kept.popleft()

    def beyond(self, position: int) -> list[tuple[int, T]] | None:
        """Return what lies beyond a position; None if there was more than is remembered."""
        return None if position < self._since else [each for each in self._kept if each[0] > position]


class Group:
    """
    Members with the same document, variables and share.

    `behind` is the position up to which they were shown everything, or None when there is nothing up to where the hub
    stands; `told` is the last position of which they heard.
    """

    __slots__ = ("_recent", "begun", "behind", "key", "members", "share", "task", "told")

    def __init__(self, key: object, share: Share, begun: Begun, *, told: int) -> None:
        self.key = key
        self.share = share
        self.begun = begun
        self.members: set[Member] = set()
        self.behind: int | None = None
        self.told = told
        self.task: asyncio.Task[None] | None = None
        self._recent: Recent[Result] = Recent(told)

    async def read(self, *, upto: int) -> tuple[Page, list[tuple[int, bytes]]]:
        """Return what comes next for the members, and that as it is sent."""
        assert self.behind is not None
        page = await self.begun.following.read(self.share.reader, self.behind, upto)
        return page, [(event.position, await self.begun.rendering.render(event.value)) for event in page.events]

    def push(self, position: int, body: bytes) -> Iterator[Member]:
        """Send what lies at *position* to the members, without waiting; yield those that cannot take it now."""
        self.told = position
        result = Result(body)
        self._recent.add(position, result)
        for member in tuple(self.members):
            if member.position < position:
                if member.push(result):
                    member.position = position
                else:
                    yield member

    def missed(self, position: int) -> list[tuple[int, Result]] | None:
        """Return what was sent of late that lies beyond *position*; None if there was more than is remembered."""
        return self._recent.beyond(position)
