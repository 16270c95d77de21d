"""Private files of ours for as long as they are in use; what a crash leaves is swept with all that was cut off."""

from __future__ import annotations

import asyncio
import hashlib
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from files.durable import disk_failures
from files.place import ContentDamaged, StoredContent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path
    from typing import BinaryIO

    from files.cipher import Cipher


@asynccontextmanager
async def scratch_path(folder: Path) -> AsyncGenerator[Path]:
    """Yield a path in *folder* for a file of ours, gone at the end."""
    await asyncio.to_thread(_make, folder)
    path = folder / uuid4().hex
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


async def write_private(path: Path, chunks: AsyncIterator[bytes]) -> None:
    """Write chunks to a file that only we may read."""
    with disk_failures(), _private(path) as file:
        async for chunk in chunks:
            await asyncio.to_thread(file.write, chunk)


def seal_file(cipher: Cipher, path: Path, to: Path, content: StoredContent) -> StoredContent:
    """
    Encrypt a file into a private one, and return what is in that.

    Raises:
        ContentDamaged: the file does not hold what it was said to.
    """
    plain, sealed, size = hashlib.sha256(), hashlib.sha256(), 0
    with disk_failures(), path.open("rb") as source, _private(to) as target:

        def read(size_bytes: int) -> bytes:
            plain.update(chunk := source.read(size_bytes))
            return chunk

        for chunk in cipher.seal(content.sha256, read):
            sealed.update(chunk)
            size += target.write(chunk)
    if plain.hexdigest() != content.sha256:
        raise ContentDamaged(content.sha256)
    return StoredContent(sealed.hexdigest(), size)


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _make(folder: Path) -> None:
    with disk_failures():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
