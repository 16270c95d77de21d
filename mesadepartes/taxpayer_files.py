"""The file in which SUNAT publishes its register: as text, or in a zip archive with one member."""

from __future__ import annotations

import asyncio
import os
import zipfile
import zlib
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import IO, TYPE_CHECKING, Final

from rules.workdays import LIMA

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from pathlib import Path

BLOCK_BYTES: Final = 256 * 1024
ENCRYPTED: Final = 0x1


class UnreadableFile(Exception):
    """Why the file cannot be read."""


class PublishedFile:
    """The file while it is read."""

    def __init__(self, stored: IO[bytes], stream: IO[bytes], published_on: date) -> None:
        self.published_on = published_on
        self.size_bytes = os.fstat(stored.fileno()).st_size
        self._stored = stored
        self._stream = stream

    async def blocks(self, told: Callable[[int], None]) -> AsyncGenerator[bytes]:
        """
        Yield the text in blocks; *told* hears how many bytes of the file, as it is stored, each of them took.

        Raises:
            UnreadableFile: it is damaged, or cut off.
        """
        position = 0
        while block := await asyncio.to_thread(self._next_block):
            yield block
            before, position = position, self._stored.tell()
            told(max(0, position - before))

    def _next_block(self) -> bytes:
        try:
            return self._stream.read(BLOCK_BYTES)
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise UnreadableFile(f"The file cannot be read to its end: {error or type(error).__name__}") from None


@contextmanager
def published_file(path: Path) -> Generator[PublishedFile]:
    """
    Open the file for as long as the block lasts. Its date is that of the archive's member, else of the file.

    Raises:
        UnreadableFile: it is an archive, but not of one member that can be read.
    """
    with path.open("rb") as stored:
        if zipfile.is_zipfile(stored):
            with zipfile.ZipFile(stored) as archive:
                member = _only_member(archive)
                with _opened(archive, member) as stream:
                    yield PublishedFile(stored, stream, date(*member.date_time[:3]))
        else:
            stored.seek(0)
            changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            yield PublishedFile(stored, stored, changed_at.astimezone(LIMA).date())


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise UnreadableFile(f"The archive holds {len(members)} files, not one. Take the one with the register out.")
    if members[0].flag_bits & ENCRYPTED:
        raise UnreadableFile("The archive is encrypted.")
    return members[0]


def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(member)
    except (NotImplementedError, zipfile.BadZipFile) as error:
        raise UnreadableFile(f"The archive cannot be opened: {error}") from None
