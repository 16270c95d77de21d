"""A store that is away when a part starts keeps nobody from starting."""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING

from files.folder import Folder
from files.store import Store, StoreUnavailable
from mesadepartes import storing

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class AwayAtFirst(Folder):
    """A folder that fails the first two times."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.tries, self.is_done = 0, asyncio.Event()

    async def put_bytes(self, name: str, data: bytes, *, over: bool = False) -> bool:
        self.tries += 1
        if self.tries <= 2:
            raise StoreUnavailable(errno.EIO, "it hangs")
        was_there = await super().put_bytes(name, data, over=over)
        self.is_done.set()
        return was_there


async def test_what_the_counter_brings_is_put_when_the_store_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "PAUSE_SECONDS", 0.01)
    place = AwayAtFirst(tmp_path)

    async with storing.keeping(Store(place), b"emblem"), asyncio.timeout(20):
        assert place.tries == 1
        await place.is_done.wait()

    assert place.tries == 3
