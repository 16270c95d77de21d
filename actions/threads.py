"""Threads for work that takes long, off the event loop: few, with a short queue before them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.refusals import TooManyRequests

T = TypeVar("T")


class BoundedThreads:
    """*threads* threads named *name*; when *most* works are under way or wait, further ones meet *refusal* at once."""

    def __init__(self, threads: int, name: str, *, most: int, refusal: Callable[[], TooManyRequests]) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = most
        self._refusal = refusal
        self._under_way = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Return what *work* returns, done in one of the threads."""
        if self._under_way >= self._most:
            raise self._refusal()
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._under_way -= 1

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
