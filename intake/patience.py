"""Waiting: how long after a failure, and for work that should not be cut off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")
U = TypeVar("U")

LONGEST_PAUSE_SECONDS: Final = 60.0
REFUSED_PAUSE_SECONDS: Final = 300.0
"""After a refused sign-in: servers lock out who tries again soon."""

GRACE_SECONDS: Final = 10.0


class Pauses:
    """Pauses that double with each failure in a row, from one second to a minute, shortened by up to half at random."""

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._random_bytes = random_bytes
        self._failures = 0

    def reset(self) -> None:
        """Forget the failures: it works again."""
        self._failures = 0

    def next_seconds(self) -> float:
        """Note a failure and return how long to wait."""
        longest = min(LONGEST_PAUSE_SECONDS, 2.0 ** min(self._failures, 10))
        self._failures += 1
        return longest * (0.5 + self._random_bytes(1)[0] / 512)


async def finished(work: Coroutine[None, None, T]) -> T:
    """Return what *work* gives; whoever is cancelled meanwhile waits for it, 10 seconds at most."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=GRACE_SECONDS)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise


async def both(first: Coroutine[None, None, T], second: Coroutine[None, None, U]) -> tuple[T, U]:
    """
    Return what two pieces of work give that are done at the same time.

    When one of them fails, its exception is raised as it is, once the other has been cancelled and has ended.
    """
    tasks = asyncio.create_task(first), asyncio.create_task(second)
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
