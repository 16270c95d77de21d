"""Uploads that are still arriving: one file each, continued from where the last stream broke off."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from files.durable import begin_writing, disk_failures, fsync, make_durable_folder
from files.place import StoredContent, content_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from hashlib import _Hash  # pyright: ignore[reportPrivateUsage]


AHEAD_BYTES = 2**21
"""As soon as so much more has arrived the disk begins with it: at the end there is little left to wait for."""


class WrongOffset(Exception):
    """The stream does not continue where the upload ends; `expected` says where that is."""

    def __init__(self, expected: int) -> None:
        super().__init__(f"the upload continues at {expected}")
        self.expected = expected


class TooLong(Exception):
    """The stream goes on past the limit; what arrived before that chunk is kept."""


class UploadBusy(Exception):
    """Another stream is being written to this upload, in this process or in another."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """How far an upload is; `content` is all of it, if it came in one stream."""

    length: int
    content: StoredContent | None


class Staging:
    """A folder of unfinished uploads. The caller says which ids exist and how long each may become."""

    def __init__(self, root: Path) -> None:
        make_durable_folder(root)
        self._root = root.resolve()

    def path(self, upload_id: UUID) -> Path:
        """Return where the bytes lie, or will lie."""
        return self._root / f"{upload_id.hex}.part"

    def length(self, upload_id: UUID) -> int:
        """Return how many bytes have arrived."""
        try:
            return self.path(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    async def append(self, upload_id: UUID, offset: int, chunks: AsyncIterator[bytes], *, limit_bytes: int) -> Arrived:
        """
        Write *chunks* at the end of the upload and return how far it is now, once that is durable.

        When the stream breaks off, what has arrived stays.

        Raises:
            UploadBusy: somebody else is writing.
            WrongOffset: the upload does not end at *offset*.
            TooLong: the upload would become longer than *limit_bytes*.
        """
        part = await asyncio.to_thread(_open_part, self.path(upload_id))
        try:
            length, digest = part.seek(0, os.SEEK_END), hashlib.sha256()
            if length != offset:
                raise WrongOffset(length)
            async for chunk in chunks:
                length += len(chunk)
                if length > limit_bytes:
                    raise TooLong
                await asyncio.to_thread(_write, part, chunk, digest)
                del chunk  # not to be kept while the next one is waited for
            await asyncio.to_thread(_make_durable, part, self.path(upload_id))
        finally:
            _close(part)
        return Arrived(length, None if offset else StoredContent(digest.hexdigest(), length))

    async def content(self, upload_id: UUID) -> StoredContent:
        """Read what has arrived in several streams, and return what it is; FileNotFoundError if nothing is there."""
        return await asyncio.to_thread(content_of, self.path(upload_id))

    async def head(self, upload_id: UUID, size_bytes: int) -> bytes:
        """Return the first bytes that have arrived, at most *size_bytes*."""
        return await asyncio.to_thread(_read_head, self.path(upload_id), size_bytes)

    async def discard(self, upload_id: UUID) -> None:
        """Remove the upload, if it is there."""
        await asyncio.to_thread(self.path(upload_id).unlink, missing_ok=True)

    async def older(self, before: datetime) -> list[UUID]:
        """Return the uploads last written before that instant."""
        return await asyncio.to_thread(_find_older, self._root, before)


def _open_part(path: Path) -> BinaryIO:
    # Buffered on purpose: its own lock lets `close` wait for a write whose caller was cancelled.
    with disk_failures():
        part = path.open("ab")
        try:
            _lock(part, path)
        except BaseException:
            part.close()
            raise
    return part


def _lock(part: BinaryIO, path: Path) -> None:
    try:
        fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        still_there = os.path.samestat(os.fstat(part.fileno()), path.stat())
    except (BlockingIOError, FileNotFoundError) as error:
        raise UploadBusy from error
    if not still_there:
        raise UploadBusy  # discarded and begun anew by others since it was opened


def _write(part: BinaryIO, chunk: bytes, digest: _Hash) -> None:
    """Write, and hash on the way: so nobody has to read it again."""
    with disk_failures():
        part.write(chunk)
        part.flush()
        end = part.tell()
    digest.update(chunk)
    if (end - len(chunk)) // AHEAD_BYTES < end // AHEAD_BYTES:
        begin_writing(part.fileno(), 0, end)


def _make_durable(part: BinaryIO, path: Path) -> None:
    with disk_failures():
        os.fsync(part.fileno())
        fsync(path.parent)


def _close(part: BinaryIO) -> None:
    with suppress(OSError):  # what the disk did not take a moment ago it is asked once more; that it says no is known
        part.close()


def _read_head(path: Path, size_bytes: int) -> bytes:
    try:
        with path.open("rb") as part:
            return part.read(size_bytes)
    except FileNotFoundError:
        return b""


def _find_older(folder: Path, before: datetime) -> list[UUID]:
    found: list[UUID] = []
    for path in folder.glob("*.part"):
        try:
            if path.stat().st_mtime < before.timestamp():
                found.append(UUID(path.stem))
        except FileNotFoundError:
            continue  # discarded meanwhile
    return found
