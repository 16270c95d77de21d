"""
What it takes to follow something: a log with an order, read in pages, and news that say who should look again.

The resolver of a subscription returns a `Following`; what the log is, and who may see what of it, it alone knows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import asyncio

    from resolvers.engine.rendering import Rendering

Holder = Any
"""Who holds a session, as the application knows them; two that are equal see the same of everything."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as the value of a subscription's root field, and its place in the order."""

    position: int
    value: Any


@dataclass(frozen=True, slots=True)
class Page:
    """
    What a reader is shown after some position, in order.

    There is nothing else for them up to `end`; `is_last` unless there may be more beyond it already.
    """

    events: Sequence[Event]
    end: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class News:
    """That the log has grown up to `end`, and about what; unless it `is_last`, there is more already."""

    topics: Collection[Hashable]
    end: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class Share:
    """
    Whose events are read together: all whose `scope` is the same, as the one `reader`.

    News of none of the `topics` have nothing for them. News of `apart` may show this one holder more, or otherwise,
    than the rest: these are read for them alone.
    """

    scope: Hashable
    reader: Holder
    topics: frozenset[Hashable]
    apart: Hashable | None = None


@dataclass(frozen=True, slots=True)
class Following:
    """
    What is followed, by one document with its variables: from the position `start` on.

    `read` returns what *holder* is shown after a position, and up to another one if that is given; `nothing` makes the
    value that says that there was nothing up to a position.
    """

    start: int
    share: Callable[[Holder], Share]
    read: Callable[[Holder, int, int | None], Awaitable[Page]]
    nothing: Callable[[int], Any]

    def __aiter__(self) -> AsyncIterator[Any]:
        """Look like what a GraphQL executor takes for a stream; nobody iterates over it."""
        raise NotImplementedError


class Source(Protocol):
    """The log, its news, and the sessions under which it is followed."""

    @property
    def outages(self) -> tuple[type[BaseException], ...]:
        """What it raises when it cannot be read for now."""
        ...

    def join(self) -> AbstractContextManager[asyncio.Event]:
        """Return an event that is set whenever the log may have grown, for as long as the block lasts."""
        ...

    async def news(self, after: int) -> News:
        """Return what happened after a position."""
        ...

    def key_of(self, holder: Holder) -> Hashable:
        """Return what names the session that *holder* has."""
        ...

    async def renewed(self, holders: Collection[Holder]) -> Mapping[Any, Holder]:
        """Return by its key who holds each session now; those that have ended are not among them."""
        ...

    def hopeless(self, error: BaseException, /) -> Exception | None:
        """Return what is told to who is shown no more because of an outage that does not pass by itself."""
        ...

    def ended(self, holder: Holder, /) -> Exception:
        """Return what is told to who held a session that has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """
    For how long what.

    Sessions are asked for again before anything is shown if that was `fresh` ago, and every `recheck` seconds, when
    also those are told how far things are who were shown nothing. What cannot be read is tried again after `retry`, and
    given up after so many `tries` if it is hopeless.
    """

    fresh: float = 1.0
    recheck: float = 30.0
    retry: float = 0.5
    tries: int = 3
    readers: int = 4


@dataclass(slots=True)
class Begun:
    """
    A subscription that was begun for one holder: what is followed, and how it is shown.

    `pay` pays for one more page of what was missed, or says in how many seconds there will be enough for it.
    """

    following: Following
    rendering: Rendering
    key: tuple[Hashable, ...]
    pay: Callable[[], int] = lambda: 0

    async def render_nothing(self, position: int) -> bytes:
        """Return the result that says that there was nothing up to a position."""
        return await self.rendering.render(self.following.nothing(position))
