"""Looks into old Office documents, which clamd opens itself, for files that others are inside of."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

import olefile

from files.extracts.marks import HEAD_BYTES, PDF, RAR, ZIP
from files.extracts.room import Room, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKS: Final = (PDF, RAR, ZIP[0])


def take_out(data: bytes, room: Room) -> Iterator[bytes]:
    """
    Yield what programs have put into it, from where it is known by its mark: each wraps it in a way of its own.

    Raises:
        Unreadable: it cannot be read.
        Full: there is no room for more.
    """
    try:
        with olefile.OleFileIO(BytesIO(data)) as document:
            for path in document.listdir():
                room.enter()
                yield from _wrapped(document, path, room)
    except (OSError, ValueError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable from error


def _wrapped(document: olefile.OleFileIO[str], path: list[str], room: Room) -> Iterator[bytes]:
    if not room.fits(document.get_size(path)):
        room.miss()
        return
    content = document.openstream(path).read()
    places = [place for mark in MARKS if (place := content.find(mark, 0, HEAD_BYTES)) >= 0]
    if places:
        extract = content[min(places) :]
        room.take(len(extract))
        yield extract
