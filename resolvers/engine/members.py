"""Who follows: one subscription of one client, wherever it came in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Hashable

    from resolvers.engine.following import Following, Holder
    from resolvers.engine.groups import Group
    from resolvers.engine.rendering import Rendering


class Gone(Exception):
    """A client has left, or was cut off because it takes nothing of what it is sent."""


class Member(ABC):
    """
    One subscription of one client. It is served alone until it has caught up, and then by its group.

    `position` is the one rule by which nothing is shown twice: what does not lie beyond it was shown.
    """

    __slots__ = (
        *("following", "group", "has_caught_up", "holder", "is_admitted", "key"),
        *("pay", "position", "rendering", "task"),
    )

    def __init__(self) -> None:
        self.holder: Holder = None
        self.position = 0
        self.is_admitted = False
        self.has_caught_up = False
        self.group: Group | None = None
        self.task: asyncio.Task[None] | None = None
        self.following: Following
        self.rendering: Rendering
        self.key: tuple[Hashable, ...]
        self.pay: Callable[[], int]

    @abstractmethod
    def push(self, body: bytes) -> bool:
        """Send a result at once; return False, with nothing sent, if one would have to wait for the client."""

    @abstractmethod
    async def send(self, body: bytes) -> None:
        """
        Send a result, waiting for the client.

        Raises:
            Gone: it has left, or took nothing for so long that it was cut off.
        """

    @abstractmethod
    def fail(self, error: Exception, *, is_session_over: bool = False) -> None:
        """Tell the client that it ends, and why; does not wait."""
