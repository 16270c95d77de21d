"""Who follows: one subscription of one client, wherever it came in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Hashable

    from resolvers.engine.following import Begun, Holder
    from resolvers.engine.groups import Group


MOST_MADE: Final = 4


class Gone(Exception):
    """A client has left, or was cut off because it takes nothing of what it is sent."""


class Result:
    """One result, for however many members. In `made` stands what is the same for many of them, by how it is named."""

    __slots__ = ("body", "made")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.made: dict[Hashable, bytes] = {}

    def keep(self, name: Hashable, content: bytes) -> bytes:
        """Return what was made, which others may take, too; clients choose names, so only some are kept."""
        if len(self.made) < MOST_MADE:
            self.made[name] = content
        return content


class Sitting:
    """All who follow under one session, and who holds it."""

    __slots__ = ("holder", "members")

    def __init__(self, holder: Holder) -> None:
        self.holder = holder
        self.members: set[Member] = set()


class Member(ABC):
    """
    One subscription of one client. It is served alone until it has caught up, and then by its group.

    `position` is the one rule by which nothing is shown twice: what does not lie beyond it was shown. `turn` says which
    pages of the backlog were begun to be read before it came.
    """

    __slots__ = ("begun", "group", "has_caught_up", "is_admitted", "pay", "position", "sitting", "task", "turn")

    def __init__(self) -> None:
        self.position = self.turn = 0
        self.is_admitted = False
        self.has_caught_up = False
        self.group: Group | None = None
        self.task: asyncio.Task[None] | None = None
        self.begun: Begun
        self.pay: Callable[[], int]
        self.sitting: Sitting

    @property
    def holder(self) -> Holder:
        """Who it is."""
        return self.sitting.holder

    @abstractmethod
    def push(self, result: Result) -> bool:
        """Send a result at once; return False, with nothing sent, if one would have to wait for the client."""

    @abstractmethod
    async def send(self, result: Result) -> None:
        """
        Send a result, waiting for the client.

        Raises:
            Gone: it has left, or took nothing for so long that it was cut off.
        """

    @abstractmethod
    def fail(self, error: Exception, *, is_session_over: bool = False) -> None:
        """Tell the client that it ends, and why; does not wait."""
