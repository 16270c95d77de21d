"""Takes files out of RAR archives by libarchive, for Debian's clamd does not open them."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING, Final, cast
from zlib import crc32

import rarfile

from files.extracts.marks import RAR, place_of_rar
from files.extracts.rar_blocks import count_files
from files.extracts.room import Room, Unreadable

try:
    import libarchive
except (ImportError, OSError, AttributeError):  # the system has no libarchive, or what it has is not one
    libarchive = None

if TYPE_CHECKING:
    from collections.abc import Iterator

    from libarchive.entry import ArchiveEntry

BLOCK_BYTES: Final = 64 * 1024
FORMATS: Final = {RAR + b"\x00": "rar", RAR + b"\x01": "rar5"}
WRONG_HEADERS: Final = (rarfile.Error, OSError, ValueError, LookupError, struct.error)


def take_out(data: bytes, room: Room) -> Iterator[bytes]:
    """
    Yield the members that can be read; those that cannot are missed.

    libarchive is believed as far as the archive's own headers, read by another library, bear it out.

    Raises:
        Unreadable: it cannot be read, or not to its end, or this system has no libarchive.
        Full: there is no room for more.
    """
    archive = data[place_of_rar(data) or 0 :]
    name = FORMATS.get(archive[: len(RAR) + 1])
    if libarchive is None or name is None:
        raise Unreadable
    waiting = _announced(archive)
    try:
        with libarchive.memory_reader(archive, format_name=name, filter_name="none") as members:
            for member in members:
                if member.isreg and not member.islnk:
                    room.enter()
                    yield from _checked(member, waiting.pop(0) if waiting else None, room)
    except libarchive.ArchiveError as error:
        raise Unreadable from error
    if waiting:
        raise Unreadable


def _announced(archive: bytes) -> list[rarfile.RarInfo]:
    """Return the members that its headers tell of, in their order."""
    try:
        with rarfile.RarFile(BytesIO(archive)) as headers:
            members = headers.infolist()
            if headers.needs_password() or len(members) != count_files(archive):
                raise Unreadable
            return [member for member in members if member.is_file() and not getattr(member, "file_redir", None)]
    except WRONG_HEADERS as error:
        raise Unreadable from error


def _checked(member: ArchiveEntry, announced: rarfile.RarInfo | None, room: Room) -> Iterator[bytes]:
    """Yield the member, whatever was announced of it, if there is room for it."""
    content = _content(member, most=min(room.bytes_each, room.size_bytes))
    if content is None:
        room.miss()
        return
    if announced is None or not _is_as_announced(content, announced):
        room.miss()
    room.take(len(content))
    yield content


def _content(member: ArchiveEntry, *, most: int) -> bytes | None:
    content = bytearray()
    for block in member.get_blocks(BLOCK_BYTES):
        content += block
        if len(content) > most:
            return None
    return bytes(content)


def _is_as_announced(content: bytes, announced: rarfile.RarInfo) -> bool:
    size, checksum = cast("tuple[int | None, int | None]", (announced.file_size, announced.CRC))
    return len(content) == size and (checksum is None or crc32(content) == checksum)
