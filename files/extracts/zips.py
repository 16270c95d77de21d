"""Looks into ZIP archives and Office documents, which clamd opens itself, for files that others are inside of."""

from __future__ import annotations

import lzma
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from files.extracts.marks import HEAD_BYTES, has_inside
from files.extracts.room import Room, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMBER_MARK: Final = b"PK\x01\x02"
WRONG: Final = (BadZipFile, OSError, EOFError, ValueError, RuntimeError, zlib.error, lzma.LZMAError)
"""What reading a member raises: damaged, locked (RuntimeError), packed in a way that we do not know."""


def ends_like_one(data: bytes) -> bool:
    """Say whether a ZIP archive hangs at the end of another file."""
    return is_zipfile(BytesIO(data))


def take_out(data: bytes, room: Room) -> Iterator[bytes]:
    """
    Yield the members that others are inside of.

    Raises:
        Unreadable: it cannot be read.
        Full: there is no room for more.
    """
    yield from _members(data, room, all_of_them=False)


def take_all_out(data: bytes, room: Room) -> Iterator[bytes]:
    """
    Yield all members, for clamd may not have seen an archive that hangs at the end of another file.

    Raises:
        Unreadable, Full: as `take_out`.
    """
    yield from _members(data, room, all_of_them=True)


def _members(data: bytes, room: Room, *, all_of_them: bool) -> Iterator[bytes]:
    if data.count(MEMBER_MARK) > room.files:  # before the list of them is made
        raise Unreadable
    try:
        archive = ZipFile(BytesIO(data))
    except WRONG as error:
        raise Unreadable from error
    with archive:
        for member in archive.infolist():
            room.enter()
            room.pass_by(member.file_size)
            content = _content(archive, member, room, is_wanted=all_of_them)
            if content:
                room.take(len(content))
                yield content


def _content(archive: ZipFile, member: ZipInfo, room: Room, *, is_wanted: bool) -> bytes | None:
    """Return the member if it is wanted, or others may be inside of it."""
    most = min(room.bytes_each, room.size_bytes)
    try:
        with archive.open(member) as file:
            head = file.read(HEAD_BYTES)
            if not (is_wanted or has_inside(head)):
                return None
            content = head + file.read(most + 1 - len(head))
    except WRONG:
        room.miss()
        return None
    if len(content) > most:
        room.miss()
        return None
    return content
