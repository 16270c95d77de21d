"""How many operations of one account may run at once, by whatever doors they came: so that none takes all there is."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from types import CoroutineType
from typing import Any


@dataclass(eq=False)
class Seats:
    """
    The seats that are taken in this process; with several processes, an account has as many in each.

    What is to be answered is told that there is none; who begins to follow waits for one, for as many of these come at
    once after a break as sockets allow.
    """

    most: int
    account: Callable[[Any], Hashable | Coroutine[Any, Any, Hashable | None] | None]
    """Returns, for a context, whose operation it is; None for what nobody is held to. What is known needs no await."""
    refused: Callable[[], BaseException]
    """Makes the refusal that says that all are taken."""
    _taken: dict[Hashable, int] = field(default_factory=dict[Hashable, int])
    _waiting: dict[Hashable, deque[asyncio.Future[None]]] = field(
        default_factory=dict[Hashable, "deque[asyncio.Future[None]]"]
    )

    def take(self, account: Hashable) -> bool:
        """Take a seat; return False if there is none."""
        taken = self._taken.get(account, 0)
        if taken >= self.most:
            return False
        self._taken[account] = taken + 1
        return True

    async def wait(self, account: Hashable, *, seconds: float) -> bool:
        """Take a seat, after those who waited before; return False if it is not one's turn for so long."""
        if self.take(account):
            return True
        waiting, turn = self._waiting.setdefault(account, deque()), asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except TimeoutError:
            return not turn.cancelled()  # it may just have been given one
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.free(account)  # it was just given one
            raise
        return True

    def free(self, account: Hashable) -> None:
        """Give a seat to whoever has waited longest, or back."""
        if account in self._waiting and self._was_given_on(account):
            return
        left = self._taken.pop(account) - 1
        if left:
            self._taken[account] = left

    def _was_given_on(self, account: Hashable) -> bool:
        waiting = self._waiting[account]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return True
        del self._waiting[account]
        return False


class Stay:
    """The seat of one operation, from when it is known whose it is to its end."""

    __slots__ = ("_account", "_seats")

    def __init__(self, seats: Seats | None) -> None:
        self._seats = seats
        self._account: Hashable | None = None

    async def begin(self, context: Any, *, wait_seconds: float = 0.0) -> bool:
        """Take a seat; return False if there is none, or none for as long as it waits for one."""
        if (seats := self._seats) is None:
            return True
        account = seats.account(context)
        if isinstance(account, CoroutineType):
            account = await account
        if account is None:
            return True
        if not (await seats.wait(account, seconds=wait_seconds) if wait_seconds else seats.take(account)):
            return False
        self._account = account
        return True

    def end(self) -> None:
        """Give it back."""
        if self._seats is not None and self._account is not None:
            self._seats.free(self._account)
            self._account = None
