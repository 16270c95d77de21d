"""Mails on their way from the server to the store: a file each, gone when the mail has its outcome."""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from files.store import StoredContent
from intake.line_ends import with_lfs

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from io import RawIOBase

LEFT_OVER_SECONDS: Final = 24 * 3600
LARGE_BYTES: Final = 1024 * 1024
HEAD_BYTES: Final = 8192


class ContentKey:
    """
    The SHA-256 of a mail whose CRLFs are taken as LFs.

    It names the mail's content whichever server hands it out: some keep the line ends, some change them.
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._held = b""

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        data = self._held + data if self._held else data
        self._held = b"\r" if data.endswith(b"\r") else b""
        self._digest.update(with_lfs(data[:-1] if self._held else data))

    def hexdigest(self) -> str:
        """Return the key of what has come so far."""
        whole = self._digest.copy()
        whole.update(self._held)
        return whole.hexdigest()


class HashingSink:
    """Writes to a file and knows the SHA-256 of what was written."""

    def __init__(self, file: RawIOBase) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        write_whole(self._file, data)
        self.digest.update(data)


class SpooledMail:
    """A mail that is being written to its file, or has been."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._key = ContentKey()
        self._digest = hashlib.sha256()
        self._size_bytes = 0
        self.head = b""
        """The first 8 kB or so."""

        self._file = path.open("wb", buffering=0)

    @property
    def content_key(self) -> str:
        """The mail's content key; right only when the mail is whole."""
        return self._key.hexdigest()

    @property
    def content(self) -> StoredContent:
        """The mail's bytes as they came; right only when the mail is whole."""
        return StoredContent(self._digest.hexdigest(), self._size_bytes)

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        write_whole(self._file, data)
        if len(self.head) < HEAD_BYTES:
            self.head += bytes(data[: HEAD_BYTES - len(self.head)])
        self._digest.update(data)
        self._size_bytes += len(data)
        self._key.update(data)

    def close(self) -> None:
        """Hand what was written to the file."""
        self._file.close()


class Spool:
    """A folder that only workers use. What a worker that died has left in it is worth nothing: the server has it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder

    def sweep(self) -> int:
        """Remove what is older than a day; return how many files."""
        removed = 0
        for path in self._folder.glob("*.tmp"):
            if path.stat().st_mtime < time.time() - LEFT_OVER_SECONDS:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    @asynccontextmanager
    async def new_mail(self) -> AsyncGenerator[SpooledMail]:
        """Yield a file for one mail; it is removed at the end."""
        async with self.new_path() as path:
            mail = SpooledMail(path)
            try:
                yield mail
            finally:
                mail.close()

    @asynccontextmanager
    async def new_path(self) -> AsyncGenerator[Path]:
        """Yield a path for a file, which is removed at the end."""
        path = self._folder / f"{uuid4().hex}.tmp"
        try:
            yield path
        finally:
            if _gives_back_much(path):
                await asyncio.to_thread(path.unlink, missing_ok=True)
            else:
                path.unlink(missing_ok=True)


def write_whole(file: RawIOBase, data: bytes) -> None:
    """Write all of *data* to a file without a buffer."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _gives_back_much(path: Path) -> bool:
    """Say whether to remove the file takes long: the blocks of a large one, if it has no other name."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    return found.st_size > LARGE_BYTES and found.st_nlink == 1
