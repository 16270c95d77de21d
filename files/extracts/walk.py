"""Walks through a file and all that is inside, however deep; what nobody has looked at yet is yielded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from files.extracts import oles, pdfs, rars, zips
from files.extracts.marks import is_ole, is_pdf, is_zip, place_of_rar
from files.extracts.room import Full, Room, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    TakeOut = Callable[[bytes, Room], Iterator[bytes]]

SEEN: Final = frozenset({zips.take_out, oles.take_out})
"""What these take out of a file clamd has seen already; it is taken out only for what is inside in turn."""


def extracts_of(data: bytes, room: Room) -> Iterator[bytes]:
    """
    Yield what of a file, which clamd has looked at, it has not seen; `room.is_all_seen` says whether that was all.

    Each extract is to be forgotten before the next is asked for. Raises nothing but MemoryError.
    """
    try:
        yield from _inside(data, room, depth=0)
    except Full:
        room.miss()


def _inside(data: bytes, room: Room, *, depth: int) -> Iterator[bytes]:
    for take_out, is_surely_one in _ways_into(data):
        if depth >= room.depth:
            room.miss()
            return
        try:
            for extract in take_out(data, room):
                if take_out not in SEEN:
                    yield extract
                yield from _inside(extract, room, depth=depth + 1)
        except Unreadable:
            if is_surely_one:
                room.miss()


def _ways_into(data: bytes) -> Iterator[tuple[TakeOut, bool]]:
    """
    Yield all ways to look into it, and whether it surely is of that kind: a file can be several things, and who opens
    it chooses; but a PDF that merely lies at the beginning of an archive makes none of the archive.
    """
    is_holder = is_zip(data) or is_ole(data)
    if is_pdf(data):
        yield pdfs.take_out, not is_holder
    if is_zip(data):
        yield zips.take_out, True
    elif zips.ends_like_one(data):
        yield zips.take_all_out, False
    if is_ole(data):
        yield oles.take_out, True
    if place_of_rar(data) is not None:
        yield rars.take_out, not (is_holder or is_pdf(data))
