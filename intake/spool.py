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
from intake.line_ends import has_lone_lf, with_crlfs

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from io import RawIOBase

LEFT_OVER_SECONDS: Final = 24 * 3600
LARGE_BYTES: Final = 1024 * 1024
HEAD_BYTES: Final = 8192


class ContentKey:
    """
    The SHA-256 of a mail whose line ends are all CRLFs.

    It names the mail's content whichever server hands it out: some keep the line ends, some change them. Of a mail
    that came with CRLFs, as IMAP wants it, it is that of the bytes themselves: only for others a second one is made.
    """

    def __init__(self) -> None:
        self.as_it_came = hashlib.sha256()
        self._with_crlfs = self.as_it_came
        self._is_after_cr = False

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        is_as_it_came = self._with_crlfs is self.as_it_came
        if is_as_it_came and has_lone_lf(data, is_after_cr=self._is_after_cr):
            self._with_crlfs, is_as_it_came = self.as_it_came.copy(), False
        if not is_as_it_came:
            self._with_crlfs.update(with_crlfs(data, is_after_cr=self._is_after_cr))
        self.as_it_came.update(data)
        self._is_after_cr = data.endswith(b"\r") if data else self._is_after_cr

    def hexdigest(self) -> str:
        """Return the key of what has come so far."""
        return self._with_crlfs.hexdigest()


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
        return StoredContent(self._key.as_it_came.hexdigest(), self._size_bytes)

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        write_whole(self._file, data)
        if len(self.head) < HEAD_BYTES:
            self.head += bytes(data[: HEAD_BYTES - len(self.head)])
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
