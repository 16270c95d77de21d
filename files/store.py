"""The store: bytes that were handed in, named by their SHA-256 and never changed."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import obstore
from obstore.store import LocalStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterable, Sequence
    from datetime import datetime

CHUNK_BYTES = 256 * 1024
READ_BYTES = CHUNK_BYTES // 2  # obstore hands out at least this much, and a little more
INCOMING = "incoming"
FOLDERS = 256 * 256
"""How many there are of `ab/cd`; none is ever removed."""

CANNOT_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP})
NAMES = {f"{place:02x}": place for place in range(256)}
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
        if known is None:
            return await asyncio.to_thread(self._put_copy, path)
        await asyncio.to_thread(self.put_known, [(path, known)])
        return known

    def put_known(self, files: Sequence[tuple[Path, StoredContent]]) -> None:
        """
        Do what `put_file` does for files of which all is known; blocks: for a thread.

        All bytes are on the disk before any name is given. Then all names are given before any is made durable: the
        disk writes them in one go.
        """
        if len(files) > 1:
            for path, _ in files:
                _begin_writing(path)
        for path, _ in files:
            os.utime(path)  # as if it was written now: what was put of late is not removed
            fsync(path)
        keys = [self._name(path, content) for path, content in files]
        self._fsync_folders(keys)

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
        await asyncio.to_thread(self._fsync_folders, [key_of(content.sha256)])
        return content

    def _put_copy(self, path: Path) -> StoredContent:
        """Do in one go, in one thread, what `_put` does: to change threads costs more than a small file."""
        with self._incoming() as incoming:
            content = _copied(path, incoming)
            self._rename(incoming, key_of(content.sha256))
        self._fsync_folders([key_of(content.sha256)])
        return content

    def _name(self, path: Path, content: StoredContent) -> str:
        """Give a durable file its name in the store, or a copy of it where the disk cannot; return its key."""
        key = key_of(content.sha256)
        try:
            self._link(path, key)
        except FileExistsError:
            with self._incoming() as incoming:
                os.link(path, incoming)
                self._rename(incoming, key)
        except OSError as error:
            if error.errno not in CANNOT_LINK:
                raise
            with self._incoming() as incoming:
                if _copied(path, incoming) != content:
                    raise ContentDamaged(content.sha256) from None
                self._rename(incoming, key)
        return key

    def _link(self, path: Path, key: str) -> None:
        try:
            os.link(path, f"{self._root}/{key}")
        except FileNotFoundError:
            (self._root / key).parent.mkdir(parents=True, exist_ok=True)
            os.link(path, f"{self._root}/{key}")

    @contextmanager
    def _incoming(self) -> Generator[Path]:
        """Yield a path for a file that has no name yet; it is gone at the end."""
        incoming = self._root / INCOMING / uuid4().hex
        incoming.parent.mkdir(exist_ok=True)
        try:
            yield incoming
        finally:
            incoming.unlink(missing_ok=True)

    def _rename(self, incoming: Path, key: str) -> None:
        """Give content its name; over what is already there it is a repair."""
        (self._root / key).parent.mkdir(parents=True, exist_ok=True)
        incoming.replace(self._root / key)

    def _fsync_folders(self, keys: Sequence[str]) -> None:
        """Make names durable: in their folders, and those in the ones above unless they were made so before."""
        leaves = list(dict.fromkeys(key.rpartition("/")[0] for key in keys))
        fresh = [leaf for leaf in leaves if not self._durable_folders[_place(leaf)]]
        tops = list(dict.fromkeys(leaf.rpartition("/")[0] for leaf in fresh))
        first = [top for top in tops if self._is_fresh(top)]
        above = ("sha256", "") if first else ()
        made_before = [place for top in first for place in self._places_in(top)]
        for folder in (*leaves, *tops, *above):
            fsync(f"{self._root}/{folder}")
        for place in (*map(_place, fresh), *made_before):
            self._durable_folders[place] = True

    def _places_in(self, top: str) -> list[int]:
        first = _place(f"{top}/00")
        with os.scandir(f"{self._root}/{top}") as entries:
            return [first + NAMES[entry.name] for entry in entries if entry.name in NAMES]

    def _is_fresh(self, top: str) -> bool:
        """Say whether nothing was made durable in that folder yet, nor it in those above."""
        first = _place(f"{top}/00")
        return not any(self._durable_folders[first : first + 256])


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


def _place(leaf: str) -> int:
    """Return which of all folders `sha256/ab/cd` is."""
    return int(leaf[-5:-3] + leaf[-2:], 16)


def _begin_writing(path: Path) -> None:
    """Have the system begin to write the file to the disk, without waiting: several are then written in one go."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def fsync(path: Path | str) -> None:
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


def _copied(path: Path, to: Path) -> StoredContent:
    """Copy a file, make the copy durable and return what was copied."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, to.open("xb") as target:
        while chunk := source.read(CHUNK_BYTES):
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    fsync(to)
    return StoredContent(digest.hexdigest(), size)


async def _byte_chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), CHUNK_BYTES):
        yield data[start : start + CHUNK_BYTES]
