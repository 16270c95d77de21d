"""Mails on their way from the server to the store: a file each, gone when the mail has its outcome."""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

LEFT_OVER_SECONDS: Final = 24 * 3600


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
        data = self._held + data
        self._held = b"\r" if data.endswith(b"\r") else b""
        self._digest.update(data.removesuffix(b"\r").replace(b"\r\n", b"\n"))

    def hexdigest(self) -> str:
        """Return the key of what has come so far."""
        whole = self._digest.copy()
        whole.update(self._held)
        return whole.hexdigest()


class SpooledMail:
    """A mail that is being written to its file, or has been."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._key = ContentKey()
        self._file = path.open("wb")

    @property
    def content_key(self) -> str:
        """The mail's content key; right only when the mail is whole."""
        return self._key.hexdigest()

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self._file.write(data)
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
            # In a thread: giving back the blocks of a large file takes tens of milliseconds.
            await asyncio.to_thread(path.unlink, missing_ok=True)
