"""Writes RAR archives of both formats, whose members are stored as they are: no program that writes them is free."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MARK4, MARK5 = b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\1\0"
STORED, PACKED = 0, 3
_TIME = 0x5B3A6000
_WINDOWS4, UNIX4, _WINDOWS5 = 2, 3, 0


@dataclass(frozen=True)
class Member:
    """One member of either; what is None is as it truly is."""

    name: str | bytes
    data: bytes = b"Hola"
    size: int | None = None
    method: int = STORED
    flags: int = 0
    """Of a file's header, in RAR 4: 1 and 2 split, 4 encrypted; in RAR 5 of any block's: 8 and 16 split."""
    mode: int = 0x20
    system: int = _WINDOWS4
    is_folder: bool = False
    extra: bytes = b""

    @property
    def raw_name(self) -> bytes:
        """Its name as bytes."""
        return self.name if isinstance(self.name, bytes) else self.name.encode()

    @property
    def told_size(self) -> int:
        """How large it says it is."""
        return len(self.data) if self.size is None else self.size


def make_rar4(members: Sequence[Member], *, main: int = 0, end: int | None = 0x4000, behind: bytes = b"") -> bytes:
    """Return an archive of the older format; *main* and *end* are flags, without an end if None."""
    body = b"".join(_file4(member) for member in members)
    last = b"" if end is None else block4(0x7B, end)
    return MARK4 + block4(0x73, main, bytes(6)) + body + last + behind


def block4(kind: int, flags: int, body: bytes = b"", data: bytes = b"") -> bytes:
    """Return one block."""
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data


def _file4(member: Member) -> bytes:
    flags = 0x8000 | member.flags | (0xE0 if member.is_folder else 0)
    crc, name = zlib.crc32(member.data), member.raw_name
    facts = (member.system, crc, _TIME, 20, 0x30 + member.method, len(name), member.mode)
    body = struct.pack("<2IB2I2BHI", len(member.data), member.told_size, *facts) + name
    return block4(0x74, flags, body, member.data)


def make_rar5(members: Sequence[Member], *, main: bytes = b"\0", end: int | None = 0, behind: bytes = b"") -> bytes:
    """Return an archive of the newer format; *main* is the archive's flags and, of a later volume, its number."""
    body = b"".join(_file5(member) for member in members)
    last = b"" if end is None else block5(5, 0, number(end))
    return MARK5 + block5(1, 0, main) + body + last + behind


def block5(kind: int, flags: int, body: bytes = b"", data: bytes = b"", extra: bytes = b"") -> bytes:
    """Return one block."""
    flags |= (1 if extra else 0) | (2 if data else 0)
    sizes = (number(len(extra)) if extra else b"") + (number(len(data)) if data else b"")
    head = number(kind) + number(flags) + sizes + body + extra
    head = number(len(head)) + head
    return struct.pack("<I", zlib.crc32(head)) + head + data


def _file5(member: Member) -> bytes:
    name = member.raw_name
    kind = 1 if member.is_folder else 4
    crc = b"" if member.is_folder else struct.pack("<I", zlib.crc32(member.data))
    body = number(kind) + number(member.told_size) + number(member.mode) + crc
    body += number(member.method << 7) + number(_WINDOWS5) + number(len(name)) + name
    return block5(2, member.flags, body, member.data, member.extra)


def number(value: int) -> bytes:
    """Return a number as the newer format writes them: seven bits a byte."""
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])


def extra5(kind: int, body: bytes) -> bytes:
    """Return one extra record."""
    record = number(kind) + body
    return number(len(record)) + record


def redirection(kind: int, target: str) -> bytes:
    """Return the record of a link: 1 and 2 symbolic, 3 a junction, 4 hard, 5 the same content again."""
    return extra5(5, number(kind) + number(0) + number(len(target)) + target.encode())


ENCRYPTED5 = extra5(1, number(0) + number(0) + b"\x0f" + bytes(32))
"""The record of a member that needs a key."""
ENCRYPTED_HEADERS5 = MARK5 + block5(4, 0, number(0) + number(0) + b"\x0f" + bytes(16)) + bytes(range(256))
"""An archive of which not even the names can be read."""
