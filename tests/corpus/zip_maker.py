"""Writes ZIPs of any make, honest or not: whatever a header says can be said otherwise."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STORED, DEFLATED, DEFLATED64, BZIP2, AES = 0, 8, 9, 12, 99
UNIX, WINDOWS = 3, 0
_LOCAL = struct.Struct("<4s5H3I2H")
_ENTRY = struct.Struct("<4s2B5H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_TIME, _DATE = 0x6000, 0x5B3A


@dataclass(frozen=True)
class Entry:
    """One member; what is None is as it truly is. `local` holds what only its local header says otherwise."""

    name: str | bytes
    data: bytes = b"Hola"
    method: int = DEFLATED
    flags: int = 0
    packed: bytes | None = None
    crc: int | None = None
    size: int | None = None
    packed_size: int | None = None
    attributes: int = 0
    system: int = WINDOWS
    extra: bytes = b""
    offset: int | None = None
    behind: bytes = b""
    """What follows its data: a descriptor, or what has no place there."""
    local: Mapping[str, Any] = field(default_factory=dict)
    is_listed: bool = True
    has_local: bool = True


def extra_field(code: int, value: bytes) -> bytes:
    """Return one extra field."""
    return struct.pack("<2H", code, len(value)) + value


def raw_deflate(data: bytes, level: int = 6) -> bytes:
    """Return it as members hold it."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def make_zip(entries: Sequence[Entry], **end: Any) -> bytes:
    """Return an archive of these; *end* as in `make_end`."""
    body, listed = bytearray(), bytearray()
    for entry in entries:
        offset = len(body) if entry.offset is None else entry.offset
        if entry.has_local:
            body += _local(entry) + _packed(entry) + entry.behind
        if entry.is_listed:
            listed += _listed(entry, offset)
    count = sum(entry.is_listed for entry in entries)
    return bytes(body) + bytes(listed) + make_end(count, len(listed), len(body), **end)


def of(*entries: Entry, **end: Any) -> Callable[[], bytes]:
    """Return what makes it, when it is wanted."""
    return partial(make_zip, entries, **end)


def make_end(
    count: int, length: int, offset: int, /, *, comment: bytes = b"", behind: bytes = b"", **told: Any
) -> bytes:
    """Return the end of an archive, in which *told* says otherwise."""
    values = {"disk": 0, "first_disk": 0, "here": count, "count": count, "length": length, "offset": offset}
    values |= {"comment_bytes": len(comment)} | told
    return _END.pack(b"PK\x05\x06", *values.values()) + comment + behind


def make_wide_end(count: int, length: int, offset: int, /, **told: Any) -> bytes:
    """Return the ends of a ZIP64."""
    values = {"disk": 0, "first_disk": 0, "here": count, "count": count, "disks": 1, "where": offset + length} | told
    record = struct.pack(
        "<4sQ2H2I4Q",
        b"PK\x06\x06",
        44,
        45,
        45,
        *(values[each] for each in ("disk", "first_disk", "here", "count")),
        length,
        offset,
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, values["where"], values["disks"])
    return record + locator + _END.pack(b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)


def make_streamed(entry: Entry, *, is_wide: bool = False) -> Entry:
    """Return it as a writer does that cannot go back: the sizes follow the data."""
    sizes = struct.pack("<2Q" if is_wide else "<2I", len(_packed(entry)), len(entry.data))
    behind = b"PK\x07\x08" + struct.pack("<I", zlib.crc32(entry.data)) + sizes
    return replace(entry, flags=entry.flags | 8, behind=behind, local={"crc": 0, "size": 0, "packed_size": 0})


def _packed(entry: Entry) -> bytes:
    if entry.packed is not None:
        return entry.packed
    return raw_deflate(entry.data) if entry.method == DEFLATED else entry.data


def _facts(entry: Entry) -> tuple[bytes, int, int, int]:
    name = entry.name if isinstance(entry.name, bytes) else entry.name.encode()
    crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
    size = len(entry.data) if entry.size is None else entry.size
    return name, crc, len(_packed(entry)) if entry.packed_size is None else entry.packed_size, size


def _flags(entry: Entry) -> int:
    is_utf8 = isinstance(entry.name, str) and not entry.name.isascii()
    return entry.flags | (0x0800 if is_utf8 else 0)


def _local(entry: Entry) -> bytes:
    told = replace(entry, local={}, **{"packed": _packed(entry)} | dict(entry.local))
    name, crc, packed, size = _facts(told)
    mark = b"PK\x03\x04"
    values = (mark, 20, _flags(told), told.method, _TIME, _DATE, crc, packed, size, len(name), len(told.extra))
    return _LOCAL.pack(*values) + name + told.extra


def _listed(entry: Entry, offset: int) -> bytes:
    name, crc, packed, size = _facts(entry)
    head = (b"PK\x01\x02", 20, entry.system, 20, _flags(entry), entry.method, _TIME, _DATE, crc, packed, size)
    rest = (len(name), len(entry.extra), 0, 0, 0, entry.attributes, offset)
    return _ENTRY.pack(*head, *rest) + name + entry.extra


def wide_entry(size: int) -> Entry:
    """Return a member whose *size* is in ZIP64's extra field."""
    wide = extra_field(1, struct.pack("<2Q", size, 4))
    told = {"size": 0xFFFFFFFF, "packed_size": 0xFFFFFFFF}
    return Entry("a.txt", b"Hola", STORED, extra=wide, **told, local=told)  # type: ignore[arg-type]
