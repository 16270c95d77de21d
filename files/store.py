"""The store: bytes that were handed in, named by their SHA-256 and never changed."""

from __future__ import annotations

import asyncio
import hashlib
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from files.place import (
    SHA256,
    ContentDamaged,
    ContentMissing,
    Held,
    Outgoing,
    Place,
    StoredContent,
    StoreFull,
    StoreUnavailable,
    content_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["ContentDamaged", "ContentMissing", "Held", "Store", "StoreFull", "StoreUnavailable", "StoredContent"]


class Store:
    """
    Content-addressed store; what is put into it is durable when the put returns, and is never changed.

    Every method may raise StoreUnavailable: the place where the bytes lie does not answer, or has no room.
    """

    def __init__(self, place: Place) -> None:
        self.place = place

    async def put_file(self, path: Path, *, known: StoredContent | None = None) -> StoredContent:
        """
        Store the content of the file at *path*, which stays where it is.

        With *known*, what its writer found of its bytes on their way there, it is not read again; nobody may write to
        the file any more: where the disk allows it, it is the same file under one more name.
        """
        if known is None:
            return await self.place.put_copy(path)
        await self.put_known([(path, known)])
        return known

    async def put_known(self, files: Sequence[tuple[Path, StoredContent]]) -> None:
        """Do what `put_file` does for files of which all is known, all of them in one go."""
        outgoing = [Outgoing(path, content.sha256, content) for path, content in files]
        found = await self.place.put_files(outgoing)
        for each in outgoing:
            if each.name in found and not await self._is_right(each.content.sha256):
                await self.place.put_files([each], over=True)

    async def put_bytes(self, data: bytes) -> StoredContent:
        """Store *data*."""
        content = StoredContent(hashlib.sha256(data).hexdigest(), len(data))
        was_there = await self.place.put_bytes(content.sha256, data)
        if was_there and not await self._is_right(content.sha256):
            await self.place.put_bytes(content.sha256, data, over=True)
        return content

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """
        Yield the content in chunks of at most 256 kB; the last one only when all of them have proved right.

        Raises:
            ContentMissing: there is no such content.
            ContentDamaged: the bytes differ from their name; the last chunk was held back.
        """
        digest, held = hashlib.sha256(), b""
        async for chunk in self.place.read(_checked(sha256)):
            digest.update(chunk)
            if held:
                yield held
            held = chunk
        if digest.hexdigest() != sha256:
            raise ContentDamaged(sha256)
        if held:
            yield held

    async def read_range(self, sha256: str, start: int, end: int) -> AsyncIterator[bytes]:
        """
        Yield the bytes from *start* to before *end*, or to the content's own; a part alone is not proved by its name.

        Raises:
            ContentMissing: there is no such content.
            ContentDamaged: the bytes cannot be those that were put.
        """
        async for chunk in self.place.read(_checked(sha256), start, end):
            yield chunk

    @asynccontextmanager
    async def as_file(self, sha256: str) -> AsyncGenerator[Path]:
        """
        Yield a local file of the content, which must never be written to, for a program that reads it.

        It is the very one of the store where there is such a file, and is not hashed then; else it is a private copy,
        gone at the end.

        Raises:
            ContentMissing, ContentDamaged: as `read`.
        """
        if path := self.place.path(_checked(sha256)):
            await self.place.stat(sha256)
            yield path
            return
        async with self._scratch() as copy:
            await self._write(copy, sha256)
            yield copy

    async def prove(self, sha256: str) -> None:
        """
        Read the content and compare it with its name.

        Raises:
            ContentMissing, ContentDamaged: as `read`.
        """
        if path := self.place.path(_checked(sha256)):
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
        return (await self.place.stat(_checked(sha256))).size_bytes

    async def exists(self, sha256: str) -> bool:
        """Tell whether the content is there."""
        try:
            await self.size(sha256)
        except ContentMissing:
            return False
        return True

    async def must_hold(self, sha256s: Collection[str]) -> None:
        """
        Make sure that contents are there which were put a moment ago.

        Raises:
            ContentMissing: one is not.
        """
        await self.place.must_hold([_checked(sha256) for sha256 in sha256s])

    async def was_put_since(self, sha256: str, at: datetime) -> bool:
        """Tell whether the content is there and was put, be it again, since that instant."""
        try:
            return (await self.place.stat(_checked(sha256))).put_at >= at
        except ContentMissing:
            return False

    async def remove(self, sha256: str) -> None:
        """Remove content, if it is there; only for whoever knows that nothing refers to it, nor can meanwhile."""
        await self.place.remove(_checked(sha256))

    async def sweep(self, before: datetime) -> int:
        """Remove what was cut off before that instant, by a crash; return how many files."""
        return await self.place.sweep(before)

    async def _is_right(self, sha256: str) -> bool:
        """Read a content that was there already: what is put again must be right afterwards."""
        try:
            await self.prove(sha256)
        except (ContentMissing, ContentDamaged):
            return False
        return True

    @asynccontextmanager
    async def _scratch(self) -> AsyncGenerator[Path]:
        """Yield a path for a file of ours, gone at the end."""
        self.place.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.place.scratch / uuid4().hex
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    async def _write(self, path: Path, sha256: str) -> None:
        """Write the content to a private file."""
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            async for chunk in self.read(sha256):
                await asyncio.to_thread(file.write, chunk)


def _checked(sha256: str) -> str:
    if not SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hex")
    return sha256


def _prove_file(path: Path, sha256: str) -> None:
    """Hash a file of the store in one go, in one thread."""
    try:
        found = content_of(path)
    except FileNotFoundError as error:
        raise ContentMissing(sha256) from error
    except OSError as error:
        raise StoreUnavailable(error.errno, error.strerror) from error
    if found.sha256 != sha256:
        raise ContentDamaged(sha256)
