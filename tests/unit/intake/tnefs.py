"""winmail.dat files for tests, written byte by byte (MS-OXTNEF)."""

from __future__ import annotations

import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class Wrapped:
    """A file to be wrapped; `short_name` is what very old programs read."""

    name: str
    content: bytes
    short_name: bytes = b"FILE~1.PDF"
    method: int = 1


def attribute(level: int, kind: int, content: bytes) -> bytes:
    """Return one attribute with its checksum."""
    return struct.pack("<BII", level, kind, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)


def text_property(name: int, text: str) -> bytes:
    """Return a property whose value is text."""
    content = text.encode("utf-16le") + b"\0\0"
    return struct.pack("<HHII", 0x1F, name, 1, len(content)) + content + b"\0" * (-len(content) % 4)


def named_property(text: str, value: int) -> bytes:
    """Return a number under a name of its own, as programs add them."""
    name = text.encode("utf-16le") + b"\0\0"
    padding = b"\0" * (-len(name) % 4)
    return struct.pack("<HH16xII", 3, 0x8001, 1, len(name)) + name + padding + struct.pack("<I", value)


def properties(*written: bytes) -> bytes:
    """Return the value of an attribute that holds properties."""
    return struct.pack("<I", len(written)) + b"".join(written)


def write_tnef(*files: Wrapped, body: bytes = b"", code_page: int = 1252) -> bytes:
    """Return a winmail.dat with the files."""
    written = b"\x78\x9f\x3e\x22\x01\0" + attribute(1, 0x69007, struct.pack("<II", code_page, 0))
    if body:
        written += attribute(1, 0x2800C, body + b"\0")
    return written + b"".join(map(_wrapped, files))


def _wrapped(file: Wrapped) -> bytes:
    long_name = [text_property(0x3707, file.name)] if file.name else []
    method = struct.pack("<HHI", 3, 0x3705, file.method)
    return b"".join(
        (
            attribute(2, 0x69002, b"\x01\0" + b"\0" * 12),
            attribute(2, 0x18010, file.short_name + b"\0"),
            attribute(2, 0x6800F, file.content),
            attribute(2, 0x69005, properties(named_property("visto", 1), method, *long_name)),
        )
    )
