"""Compound files ([MS-CFB]: .doc, .xls and others), opened by olefile within bounds, read as far as needed."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import olefile

from files.sieve.starts import is_file_of_its_own

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_ENTRIES: Final = 2_000
MAX_DEPTH: Final = 32
MOST_BEHIND_BYTES: Final = 64 << 10
"""How much may lie behind what the allocation table covers; some writers round up."""
_HEADER: Final = struct.Struct("<8s16s6H10I")
_SPARE_SECTORS: Final = 109
"""Allocation sectors that every file has room for, used or not."""
_NO_SECTOR: Final = 0xFFFFFFFA
"""From here on a sector's number is no number."""
_FREE: Final = 0xFFFFFFFF
_ENTRY_BYTES: Final = 128
_ROOT_CLASSES_OF_INSTALLERS: Final = ("000C1084", "000C1086", "000C1082")


class Unreadable(Exception):
    """It is no compound file that can be gone by."""


class TooMany(Exception):
    """It has more entries than are looked at."""


_OleFileIO: Any = olefile.OleFileIO
"""Its own types know none of its attributes."""


class _Bounded(_OleFileIO):
    """olefile, that does not begin what would not end: its directory is as long as its chain, its check has no list."""

    def loaddirectory(self, sect: int) -> None:
        most = MAX_ENTRIES * _ENTRY_BYTES // self.sector_size
        for number, _ in enumerate(_chain(self.fat, sect)):
            if number >= most:
                raise TooMany
        super().loaddirectory(sect)

    def _check_duplicate_stream(self, first_sect: int, minifat: bool = False) -> None:
        """Leave it out: it costs the square of the streams, and nothing depends on it."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream or, without a size, a storage; `path` in lower case."""

    path: tuple[str, ...]
    start: int
    size_bytes: int | None

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path[-1]


