"""RAR archives made here, for nothing free packs them: as much of both formats as is needed to hold a file."""

from __future__ import annotations

import struct
from typing import Final
from zlib import crc32

RAR4: Final = b"Rar!\x1a\x07\x00"
RAR5: Final = b"Rar!\x1a\x07\x01\x00"
STORED, PACKED, SOLID = 0, 3 << 7, 0x40
NO_PASSWORD, LOCKED = b"", b"\x30\x01\x00\x00\x0f" + bytes(16 + 16 + 12)
"""What a RAR5 file header has besides: of a locked one the salt and so on, of 48 bytes."""


UNKNOWN: Final = "unknown"
"""The name of a file that is put as a block of a kind that nobody knows, and programs may skip."""


def rar5(
    *members: tuple[str, bytes],
    packed: bool = False,
    solid: bool = False,
    extra: bytes = NO_PASSWORD,
    mode: int = 0o100644,
) -> bytes:
    """Return a RAR5 archive of these files, stored or packed."""
    archive = RAR5 + _block5(1, 0, _number(4 if solid else 0))
    for place, (name, data) in enumerate(members):
        content = _packed(data) if packed else data
        method = (PACKED if packed else STORED) | (SOLID if solid and place else 0)
        fields = b"".join(map(_number, (0x04, len(data), mode)))
        fields += struct.pack("<I", crc32(data)) + _number(method) + _number(1) + _number(len(name)) + name.encode()
        archive += _block5(9 if name == UNKNOWN else 2, len(content), fields, extra) + content
    return archive + _block5(5, 0, _number(0))


def _block5(kind: int, data_size: int, fields: bytes, extra: bytes = b"") -> bytes:
    flags = (4 if kind > 5 else 0) | (1 if extra else 0) | (2 if data_size else 0)
    sizes = (_number(len(extra)) if extra else b"") + (_number(data_size) if data_size else b"")
    body = _number(kind) + _number(flags) + sizes + fields + extra
    body = _number(len(body)) + body
    return struct.pack("<I", crc32(body)) + body


def _number(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _packed(data: bytes) -> bytes:
    """Pack, if not well: each byte is a code of eight bits, none of which stands where bytes do."""
    lengths = {8: 1, 18: 2, 19: 2}  # of the codes by which the lengths of the other codes are told
    bits = "".join(f"{lengths.get(symbol, 0):04b}" for symbol in range(20))
    bits += "0" * 256 + "11" + f"{138 - 11:07b}" + "11" + f"{306 + 64 + 16 + 44 - 256 - 138 - 11:07b}"
    bits += "".join(f"{byte:08b}" for byte in data)
    content = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    flags = 0x80 | 0x40 | 2 << 3 | (len(bits) - 1) % 8
    size = struct.pack("<I", len(content))[:3]
    return bytes([flags, 0x5A ^ flags ^ size[0] ^ size[1] ^ size[2]]) + size + content


def rar4(*members: tuple[str, bytes], solid: bool = False, locked: bool = False) -> bytes:
    """Return a RAR archive of the older format (1.5 to 4) of these files, stored."""
    archive = RAR4 + _block4(0x73, 0x08 if solid else 0, bytes(6))
    for name, data in members:
        flags = 0x8000 | (0x10 if solid else 0) | (0x04 if locked else 0)
        fields = struct.pack("<IIBIIBBHI", len(data), len(data), 3, crc32(data), 0, 29, 0x30, len(name), 0o100644)
        archive += _block4(0x74, flags, fields + name.encode()) + data
    return archive + _block4(0x7B, 0x4000, b"")


def _block4(kind: int, flags: int, fields: bytes) -> bytes:
    body = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", crc32(body) & 0xFFFF) + body
