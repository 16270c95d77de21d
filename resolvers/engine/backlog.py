"""
What was missed, in pages: read, executed and encoded once for all who come back and are shown the same.

When a server has come back, all who followed at it do so at once, from places near each other. Whoever comes takes the
page that holds their place, if one is being read or was just read; what of it they have seen they leave out.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resolvers.engine.members import Result

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable

    from resolvers.engine.following import Begun, Holder, News, Patience, Share, Source
    from resolvers.engine.members import Member

NEAR = 32
"""From so far before the place of who comes first a page is read, for others who left off a little earlier."""

MOST_PAGES = 64
MOST_BYTES = 16 * 1024 * 1024
"""What is kept, in all."""


@dataclass(frozen=True, slots=True)
class Missed:
    """
    What lies between two positions, as it is sent.

    `topics` are those of the news in it, where these are asked for; `turn` says before whom who came it was read.
    """

    start: int
    end: int
    is_last: bool
    results: tuple[tuple[int, Result], ...]
    topics: Collection[Hashable]
    turn: int

    def tells_all_to(self, member: Member) -> bool:
        """Tell whether nothing is left that had happened when the member came."""
        return self.is_last and self.turn > member.turn

    def is_next_for(self, member: Member) -> bool:
        """Tell whether this is what a member has to be shown next: something, or, the first time, that it was all."""
        if not self.start <= member.position <= self.end:
            return False
        return member.position < self.end or (not member.has_caught_up and self.tells_all_to(member))


@dataclass(eq=False, slots=True)
class _Reading:
    """A page that is being read, or was."""

    key: Hashable
    start: int
    task: asyncio.Task[Missed]
    size_bytes: int = 0

    def may_be_next_for(self, member: Member) -> bool:
        if not self.task.done():
            return self.start <= member.position
        return self.has_come and self.task.result().is_next_for(member)

    @property
    def has_come(self) -> bool:
        return self.task.done() and not self.task.cancelled() and self.task.exception() is None


class Backlog:
    """The pages of a process. None is kept for longer than a session is taken to be good without asking."""

    def __init__(self, source: Source, patience: Patience) -> None:
        self._source, self._fresh = source, patience.fresh
        self._readers = asyncio.Semaphore(patience.readers)
        self._kept = OrderedDict[_Reading, None]()
        self._size_bytes = 0
        self._news: tuple[float, int, News] | None = None
        self.turn = 0
        """How many pages were begun to be read."""

    async def next_for(self, member: Member) -> Missed:
        """Return the next page for a member, read for it alone if there may be something in it for this one alone."""
        share = member.begun.following.share(member.holder)
        page = await self._shared(member, share)
        if share.apart is None or share.apart not in page.topics:
            return page
        async with self._readers:
            self.turn += 1
            return await self._read(member.begun, member.holder, member.position, self.turn)

    def close(self) -> None:
        """Read no more."""
        for reading in self._kept:
            reading.task.cancel()

    async def _shared(self, member: Member, share: Share) -> Missed:
        key = (member.begun.key, share.scope)
        while (reading := self._found(key, member)) is not None:
            # Whoever leaves must not take the page from the others.
            if (page := await asyncio.shield(reading.task)).is_next_for(member):
                return page
        if member.position == member.begun.following.start and (before := member.position % NEAR):
            page = await asyncio.shield(self._begin(key, member.begun, share, member.position - before))
            if page.is_next_for(member):
                return page
        return await asyncio.shield(self._begin(key, member.begun, share, member.position))

    def _found(self, key: Hashable, member: Member) -> _Reading | None:
        return next((each for each in self._kept if each.key == key and each.may_be_next_for(member)), None)

    def _begin(self, key: Hashable, begun: Begun, share: Share, start: int) -> asyncio.Task[Missed]:
        reading = _Reading(key, start, asyncio.create_task(self._page(begun, share, start)))
        self._kept[reading] = None
        self._make_room()
        reading.task.add_done_callback(lambda _: self._keep(reading))
        return reading.task

    async def _page(self, begun: Begun, share: Share, start: int) -> Missed:
        async with self._readers:
            self.turn = turn = self.turn + 1
            if share.apart is None:
                return await self._read(begun, share.reader, start, turn)
            return await self._read(begun, share.reader, start, turn, await self._news_after(start))

    async def _read(self, begun: Begun, reader: Holder, start: int, turn: int, news: News | None = None) -> Missed:
        page = await begun.following.read(reader, start, news.end if news else None)
        results = list[tuple[int, Result]]()
        for event in page.events:
            results.append((event.position, Result(await begun.rendering.render(event.value))))
            await asyncio.sleep(0)  # a page of large results takes long, and others are shown what happens meanwhile
        is_last = page.is_last and (news is None or news.is_last)
        return Missed(start, page.end, is_last, tuple(results), news.topics if news else (), turn)

    async def _news_after(self, start: int) -> News:
        """Return the news from a place on; those that are not the last are about many pages, and kept for these."""
        now = asyncio.get_running_loop().time()
        if self._news is not None:
            asked_at, after, news = self._news
            if now - asked_at < self._fresh and after <= start < news.end:
                return news
        news = await self._source.news(start)
        if not news.is_last:
            self._news = now, start, news
        return news

    def _keep(self, reading: _Reading) -> None:
        """Keep a page that was read, for a while; forget one that could not be."""
        if not reading.has_come:
            self._kept.pop(reading, None)
        elif reading in self._kept:
            reading.size_bytes = sum(len(result.body) for _, result in reading.task.result().results)
            self._size_bytes += reading.size_bytes
            self._make_room()
            asyncio.get_running_loop().call_later(self._fresh, self._forget, reading)

    def _make_room(self) -> None:
        while len(self._kept) > MOST_PAGES or self._size_bytes > MOST_BYTES:
            self._forget(next(iter(self._kept)))

    def _forget(self, reading: _Reading) -> None:
        if reading in self._kept:
            del self._kept[reading]
            self._size_bytes -= reading.size_bytes
