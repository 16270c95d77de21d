"""The store's place on a local disk: `sha256/ab/cd/<name>`."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore

from files.durable import disk_failures, fsync, make_durable_folder, remove_older
from files.place import (
    CHUNK_BYTES,
    NAME,
    ContentDamaged,
    ContentMissing,
    Held,
    Outgoing,
    StoredContent,
    StoreUnavailable,
    key_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Generator, Iterator, Sequence
    from pathlib import Path

    from obstore import GetOptions

READ_BYTES = CHUNK_BYTES // 2  # obstore hands out at least this much, and a little more
INCOMING = "incoming"
FOLDERS = 256 * 256
"""How many there are of `ab/cd`; none is ever removed."""

YOUNG_SECONDS = 60.0
CANNOT_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP})
NAMES = {f"{place:02x}": place for place in range(256)}


class Folder:
    """
    Objects in a local folder.

    An object gets its name only when its bytes are on the disk, and a put returns only when the name is too: what
    stands under a name survives a power cut, and putting the same again can only repair it.
    """

    def __init__(self, root: Path) -> None:
        make_durable_folder(root)
        self._root = root.resolve()
        self._objects = LocalStore(self._root, mkdir=True)
        self._durable_folders = bytearray(FOLDERS)
        self.scratch = self._root / INCOMING

    async def put_files(self, files: Sequence[Outgoing], *, over: bool = False) -> set[str]:
        """Make files durable under their names: where the disk allows it, each is the same file under one more."""
        await asyncio.to_thread(self._put_files, files)
        return set()

    async def put_bytes(self, name: str, data: bytes, *, over: bool = False) -> bool:
        """Make bytes durable under a name."""
        await asyncio.to_thread(self._put_bytes, key_of(name), data)
        return False

    async def put_copy(self, path: Path) -> StoredContent:
        """Put a copy of a file that others may yet write to: read once, hashed on its way."""
        return await asyncio.to_thread(self._put_copy, path)

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield bytes of an object; whoever removes it meanwhile removes only its name."""
        if start and start >= (await self.stat(name)).size_bytes:
            return  # obstore would call it a fault of the folder
        options: GetOptions | None = {"range": {"offset": start}} if start else None
        try:
            opened = await obstore.get_async(self._objects, key_of(name), options=options)
            left = (opened.meta["size"] if end is None else end) - start
            async for chunk in opened.stream(min_chunk_size=READ_BYTES):
                yield bytes(chunk[: max(left, 0)]) if len(chunk) > left else chunk
                left -= len(chunk)
                if left <= 0:
                    return
        except FileNotFoundError as error:
            raise ContentMissing(name) from error
        except BaseError as error:
            raise StoreUnavailable(errno.EIO, "the folder of the store cannot be read") from error

    async def stat(self, name: str) -> Held:
        """Return what is known of an object."""
        return await asyncio.to_thread(self._stat, name)

    async def must_hold(self, names: Collection[str]) -> None:
        """Look for names that the system still has in memory: no thread is asked."""
        for name in names:
            self._stat(name)

    async def remove(self, name: str) -> None:
        """Remove an object, if it is there."""
        with disk_failures():
            await asyncio.to_thread(self.path(name).unlink, missing_ok=True)

    async def list(self, *, after: str = "", below: str = "", limit: int) -> list[Held]:
        """Return the next objects in the order of their names."""
        return await asyncio.to_thread(self._list, after, below, limit)

    def path(self, name: str) -> Path:
        """Return the file that an object is; it must never be written to."""
        return self._root / key_of(name)

    async def sweep(self, before: datetime) -> int:
        """Remove what was cut off before that instant."""
        return await asyncio.to_thread(remove_older, self.scratch, before=before)

    def _put_files(self, files: Sequence[Outgoing]) -> None:
        """
        Put several in one go.

        All bytes are on the disk before any name is given. Then all names are given before any is made durable: the
        disk writes them in one go.
        """
        with disk_failures():
            if len(files) > 1:
                for each in files:
                    _begin_writing(each.path)
            for each in files:
                _make_young(each.path)
                fsync(each.path)
            keys = [self._name(each) for each in files]
            self._fsync_folders(keys)

    def _put_bytes(self, key: str, data: bytes) -> None:
        with disk_failures(), self._incoming() as incoming:
            incoming.write_bytes(data)
            fsync(incoming)
            self._rename(incoming, key)
            self._fsync_folders([key])

    def _put_copy(self, path: Path) -> StoredContent:
        """Do it in one go, in one thread: to change threads costs more than a small file."""
        with disk_failures(), self._incoming() as incoming:
            content = _copied(path, incoming)
            self._rename(incoming, key_of(content.sha256))
            self._fsync_folders([key_of(content.sha256)])
            return content

    def _stat(self, name: str) -> Held:
        try:
            with disk_failures():
                found = self.path(name).stat()
        except FileNotFoundError as error:
            raise ContentMissing(name) from error
        return Held(name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def _list(self, after: str, below: str, limit: int) -> list[Held]:
        found: list[Held] = []
        with disk_failures():
            for name in self._names(after, below):
                try:
                    found.append(self._stat(name))
                except ContentMissing:
                    continue  # removed meanwhile
                if len(found) == limit:
                    break
        return found

    def _names(self, after: str, below: str) -> Iterator[str]:
        """Yield names in their order, a folder at a time."""
        for top in self._entries("sha256", after[:2], below[:2]):
            is_first = top == after[:2]
            for leaf in self._entries(f"sha256/{top}", after[2:4] if is_first else "", below[2:4]):
                for name in self._entries(f"sha256/{top}/{leaf}", "", below):
                    if name > after and NAME.fullmatch(name):
                        yield name

    def _entries(self, folder: str, first: str, below: str) -> list[str]:
        try:
            names = [path.name for path in (self._root / folder).iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(name for name in names if name >= first and name.startswith(below))

    def _name(self, file: Outgoing) -> str:
        """Give a durable file its name in the store, or a copy of it where the disk cannot; return its key."""
        key = key_of(file.name)
        try:
            self._link(file.path, key)
        except FileExistsError:
            with self._incoming() as incoming:
                os.link(file.path, incoming)
                self._rename(incoming, key)
        except OSError as error:
            if error.errno not in CANNOT_LINK:
                raise
            with self._incoming() as incoming:
                if _copied(file.path, incoming) != file.content:
                    raise ContentDamaged(file.name) from None
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
        incoming = self.scratch / uuid4().hex
        self.scratch.mkdir(mode=0o700, exist_ok=True)
        try:
            yield incoming
        finally:
            incoming.unlink(missing_ok=True)

    def _rename(self, incoming: Path, key: str) -> None:
        """Give an object its name; over what is already there it is a repair."""
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


def _place(leaf: str) -> int:
    """Return which of all folders `sha256/ab/cd` is."""
    return int(leaf[-5:-3] + leaf[-2:], 16)


def _make_young(path: Path) -> None:
    """Let a file be as one that is written now: what was put of late is not removed, and that is told in hours."""
    if abs(path.stat().st_mtime - time.time()) > YOUNG_SECONDS:  # else the disk would have to be waited for once more
        os.utime(path)


def _begin_writing(path: Path) -> None:
    """Have the system begin to write the file to the disk, without waiting: several are then written in one go."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


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
