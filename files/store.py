"""The store: bytes that were handed in, named by their SHA-256 and never changed."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import obstore
from obstore.store import LocalStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from datetime import datetime

CHUNK_BYTES = 256 * 1024
READ_BYTES = CHUNK_BYTES // 2  # obstore hands out at least this much, and a little more
INCOMING = "incoming"
FOLDERS = 256 * 256
"""How many there are of `ab/cd`; none is ever removed."""

CANNOT_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP})
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredContent:
    """What a put has made durable."""

    sha256: str
    size_bytes: int


class ContentMissing(Exception):
    """The store holds nothing under this SHA-256."""


class ContentDamaged(Exception):
    """The stored bytes no longer have the SHA-256 they are named by."""


class Store:
    """
    Content-addressed store in a local folder: `sha256/ab/cd/<hex>`.

    Content gets its name only when its bytes are on the disk, and a put returns only when the name is too: what stands
    under a name survives a power cut, and putting the same content again can only repair it.
    """

    def __init__(self, root: Path) -> None:
        make_durable_folder(root)
        self._root = root.resolve()
        self._objects = LocalStore(self._root, mkdir=True)
        self._durable_folders = bytearray(FOLDERS)

    async def put_file(self, path: Path, *, known: StoredContent | None = None) -> StoredContent:
        """
        Store the content of the file at *path*, which stays where it is.

        With *known*, what its writer found of its bytes on their way there, it is not read again; nobody may write to
        the file any more: where the disk allows it, it is the same file under one more name.
        """
        return await asyncio.to_thread(self._put_file, path, known)

    async def put_bytes(self, data: bytes) -> StoredContent:
        """Store *data*."""
        return await self._put(_byte_chunks(data))

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """
        Yield the content in chunks of at most 256 kB; the last one only when all of them have proved right.

        Raises:
            ContentMissing: there is no such content.
            ContentDamaged: the bytes differ from their name; the last chunk was held back.
        """
        digest, held = hashlib.sha256(), b""
        async for chunk in await self._open(sha256):
            digest.update(chunk)
            if held:
                yield held
            held = chunk
        if digest.hexdigest() != sha256:
            raise ContentDamaged(sha256)
        if held:
            yield held

    async def size(self, sha256: str) -> int:
        """
        Return how many bytes the content has.

        Raises:
            ContentMissing: there is no such content.
        """
        try:
            return (await obstore.head_async(self._objects, key_of(sha256)))["size"]
        except FileNotFoundError as error:
            raise ContentMissing(sha256) from error

    async def exists(self, sha256: str) -> bool:
        """Tell whether the content is there."""
        try:
            await self.size(sha256)
        except ContentMissing:
            return False
        return True

    def must_hold(self, sha256s: Iterable[str]) -> None:
        """
        Make sure that contents are there which were put a moment ago, so that the system has their names in memory.

        Raises:
            ContentMissing: one is not.
        """
        for sha256 in sha256s:
            try:
                self.path(sha256).stat()
            except FileNotFoundError as error:
                raise ContentMissing(sha256) from error

    async def was_put_since(self, sha256: str, at: datetime) -> bool:
        """Tell whether the content is there and was put, be it again, since that instant."""
        try:
            return (await obstore.head_async(self._objects, key_of(sha256)))["last_modified"] >= at
        except FileNotFoundError:
            return False

    async def remove(self, sha256: str) -> None:
        """Remove content, if it is there; only for whoever knows that nothing refers to it, nor can meanwhile."""
        await asyncio.to_thread(self.path(sha256).unlink, missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Return where the content lies, for a program in the jail that reads it; it must never be written to."""
        return self._root / key_of(sha256)

    async def sweep(self, before: datetime) -> int:
        """Remove what puts that were cut off before that instant have left behind; return how many files."""
        return await asyncio.to_thread(remove_older, self._root / INCOMING, before=before)

    async def _open(self, sha256: str) -> AsyncIterator[bytes]:
        try:
            return (await obstore.get_async(self._objects, key_of(sha256))).stream(min_chunk_size=READ_BYTES)
        except FileNotFoundError as error:
            raise ContentMissing(sha256) from error

    async def _put(self, chunks: AsyncIterator[bytes]) -> StoredContent:
        # Not `mode="create"`: it holds the whole object in memory. A rename over what is already there is harmless.
        incoming, hashing = f"{INCOMING}/{uuid4().hex}", _Hashing(chunks)
        await obstore.put_async(
            self._objects, incoming, hashing, use_multipart=True, chunk_size=CHUNK_BYTES, max_concurrency=2
        )
        await asyncio.to_thread(fsync, self._root / incoming)
        content = hashing.content()
        await obstore.rename_async(self._objects, incoming, key_of(content.sha256))
        await asyncio.to_thread(self._fsync_folders, key_of(content.sha256))
        return content

    def _put_file(self, path: Path, known: StoredContent | None) -> StoredContent:
        """Do in one go, in one thread, what `_put` does: to change threads costs more than a small file."""
        incoming = self._root / INCOMING / uuid4().hex
        incoming.parent.mkdir(exist_ok=True)
        try:
            content = known if known and _linked(path, incoming) else _copied(path, incoming)
            fsync(incoming)
            key = key_of(content.sha256)
            (self._root / key).parent.mkdir(parents=True, exist_ok=True)
            incoming.replace(self._root / key)
        finally:
            incoming.unlink(missing_ok=True)
        self._fsync_folders(key)
        return content

    def _fsync_folders(self, key: str) -> None:
        """Make a name durable: in its folder, and that folder in those above it unless it was made so before."""
        leaf, *above = Path(key).parents
        fsync(self._root / leaf)
        place = int(leaf.parent.name + leaf.name, 16)
        if not self._durable_folders[place]:
            for folder in above:
                fsync(self._root / folder)
            self._durable_folders[place] = True


class _Hashing:
    """Passes chunks on and hashes them on the way, so that the name is that of the very bytes stored."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._digest = hashlib.sha256()
        self._size_bytes = 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        chunk = await anext(self._chunks)
        await asyncio.to_thread(self._digest.update, chunk)
        self._size_bytes += len(chunk)
        return chunk

    def content(self) -> StoredContent:
        return StoredContent(sha256=self._digest.hexdigest(), size_bytes=self._size_bytes)


def key_of(sha256: str) -> str:
    """Return where in the store the content lies; ValueError when *sha256* is not 64 lower-case hex digits."""
    if not SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hex")
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def fsync(path: Path) -> None:
    """Make a file or a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_durable_folder(folder: Path) -> None:
    """Make *folder* and those above it, each durable in the one above."""
    if folder.is_dir():
        return
    make_durable_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    fsync(folder.parent)


def remove_older(folder: Path, *, before: datetime) -> int:
    """Remove the files of *folder* last written before that instant; return how many."""
    removed = 0
    for path in folder.glob("*"):
        try:
            if path.stat().st_mtime < before.timestamp():
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue  # finished, or removed by somebody else, meanwhile
    return removed


def _linked(path: Path, to: Path) -> bool:
    """Give a file one more name; say whether the disk can do that."""
    try:
        os.link(path, to)
    except OSError as error:
        if error.errno in CANNOT_LINK:
            return False
        raise
    to.touch()  # as if it was written now: what was put of late is not removed
    return True


def _copied(path: Path, to: Path) -> StoredContent:
    """Copy a file and return what was copied."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, to.open("xb") as target:
        while chunk := source.read(CHUNK_BYTES):
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return StoredContent(digest.hexdigest(), size)


async def _byte_chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), CHUNK_BYTES):
        yield data[start : start + CHUNK_BYTES]
