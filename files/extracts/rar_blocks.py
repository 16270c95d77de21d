"""Counts the files of a RAR archive block by block: libraries stop at one that they do not know, and say nothing."""

from __future__ import annotations

import struct
from typing import Final

from files.extracts.marks import RAR
from files.extracts.room import Unreadable

START4: Final = len(RAR) + 1
START5: Final = len(RAR) + 2

MAIN5, FILE5, SERVICE5, LOCK5, END5 = range(1, 6)
HAS_EXTRA5, HAS_DATA5 = 1, 2

MAIN4, FILE4, END4 = 0x73, 0x74, 0x7B
KINDS4: Final = range(0x73, 0x7C)
HAS_DATA4, IS_LARGE4 = 0x8000, 0x0100
HEADER4: Final = struct.Struct("<HBHH")


def count_files(archive: bytes) -> int:
    """
    Return how many files and folders an archive of either format has, to its end.

    Raises:
        Unreadable: there is a block that is not known, or the archive ends before its end.
    """
    is_new = archive[len(RAR) : START5] == b"\x01\x00"
    place, files = (START5, 0) if is_new else (START4, 0)
    while place < len(archive):
        kind, place = _block5(archive, place) if is_new else _block4(archive, place)
        if kind in (END5, END4):
            return files
        files += kind in (FILE5, FILE4)
    if is_new or place > len(archive):  # an old one may lack the last block
        raise Unreadable
    return files


def _block5(archive: bytes, place: int) -> tuple[int, int]:
    """Return of which kind a block is, and where the next begins."""
    size, start = _number(archive, place + 4)
    kind, at = _number(archive, start)
    flags, at = _number(archive, at)
    if flags & HAS_EXTRA5:
        _, at = _number(archive, at)
    data, _ = _number(archive, at) if flags & HAS_DATA5 else (0, at)
    if not MAIN5 <= kind <= END5 or size == 0:
        raise Unreadable
    return kind, start + size + data


def _number(archive: bytes, place: int) -> tuple[int, int]:
    """Return a number of as many bytes as it needs, and what comes after it."""
    value = 0
    for shift, byte in enumerate(archive[place : place + 10]):
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value, place + shift + 1
    raise Unreadable


def _block4(archive: bytes, place: int) -> tuple[int, int]:
    header = archive[place : place + HEADER4.size + 4].ljust(HEADER4.size + 4, b"\0")
    _, kind, flags, size = HEADER4.unpack_from(header)
    if kind not in KINDS4 or size < HEADER4.size:
        raise Unreadable
    [data] = struct.unpack_from("<I", header, HEADER4.size) if flags & HAS_DATA4 else [0]
    if flags & HAS_DATA4 and flags & IS_LARGE4 and kind == FILE4:
        [high] = struct.unpack("<I", archive[place + 32 : place + 36].ljust(4, b"\0"))
        data |= high << 32
    return kind, place + size + data
