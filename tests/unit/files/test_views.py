"""Whoever hands in files that are slow to be drawn holds up no clerk, and fills no disk with copies."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from files.cipher import Cipher, StoreKey
from files.folder import Folder
from files.picture_cache import PictureCache
from files.store import Store
from files.views import MOST_WAITING, OTHERS_AT_ONCE, FileViews, ViewsFull

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path


class SlowRunner:
    """Draws nothing until it may."""

    def __init__(self) -> None:
        self.began = 0
        self.may_end = asyncio.Event()

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Draw."""
        self.began += 1
        await self.may_end.wait()
        return b"RIFF"


async def until(runner: SlowRunner, count: int) -> None:
    """Wait until so many were begun."""
    async with asyncio.timeout(20):
        while runner.began < count:
            await asyncio.sleep(0.001)


async def test_slow_files_of_others_hold_up_no_clerk_and_are_not_copied_before_their_turn(tmp_path: Path) -> None:
    runner, store = SlowRunner(), Store(Folder(tmp_path / "store"), Cipher([StoreKey("a", b"k" * 32)]))
    views = FileViews(runner, store, PictureCache(tmp_path / "pictures", most_bytes=0))
    sha256 = (await store.put_bytes(b"a file")).sha256
    everybody = range(OTHERS_AT_ONCE + MOST_WAITING)

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        for page in everybody:
            group.create_task(views.picture(sha256, page, width=320, is_staff=False))
        await until(runner, OTHERS_AT_ONCE)
        with pytest.raises(ViewsFull):
            await views.picture(sha256, 1, width=320, is_staff=False)
        copies = list(store.place.scratch.iterdir())
        group.create_task(views.picture(sha256, 1, width=320, is_staff=True))
        await until(runner, OTHERS_AT_ONCE + 1)
        runner.may_end.set()

    assert len(copies) == OTHERS_AT_ONCE
    assert runner.began == len(everybody) + 1
    assert list(store.place.scratch.iterdir()) == []
