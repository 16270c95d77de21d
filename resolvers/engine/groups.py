"""Those who are shown the same: what happens is read, executed and encoded once for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.engine.members import Result

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from resolvers.engine.following import Begun, Page, Share
    from resolvers.engine.members import Member


class Group:
    """
    Members with the same document, variables and share.

    `behind` is the position up to which they were shown everything, or None when there is nothing up to where the hub
    stands; `told` is the last position of which they heard.
    """

    __slots__ = ("begun", "behind", "key", "members", "share", "task", "told")

    def __init__(self, key: object, share: Share, begun: Begun, *, told: int) -> None:
        self.key = key
        self.share = share
        self.begun = begun
        self.members: set[Member] = set()
        self.behind: int | None = None
        self.told = told
        self.task: asyncio.Task[None] | None = None

    async def read(self, *, upto: int) -> tuple[Page, list[tuple[int, bytes]]]:
        """Return what comes next for the members, and that as it is sent."""
        assert self.behind is not None
        page = await self.begun.following.read(self.share.reader, self.behind, upto)
        return page, [(event.position, await self.begun.rendering.render(event.value)) for event in page.events]

    def push(self, position: int, body: bytes) -> Iterator[Member]:
        """Send what lies at *position* to the members, without waiting; yield those that cannot take it now."""
        self.told = position
        result = Result(body)
        for member in tuple(self.members):
            if member.position < position:
                if member.push(result):
                    member.position = position
                else:
                    yield member