class Compound:
    """An opened compound file."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        """
        Open it.

        Raises:
            Unreadable: its header, allocation table or directory are broken.
            TooMany: it has more entries than `MAX_ENTRIES`.
        """
        _check_header(file, size)
        self._file, self._size = file, size
        try:
            self._ole: Any = _Bounded(file)
            self.entries = list(_walk(self._ole.root, ()))
        except (OSError, ValueError, IndexError, OverflowError, TypeError, AttributeError, struct.error) as error:
            raise Unreadable from error
        except RecursionError as error:
            raise TooMany from error
        self._mini: tuple[Sequence[int], list[int]] | None = None

    @property
    def is_installer(self) -> bool:
        """Whether it is a package of Windows Installer, which begins the same."""
        return str(self._ole.root.clsid).startswith(_ROOT_CLASSES_OF_INSTALLERS)

    def find(self, *path: str) -> Stream | None:
        """Return the stream at *path*, in lower case."""
        return next((each for each in self.entries if each.path == path and each.size_bytes is not None), None)

    def read(self, stream: Stream, most_bytes: int) -> bytes:
        """
        Return at most so many of its first bytes.

        Raises:
            Unreadable: its chain of sectors breaks off.
        """
        size = stream.size_bytes or 0
        wanted = min(size, most_bytes)
        if size >= self._ole.minisectorcutoff:
            return self._read_sectors(self._first_sectors(stream.start, wanted), wanted)
        return self._read_mini(stream.start, wanted)

    def check(self, stream: Stream) -> None:
        """
        See that all of a stream is in the file.

        Raises:
            Unreadable: it is not.
        """
        size = stream.size_bytes or 0
        if size > self._size:
            raise Unreadable
        if size >= self._ole.minisectorcutoff:
            sectors = self._first_sectors(stream.start, size)
            if any((sector + 1) * self._ole.sector_size >= self._size for sector in sectors):
                raise Unreadable
        else:
            self._read_mini(stream.start, size)

    def hides_something(self) -> bool:
        """Say whether another file lies behind its last sector, or much behind all that its table knows of."""
        sector_bytes, fat = self._ole.sector_size, self._ole.fat
        last = next((index for index in range(len(fat) - 1, -1, -1) if fat[index] != _FREE), -1)
        self._file.seek((last + 2) * sector_bytes)
        covered = (self._ole.num_fat_sectors * sector_bytes // 4 + 1) * sector_bytes
        return is_file_of_its_own(self._file.read(128)) or self._size - covered > MOST_BEHIND_BYTES

    def _first_sectors(self, start: int, wanted_bytes: int) -> list[int]:
        count = -(-wanted_bytes // self._ole.sector_size)
        sectors = [sector for sector, _ in zip(_chain(self._ole.fat, start), range(count), strict=False)]
        if len(sectors) < count:
            raise Unreadable
        return sectors

    def _read_sectors(self, sectors: Sequence[int], wanted_bytes: int) -> bytes:
        data, sector_bytes = bytearray(), self._ole.sector_size
        for first, count in _runs(sectors):
            self._file.seek((first + 1) * sector_bytes)
            data += self._file.read(count * sector_bytes)
        return bytes(data[:wanted_bytes])

    def _read_mini(self, start: int, wanted_bytes: int) -> bytes:
        fat, home = self._mini_stream()
        mini_bytes, sector_bytes = self._ole.mini_sector_size, self._ole.sector_size
        data = bytearray()
        for sector, _ in zip(_chain(fat, start), range(-(-wanted_bytes // mini_bytes)), strict=False):
            index, offset = divmod(sector * mini_bytes, sector_bytes)
            if index >= len(home):
                raise Unreadable
            self._file.seek((home[index] + 1) * sector_bytes + offset)
            data += self._file.read(mini_bytes)
        if len(data) < wanted_bytes:
            raise Unreadable
        return bytes(data[:wanted_bytes])

    def _mini_stream(self) -> tuple[Sequence[int], list[int]]:
        """Return the table of the small sectors, and where the stream lies that they are cut from."""
        if self._mini is None:
            table_bytes = min(self._ole.num_mini_fat_sectors * self._ole.sector_size, self._size)
            sectors = self._first_sectors(self._ole.first_mini_fat_sector, table_bytes)
            table = self._read_sectors(sectors, table_bytes)
            home = self._first_sectors(self._ole.root.isectStart, min(self._ole.root.size, self._size))
            self._mini = struct.unpack_from(f"<{len(table) // 4}I", table), home
        return self._mini


def _check_header(file: BinaryIO, size: int) -> None:
    """See that it promises no more sectors than the file has room for: olefile believes it."""
    header = file.read(_HEADER.size)
    file.seek(0)
    if len(header) < _HEADER.size:
        raise Unreadable
    _, _, _, _, _, shift, mini_shift, _, _, _, fat_sectors, *_, difat_sectors = _HEADER.unpack(header)
    if (shift, mini_shift) not in ((9, 6), (12, 6)):
        raise Unreadable
    sectors = size >> shift
    if fat_sectors > sectors // (1 << shift - 2) + _SPARE_SECTORS or difat_sectors > sectors:
        raise Unreadable


def _chain(fat: Sequence[int], sector: int) -> Iterator[int]:
    """Yield a chain's sectors, no more than there are in all; it ends where a number is none, or leads nowhere."""
    for _ in range(len(fat)):
        if sector >= _NO_SECTOR or sector >= len(fat):
            return
        yield sector
        sector = fat[sector]


def _runs(sectors: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the number of sectors that follow each other."""
    first, count = -1, 0
    for sector in sectors:
        if count and sector == first + count:
            count += 1
            continue
        if count:
            yield first, count
        first, count = sector, 1
    if count:
        yield first, count


def _walk(entry: Any, path: tuple[str, ...]) -> Iterator[Stream]:
    if len(path) > MAX_DEPTH:
        raise TooMany
    for kid in entry.kids:
        below = (*path, str(kid.name).lower())
        is_stream = kid.entry_type == olefile.STGTY_STREAM
        yield Stream(below, kid.isectStart, kid.size if is_stream else None)
        yield from _walk(kid, below)
