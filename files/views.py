"""Files seen without being opened: asks the jail for pictures and outlines, and keeps the pictures."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Final

from files.jail import JailBroken, JailFailed, JailFull
from files.outlines import OUTLINE, Asked, Outline
from files.pictures import DRAW, DRAWN, VERSION, DrawingProblem

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from files.picture_cache import PictureCache
    from files.sieving import Runner
    from files.store import Store

logger = logging.getLogger(__name__)

DRAW_TIME: Final = timedelta(seconds=20)
TRIES: Final = 3
REST_SECONDS: Final = 600
MOST_TROUBLES: Final = 10_000

STAFF_AT_ONCE, OTHERS_AT_ONCE = 3, 1
"""Whose files are slow to be drawn slows down others who hand in files, and never a clerk."""

MOST_WAITING: Final = 24


class NotDrawn(Exception):
    """There is no picture; None as `problem` if drawing failed otherwise than by finding one."""

    def __init__(self, problem: DrawingProblem | None) -> None:
        super().__init__(problem)
        self.problem = problem


class ViewsFull(Exception):
    """Too many wait already, or the jail does not start: trying later is right."""


class Troubles:
    """Remembers of which contents drawing failed three times of late: for ten minutes nobody's time goes into more."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def note(self, sha256: str) -> None:
        """Note that drawing a page of it took its process down, or too long."""
        count, _ = self._known.pop(sha256, (0, 0.0))
        self._known[sha256] = count + 1, monotonic() + REST_SECONDS
        if len(self._known) > MOST_TROUBLES:
            self._known.popitem(last=False)

    def is_hopeless(self, sha256: str) -> bool:
        """Tell whether not to try."""
        count, until = self._known.get(sha256, (0, 0.0))
        if count and until <= monotonic():
            del self._known[sha256]
            return False
        return count >= TRIES


class Turns:
    """So many have files in hand at once, each perhaps a copy on the disk; and so many wait for their turn."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._room = at_once + MOST_WAITING

    @asynccontextmanager
    async def taken(self) -> AsyncGenerator[None]:
        """Wait for a turn, and have it until the end of the block; ViewsFull if too many wait already."""
        if not self._room:
            raise ViewsFull
        self._room -= 1
        try:
            async with self._free:
                yield
        finally:
            self._room += 1


@dataclass(frozen=True)
class FileViews:
    """Draws pages of stored contents; for whoever has judged that the viewer may see them."""

    runner: Runner
    store: Store
    cache: PictureCache
    troubles: Troubles = field(default_factory=Troubles)
    staff: Turns = field(default_factory=lambda: Turns(STAFF_AT_ONCE))
    others: Turns = field(default_factory=lambda: Turns(OTHERS_AT_ONCE))

    async def picture(self, sha256: str, page: int, *, width: int, is_staff: bool) -> bytes:
        """
        Return a page, from 1, of a content as WebP, drawn now or before.

        Raises:
            NotDrawn: there is no picture of it.
            ViewsFull: not now.
            ContentMissing: there is no such content.
        """
        name = f"{page}-{width}-v{VERSION}.webp"
        kept = await asyncio.to_thread(self.cache.get, sha256, name)
        if kept is not None:
            return kept
        asked = {"page": page, "width": width}
        drawn = await self._run(DRAW, asked, sha256, is_staff=is_staff)
        if not drawn.startswith(DRAWN):
            raise NotDrawn(DrawingProblem(drawn.decode()))
        await asyncio.to_thread(self.cache.put, sha256, name, drawn)
        if not await self.store.exists(sha256):
            # It was removed meanwhile, and what was kept of it with it; but for this.
            await self.forget(sha256)
        return drawn

    async def outline(self, sha256: str, asked: Asked, *, is_staff: bool) -> Outline:
        """
        Return what a content holds.

        Raises:
            NotDrawn: it cannot be told.
            ViewsFull: not now.
            ContentMissing: there is no such content.
        """
        return Outline.from_json(await self._run(OUTLINE, asdict(asked), sha256, is_staff=is_staff))

    async def forget(self, sha256: str) -> None:
        """Remove what was kept of a content; to be called after it was removed from the store."""
        await asyncio.to_thread(self.cache.forget, sha256)

    async def _run(self, function: str, asked: Mapping[str, object], sha256: str, *, is_staff: bool) -> bytes:
        async with (self.staff if is_staff else self.others).taken():
            if self.troubles.is_hopeless(sha256):
                raise NotDrawn(None)
            async with self.store.as_file(sha256) as path:
                return await self._ask(function, {"path": str(path), **asked}, sha256)

    async def _ask(self, function: str, asked: Mapping[str, object], sha256: str) -> bytes:
        try:
            return await self.runner.run(function, json.dumps(asked).encode(), timeout=DRAW_TIME)
        except JailFailed as error:
            self.troubles.note(sha256)
            logger.warning("A file is not shown", extra={"action": "not_shown", "sha256": sha256, "why": error.kind})
            raise NotDrawn(None) from error
        except (JailFull, JailBroken) as error:
            logger.warning("Files are not shown for now", extra={"action": "views_full", "why": type(error).__name__})
            raise ViewsFull from error
