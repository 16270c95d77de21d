"""
Make `receipts/parts/sRGB.icc`, the colour profile that receipts carry: sRGB (IEC 61966-2-1) as a matrix and one curve.

For maintainers: the result is committed, and only it is read at run time. It is ours, and free of any condition (CC0).

    python scripts/make_srgb.py
"""

from __future__ import annotations

import struct
from pathlib import Path

TARGET = Path(__file__).parent.parent / "receipts" / "parts" / "sRGB.icc"
HEADER = struct.Struct(">I4sI4s4s4s6H4s4sI4s4sQI3i4s44x")
VERSION = 0x0210_0000
CREATED = (2026, 1, 1, 0, 0, 0)
POINTS = 1024

# The white of the connection space, and the primaries of sRGB adapted to it (Bradford), as in every sRGB profile.
D50 = (0.9642, 1.0, 0.8249)
RED, GREEN, BLUE = (0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)


def fixed(value: float) -> int:
    """Return *value* as ICC's s15Fixed16Number."""
    return round(value * 65536)


def xyz(values: tuple[float, float, float]) -> bytes:
    """Return a tag of type XYZ."""
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *map(fixed, values))


def text(value: str) -> bytes:
    """Return a tag of type text."""
    return b"text\0\0\0\0" + value.encode("ascii") + b"\0"


def description(value: str) -> bytes:
    """Return a tag of type textDescription: ASCII alone, its places for other scripts left empty."""
    written = value.encode("ascii") + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(written)) + written + b"\0" * 78


def linear(value: float) -> float:
    """Return the light of a component of sRGB."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def curve() -> bytes:
    """Return the tone curve of sRGB as a table."""
    points = [round(linear(place / (POINTS - 1)) * 65535) for place in range(POINTS)]
    return b"curv\0\0\0\0" + struct.pack(f">I{POINTS}H", POINTS, *points)


def profile() -> bytes:
    """Return the whole profile: header, table of tags, tags, each beginning at a multiple of four."""
    tags = [
        ((b"desc",), description("sRGB IEC61966-2.1")),
        ((b"cprt",), text("CC0 1.0: no rights reserved")),
        ((b"wtpt",), xyz(D50)),
        ((b"rXYZ",), xyz(RED)),
        ((b"gXYZ",), xyz(GREEN)),
        ((b"bXYZ",), xyz(BLUE)),
        ((b"rTRC", b"gTRC", b"bTRC"), curve()),
    ]
    count = sum(len(names) for names, _ in tags)
    start = HEADER.size + 4 + 12 * count
    table, contents = struct.pack(">I", count), b""
    for names, content in tags:
        for name in names:
            table += struct.pack(">4sII", name, start + len(contents), len(content))
        contents += content + b"\0" * (-len(content) % 4)
    size = start + len(contents)
    about = (size, b"\0" * 4, VERSION, b"mntr", b"RGB ", b"XYZ ", *CREATED, b"acsp", b"\0" * 4, 0, b"\0" * 4, b"\0" * 4)
    return HEADER.pack(*about, 0, 0, *map(fixed, D50), b"\0" * 4) + table + contents


if __name__ == "__main__":
    TARGET.write_bytes(profile())
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")
