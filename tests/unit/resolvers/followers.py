"""A log in memory that is followed, and followers who write down what they are shown."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Generator, Hashable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from resolvers.engine.following import Begun, Event, Following, News, Page, Share
from resolvers.engine.members import Gone, Member, Result


class Away(Exception):
    """The log cannot be read for now."""


@dataclass
class Log:
    """
    Numbers that grow, each about somebody; whoever reads has to wait a little, for a different time each time.

    Holders are texts such as «clerk-1»: all of one kind are shown the same, but for what is about themselves alone.
    """

    chance: random.Random
    page: int = 4
    entries: list[str] = field(default_factory=list[str])
    over: set[str] = field(default_factory=set[str])
    moved: dict[str, str] = field(default_factory=dict[str, str])
    reads: int = 0
    failures: float = 0.0
    failing: str = ""
    failed: int = 0
    lost: Exception | None = None
    outages = (Away,)
    woken: set[asyncio.Event] = field(default_factory=set[asyncio.Event])

    def append(self, about: str) -> None:
        """Write an entry about somebody and wake those who follow."""
        self.entries.append(about)
        for news in self.woken:
            news.set()

    async def _takes_its_time(self, doing: str = "") -> None:
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)
        if self.chance.random() < self.failures:
            raise Away
        if doing and doing == self.failing:
            self.failed += 1
            raise Away

    @contextmanager
    def join(self) -> Generator[asyncio.Event]:
        """Return an event that is set at each entry."""
        news = asyncio.Event()
        self.woken.add(news)
        yield news
        self.woken.discard(news)

    async def news(self, after: int) -> News:
        """Return whom the entries after a position are about, a few at a time."""
        await self._takes_its_time()
        found = self.entries[after : after + self.page]
        end = after + len(found)
        await self._takes_its_time()
        return News({"any", *found}, end, is_last=end == len(self.entries))

    async def read(self, holder: str, after: int, upto: int | None) -> Page:
        """Return the next entries that are for a holder."""
        self.reads += 1
        await self._takes_its_time("read")
        end = len(self.entries) if upto is None else upto
        seen = [place for place in range(after + 1, end + 1) if is_for(holder, self.entries[place - 1])]
        await self._takes_its_time()
        if len(seen) > self.page:
            return Page([_event(each, holder) for each in seen[: self.page]], seen[self.page - 1], is_last=False)
        return Page([_event(each, holder) for each in seen], max(after, end), is_last=True)

    def share(self, holder: str) -> Share:
        """Return with whom a holder shares."""
        kind = holder.partition("-")[0]
        return Share(kind, kind, frozenset({"any"} if kind == "clerk" else {kind}), apart=holder)

    def following(self, start: int) -> Following:
        """Return what follows the log."""
        return Following(start, self.share, self.read, lambda position: _event(position, "nobody", "nothing").value)

    def key_of(self, holder: str) -> Hashable:
        """Return the session of a holder, which is the part of the name that stays."""
        return holder.partition("-")[2]

    async def renewed(self, holders: Collection[str]) -> dict[Hashable, str]:
        """Return who they are now."""
        await self._takes_its_time()
        now = {self.key_of(each): self.moved.get(each, each) for each in holders}
        return {key: each for key, each in now.items() if key not in self.over}

    def hopeless(self, error: BaseException) -> Exception | None:
        """Return what is told when the log does not come back, if it does not."""
        return self.lost

    def ended(self, holder: str) -> Exception:
        """Return what is told at the end of a session."""
        return Away("session ended")


def is_for(holder: str, about: str) -> bool:
    """Say whether an entry is for a holder: «any» is for all clerks, a kind for those of it, a name for its bearer."""
    kind = holder.partition("-")[0]
    return about in (kind, holder) or (kind == "clerk" and about == "any")


def _event(position: int, holder: str, kind: str = "event") -> Event:
    return Event(position, (position, kind, holder))


class Rendering:
    """Makes bytes of values, and counts how often."""

    def __init__(self) -> None:
        self.made = 0

    async def render(self, value: Any) -> bytes:
        """Return a value as bytes."""
        self.made += 1
        return repr(value).encode()


class Follower(Member):
    """Somebody who follows, and takes nothing now and then."""

    def __init__(self, chance: random.Random, *, laziness: float = 0.0) -> None:
        super().__init__()
        self._chance, self._laziness = chance, laziness
        self.seen: list[int] = []
        self.told: list[int] = []
        self.failed: Exception | None = None
        self.is_gone = False

    def push(self, result: Result) -> bool:
        """Take a result, or not."""
        if self._chance.random() < self._laziness:
            return False
        self._take(result.body)
        return True

    async def send(self, result: Result) -> None:
        """Take a result in one's own time."""
        for _ in range(self._chance.choice([0, 1, 2, 20])):
            await asyncio.sleep(0)
        if self.is_gone:
            raise Gone
        self._take(result.body)

    def fail(self, error: Exception, *, is_session_over: bool = False) -> None:
        """Note the end."""
        self.failed = error

    def _take(self, body: bytes) -> None:
        position, kind, _holder = eval(body)
        (self.seen if kind == "event" else self.told).append(position)

    @property
    def cursor(self) -> int:
        """The last position that was told, by whatever message."""
        return max([*self.seen[-1:], *self.told[-1:]], default=0)


def begun(log: Log, rendering: Rendering, *, start: int = 0, document: str = "one") -> Begun:
    """Return a subscription to the log."""
    return Begun(log.following(start), rendering, (document,))  # type: ignore[arg-type]
