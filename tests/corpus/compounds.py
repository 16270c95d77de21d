"""Writes compound files ([MS-CFB]), and what older Office programs keep in them, as far as a sieve looks."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SECTOR, MINI, CUTOFF = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_HEADER = struct.Struct("<8s16s6H10I")
_DIRECTORY_ENTRY = struct.Struct("<64sH2B3I16sI2Q3I")
MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Node:
    """A stream or, without data, a storage with what is in it."""

    name: str
    data: bytes | None = None
    nodes: Sequence[Node] = field(default_factory=tuple)


@dataclass
class _Listed:
    node: Node
    kind: int
    start: int = _END
    next: int = _FREE
    child: int = _FREE


def make_compound(nodes: Sequence[Node], *, class_id: bytes = bytes(16), behind: bytes = b"") -> bytes:
    """Return a file of these; *behind* follows its last sector."""
    entries = [_Listed(Node("Root Entry", None, nodes), 5)]
    _list(entries, 0)
    sectors, fat, mini, mini_fat = bytearray(), list[int](), bytearray(), list[int]()
    for entry in entries[1:]:
        if entry.node.data:
            is_mini = len(entry.node.data) < CUTOFF
            target, table, unit = (mini, mini_fat, MINI) if is_mini else (sectors, fat, SECTOR)
            entry.start = _append(target, table, entry.node.data, unit)
    entries[0].start = _append(sectors, fat, bytes(mini), SECTOR)
    mini_table = _append(sectors, fat, _table(mini_fat), SECTOR)
    packed = b"".join(_packed(entry, len(mini), class_id) for entry in entries)
    directory = _append(sectors, fat, packed + _free_entries(len(entries)), SECTOR)
    return _header(sectors, fat, directory, mini_table, mini_fat) + bytes(sectors) + behind


def _list(entries: list[_Listed], parent: int) -> None:
    """Put the children of one storage behind each other, then theirs; each points to the next as to its right."""
    before = None
    for node in entries[parent].node.nodes:
        index = len(entries)
        entries.append(_Listed(node, 1 if node.data is None else 2))
        if before is None:
            entries[parent].child = index
        else:
            entries[before].next = index
        before = index
        _list(entries, index)


def _append(target: bytearray, table: list[int], data: bytes, unit: int) -> int:
    if not data:
        return _END
    start, count = len(table), -(-len(data) // unit)
    target += data.ljust(count * unit, b"\0")
    table += [*range(start + 1, start + count), _END]
    return start


def _table(numbers: Sequence[int]) -> bytes:
    data = struct.pack(f"<{len(numbers)}I", *numbers)
    return data.ljust(-(-len(data) // SECTOR) * SECTOR, b"\xff")


def _packed(entry: _Listed, mini_bytes: int, class_id: bytes) -> bytes:
    name = entry.node.name.encode("utf-16-le")
    is_root = entry.kind == 5
    size = mini_bytes if is_root else len(entry.node.data or b"")
    links = (_FREE, entry.next, entry.child)
    own = class_id if is_root else bytes(16)
    return _DIRECTORY_ENTRY.pack(name, len(name) + 2, entry.kind, 1, *links, own, 0, 0, 0, entry.start, size, 0)


def _free_entries(count: int) -> bytes:
    empty = _DIRECTORY_ENTRY.pack(b"", 0, 0, 0, _FREE, _FREE, _FREE, bytes(16), 0, 0, 0, 0, 0, 0)
    return empty * (-count % (SECTOR // _DIRECTORY_ENTRY.size))


def _header(sectors: bytearray, fat: list[int], directory: int, mini_table: int, mini_fat: Sequence[int]) -> bytes:
    """Return the header; the allocation table is put behind all others."""
    first, count = len(fat), 1
    while count * SECTOR // 4 < len(fat) + count:
        count += 1
    fat += [_FAT] * count
    sectors += _table(fat)
    mini_sectors = -(-len(mini_fat) * 4 // SECTOR)
    numbers = (0, count, directory, 0, CUTOFF, mini_table, mini_sectors, _END, 0)
    head = _HEADER.pack(MAGIC, bytes(16), 62, 3, 0xFFFE, 9, 6, 0, 0, *numbers)
    listed = [*range(first, first + count), *[_FREE] * (109 - count)]
    return head + struct.pack("<109I", *listed)


def make_native(name: str, data: bytes) -> bytes:
    """Return what a packed file is in a document (Ole10Native)."""
    names = name.encode("latin-1") + b"\0" + b"C:\\" + name.encode("latin-1") + b"\0"
    path = b"C:\\Temp\\" + name.encode("latin-1") + b"\0"
    body = (
        struct.pack("<H", 2) + names + struct.pack("<2HI", 0, 3, len(path)) + path + struct.pack("<I", len(data)) + data
    )
    return struct.pack("<I", len(body)) + body


def make_word(
    text: bytes = b"Solicito copia. ", *, version: int = 193, flags: int = 0x0200, mark: int = 0xA5EC
) -> bytes:
    """Return the stream of a text of Word 97 or, by its version, of another."""
    head = struct.pack("<6H", mark, version, 0, 0x080A, 0, flags)
    return head.ljust(1536, b"\0") + text + bytes(4096)


def make_doc(*nodes: Node, word: bytes | None = None, table: str = "1Table") -> bytes:
    """Return a document of Word."""
    return make_compound([Node("WordDocument", word or make_word()), Node(table, bytes(4096)), *nodes])


def record(code: int, data: bytes = b"") -> bytes:
    """Return one record of a workbook."""
    return struct.pack("<2H", code, len(data)) + data


def sheet(name: str, kind: int = 0) -> bytes:
    """Return the record that lists a sheet."""
    return record(0x85, struct.pack("<I2B2B", 0, 0, kind, len(name), 0) + name.encode())


def supporting(path: str, *, is_wide: bool = False) -> bytes:
    """Return the record of a link to *path*."""
    return record(
        0x1AE, struct.pack("<2HB", 0, len(path), is_wide) + path.encode("utf-16-le" if is_wide else "latin-1")
    )


def make_xls(*nodes: Node, records: bytes = sheet("Hoja1"), version: int = 0x0600, stream: str = "Workbook") -> bytes:
    """Return a workbook of Excel with these *records* in front."""
    begin = record(0x809, struct.pack("<2H", version, 5) + bytes(12))
    globals_ = begin + records + record(0x0A)
    return make_compound([Node(stream, globals_ + begin + record(0x0A) + bytes(4096)), *nodes])


def walk(nodes: Sequence[Node]) -> Iterator[Node]:
    """Yield all of them."""
    for node in nodes:
        yield node
        yield from walk(node.nodes)
