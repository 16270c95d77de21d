"""All contents of a store, walked one by one: copied to another store, or encrypted anew."""

from __future__ import annotations

import asyncio
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from files.place import content_of
from files.store import ContentDamaged, ContentMissing, StoreLocked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from files.store import Held, Store

PAGE = 1000
AT_ONCE = 4
LAST_KEY = "z" * 32
"""No id of a key comes after it."""


class Fate(StrEnum):
    """What came of a content."""

    DONE = "done"
    RIGHT = "there already, and right"
    GONE = "removed meanwhile"
    DAMAGED = "damaged"
    UNREADABLE = "not read: their disk fails"
    LOCKED = "locked: its key is not in MESA_STORE_KEYS"


TROUBLES = (Fate.DAMAGED, Fate.UNREADABLE, Fate.LOCKED)


async def weigh(store: Store) -> int:
    """Return how many bytes there are."""
    return sum([each.size_bytes async for page in _pages(store) for each in page])


async def walk(store: Store, work: Callable[[str], Awaitable[Fate]], told: Callable[[int], None]) -> Counter[Fate]:
    """Do *work* for each content, several at once; tell how many bytes are behind, and return what came of all."""
    fates = Counter[Fate]()
    async for page in _pages(store):
        sizes = Counter[str]()
        for each in page:
            sizes[each.sha256] += each.size_bytes
        todo = list(sizes.items())
        for start in range(0, len(todo), AT_ONCE):
            some = todo[start : start + AT_ONCE]
            fates.update(await asyncio.gather(*(_fate(work(sha256)) for sha256, _ in some)))
            told(sum(size for _, size in some))
    return fates


async def copy_content(source: Store, target: Store, sha256: str) -> Fate:
    """Copy one content, unless it is there and right; what arrived is read there and compared."""
    if await target.is_right(target.newest_name(sha256)):
        return Fate.RIGHT
    async with source.as_file(sha256) as path:
        try:
            found = await asyncio.to_thread(content_of, path)
        except FileNotFoundError:
            return Fate.GONE
        except OSError:
            return Fate.UNREADABLE  # one bad sector is no reason to copy nothing
        if found.sha256 != sha256:
            return Fate.DAMAGED
        await target.put_file(path)
    if not await target.is_right(target.newest_name(sha256)):
        raise ContentDamaged(sha256)
    return Fate.DONE


async def _fate(work: Awaitable[Fate]) -> Fate:
    try:
        return await work
    except ContentMissing:
        return Fate.GONE
    except ContentDamaged:
        return Fate.DAMAGED
    except StoreLocked:
        return Fate.LOCKED


async def _pages(store: Store) -> AsyncIterator[list[Held]]:
    after = ""
    while page := await store.place.list(after=after, limit=PAGE):
        yield page
        after = f"{page[-1].sha256}.{LAST_KEY}"  # what was encrypted anew meanwhile comes behind its old name
