"""A jail that outlives the event loop of a test: it has a loop of its own, in a thread."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

from files.jail import Jail

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import timedelta


ANYWHERE: Final = (Path(tempfile.gettempdir()),)
"""Where tests keep their files, each in a folder of its own that a jail which lasts does not know yet."""


class LastingJail:
    """The real jail, for use from any event loop of this process."""

    def __init__(
        self, functions: Collection[str], *, reads: Collection[Path] = ANYWHERE, may_connect: bool = False
    ) -> None:
        self._jail = Jail(functions, reads=reads, may_connect=may_connect)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="jail")
        self._thread.start()

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Return `function(argument)`, computed in the child; raises what the jail raises."""
        call = self._jail.run(function, argument, timeout=timeout)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call, self._loop))

    def close(self) -> None:
        """Kill the child and end the thread."""
        asyncio.run_coroutine_threadsafe(self._jail.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
