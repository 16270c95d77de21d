"""The store: bytes that were handed in, named by their SHA-256 and never changed."""

from __future__ import annotations

import asyncio
import hashlib
import io
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from files.cipher import plain_size
from files.place import (
    SHA256,
    ContentDamaged,
    ContentMissing,
    Held,
    Outgoing,
    Place,
    StoredContent,
    StoreFull,
    StoreLocked,
    StoreUnavailable,
    content_of,
)
from files.scratch import scratch_path, seal_file, write_private

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
    from datetime import datetime
    from pathlib import Path

    from files.cipher import Cipher

__all__ = [
    "ContentDamaged",
    "ContentMissing",
    "Held",
    "Store",
    "StoreFull",
    "StoreLocked",
    "StoreUnavailable",
    "StoredContent",
]

MOST_KEYS = 32
"""So many objects of one content are looked for."""

MOST_MOVES = 3


class Store:
    """
    Content-addressed store; what is put into it is durable when the put returns, and is never changed.

    Every method may raise StoreUnavailable: the place where the bytes lie does not answer, or has no room.
    """

    def __init__(self, place: Place, cipher: Cipher | None = None) -> None:
        self.place = place
        self._cipher = cipher

    async def put_file(self, path: Path, *, known: StoredContent | None = None) -> StoredContent:
        """
        Store the content of the file at *path*, which stays where it is.

        With *known*, what its writer found of its bytes on their way there, it is not read again; nobody may write to
        the file any more: where the disk allows it, it is the same file under one more name.
        """
        if known is None and self._cipher is None and (copied := await self.place.put_copy(path)):
            return copied
        known = known or await asyncio.to_thread(content_of, path)
        await self.put_known([(path, known)])
        return known

    async def put_known(self, files: Sequence[tuple[Path, StoredContent]]) -> None:
        """Do what `put_file` does for files of which all is known, all of them in one go."""
        async with self._outgoing(files) as outgoing:
            found = await self.place.put_files(outgoing) if files else ()
            for each in outgoing:
                if each.name in found and not await self.is_right(each.name):
                    await self.place.put_files([each], over=True)

    async def put_bytes(self, data: bytes) -> StoredContent:
        """Store *data*."""
        content = StoredContent(hashlib.sha256(data).hexdigest(), len(data))
        name = self.newest_name(content.sha256)
        if self._cipher is not None:
            data = b"".join(self._cipher.seal(content.sha256, io.BytesIO(data).read))
        if await self.place.put_bytes(name, data) and not await self.is_right(name):
            await self.place.put_bytes(name, data, over=True)
        return content

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """
        Yield the content in chunks of at most 256 kB; the last one only when all of them have proved right.

        Raises:
            ContentMissing: there is no such content.
            ContentDamaged: the bytes differ from their name; the last chunk was held back.
        """
        digest, held = hashlib.sha256(), b""
        async for chunk in self.read_range(sha256):
            digest.update(chunk)
            if held:
                yield held
            held = chunk
        if digest.hexdigest() != sha256:
            raise ContentDamaged(sha256)
        if held:
            yield held

    async def read_range(self, sha256: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """
        Yield the bytes from *start* to before *end*, or to the content's own; a part alone is not proved by its name.

        Raises:
            ContentMissing: there is no such content.
            ContentDamaged: the bytes cannot be those that were put.
        """
        at = start
        for _ in range(MOST_MOVES):
            held = await self._find(sha256)
            try:
                async for chunk in self._read(held, at, end):
                    at += len(chunk)
                    if chunk:
                        yield chunk
            except ContentMissing:
                continue  # encrypted anew while it was read: the rest is under its new name
            return
        raise ContentMissing(sha256)

    @asynccontextmanager
    async def as_file(self, sha256: str) -> AsyncGenerator[Path]:
        """
        Yield a local file of the content, which must never be written to, for a program that reads it.

        It is the very one of the store where there is such a file, and is not hashed then; else it is a private copy,
        gone at the end.

        Raises:
            ContentMissing, ContentDamaged: as `read`.
        """
        if path := self._own_file(sha256):
            await self._find(sha256)
            yield path
            return
        async with scratch_path(self.place.scratch) as copy:
            await write_private(copy, self.read(sha256))
            yield copy

    async def prove(self, sha256: str) -> None:
        """
        Read the content and compare it with its name.

        Raises:
            ContentMissing, ContentDamaged: as `read`.
            OSError: this one cannot be read; the store can, unless it is StoreUnavailable.
        """
        if path := self._own_file(sha256):
            await self._find(sha256)
            await asyncio.to_thread(_prove_file, path, sha256)
            return
        async for _ in self.read(sha256):
            pass

    async def size(self, sha256: str) -> int:
        """
        Return how many bytes the content has.

        Raises:
            ContentMissing: there is no such content.
        """
        return size_of(await self._find(sha256))

    async def exists(self, sha256: str) -> bool:
        """Tell whether the content is there."""
        try:
            await self._find(sha256)
        except ContentMissing:
            return False
        return True

    async def must_hold(self, sha256s: Collection[str]) -> None:
        """
        Make sure that contents are there which were put a moment ago.

        Raises:
            ContentMissing: one is not.
        """
        try:
            await self.place.must_hold([self.newest_name(sha256) for sha256 in sha256s])
        except ContentMissing:
            await asyncio.gather(*map(self._find, sha256s))

    async def was_put_since(self, sha256: str, at: datetime) -> bool:
        """Tell whether the content is there and was put, be it again, since that instant."""
        return any(held.put_at >= at for held in await self.held(sha256))

    async def remove(self, sha256: str) -> None:
        """Remove content, if it is there; only for whoever knows that nothing refers to it, nor can meanwhile."""
        for held in await self.held(sha256):
            await self.place.remove(held.name)

    async def put_anew(self, sha256: str) -> list[Held]:
        """
        Put the content under the name that it would get today; return the objects that are then over, if any.

        They may go: the new object was read and proved. Whoever reads one of them goes on under the new name.
        """
        name = self.newest_name(sha256)
        others = [held for held in await self.held(sha256) if held.name != name]
        if others and not await self.is_right(name):
            async with self.as_file(sha256) as path:
                await self.put_file(path)
            if not await self.is_right(name):
                raise ContentDamaged(sha256)
        return others

    async def held(self, sha256: str) -> list[Held]:
        """Return the objects that the content lies in: one, unless it is being encrypted anew."""
        return await self.place.list(below=checked(sha256), limit=MOST_KEYS)

    async def sweep(self, before: datetime) -> int:
        """Remove what was cut off before that instant, by a crash; return how many files."""
        return await self.place.sweep(before)

    def newest_name(self, sha256: str) -> str:
        """Return the name under which the content is put."""
        return checked(sha256) if self._cipher is None else f"{checked(sha256)}.{self._cipher.newest}"

    async def is_right(self, name: str) -> bool:
        """Read an object and tell whether it is what its name says."""
        digest = hashlib.sha256()
        try:
            held = await self.place.stat(name)
            async for chunk in self._read(held):
                digest.update(chunk)
        except (ContentMissing, ContentDamaged):
            return False
        return digest.hexdigest() == held.sha256

    async def _find(self, sha256: str) -> Held:
        """Return the object of a content; StoreLocked if there are only such as no key of ours opens."""
        names = [checked(sha256)] if self._cipher is None else self._cipher.names(checked(sha256))
        for name in names:
            try:
                return await self.place.stat(name)
            except ContentMissing:
                continue
        others = {held.name: held for held in await self.held(sha256)}
        for name in names:
            if name in others:
                return others[name]  # encrypted anew at this moment
        for name in others:
            raise StoreLocked(name.partition(".")[2])
        raise ContentMissing(sha256)

    async def _read(self, held: Held, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield plain bytes of an object."""
        end = held.size_bytes if end is None else end
        if not held.key_id:
            chunks = self.place.read(held.name, start, end)
        elif self._cipher is None:
            raise StoreLocked(held.key_id)
        else:
            read = partial(self.place.read, held.name)
            chunks = self._cipher.open(held.sha256, held.size_bytes, read, start=start, end=end)
        async for chunk in chunks:
            yield chunk

    def _own_file(self, sha256: str) -> Path | None:
        """Return the file that a content is, if it can be no other: what is encrypted meanwhile is a file no more."""
        return self.place.path(checked(sha256)) if self._cipher is None else None

    @asynccontextmanager
    async def _outgoing(self, files: Sequence[tuple[Path, StoredContent]]) -> AsyncGenerator[list[Outgoing]]:
        """Yield files as they go to their place; those that are encrypted for it are gone at the end."""
        async with AsyncExitStack() as stack:
            outgoing: list[Outgoing] = []
            for path, content in files:
                if self._cipher is None:
                    outgoing.append(Outgoing(path, checked(content.sha256), content))
                    continue
                sealed = await stack.enter_async_context(scratch_path(self.place.scratch))
                found = await asyncio.to_thread(seal_file, self._cipher, path, sealed, content)
                outgoing.append(Outgoing(sealed, self.newest_name(content.sha256), found))
            yield outgoing


def size_of(held: Held) -> int:
    """Return how many plain bytes an object holds."""
    return plain_size(held.size_bytes, held.sha256) if held.key_id else held.size_bytes


def checked(sha256: str) -> str:
    """Return a SHA-256; ValueError if it is none."""
    if not SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hex")
    return sha256


def _prove_file(path: Path, sha256: str) -> None:
    """Hash a file of the store in one go, in one thread."""
    try:
        found = content_of(path)
    except FileNotFoundError as error:
        raise ContentMissing(sha256) from error
    if found.sha256 != sha256:
        raise ContentDamaged(sha256)
