"""
The QR code of a receipt, as its modules are seen: never turned or mirrored.

Two addresses that differ in one bit have codes that differ in the same modules, whatever the other bits are (version,
level and mask being the same): data, error correction and mask are sums over GF(2). So the code of an address is that
of another one, and what each of its bits changes in that.
"""

from __future__ import annotations

import re
from functools import lru_cache, reduce
from operator import xor

import segno

QUIET_MODULES = 4
"""ISO/IEC 18004: as many light modules stay free on each side."""
ADDRESS = re.compile(r"(.*[a-z].*)([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})", re.ASCII)
"""One with a verification code, and of such characters that it is encoded as bytes."""
ENDING, CHARACTERS = "0000-0000-0000-0000", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STEPS = (0x01, 0x02, 0x04, 0x08, 0x10, 0x60)
"""The bits by which all of these characters differ from 0."""


def encode_qr(text: str) -> tuple[int, bytes]:
    """
    Return how many modules the QR code of *text* has each way, and its rows as `receipts.marks.Modules` holds them.

    15 % of it may be damaged (level M).
    """
    found = ADDRESS.fullmatch(text)
    if not found:
        across, modules = _make(text)
    else:
        across, modules, changes = _codes(found[1])
        for change, character in zip(changes, found[2], strict=True):
            modules ^= change[character]
    return across, modules.to_bytes(across * _row_bytes(across), "big")


@lru_cache(maxsize=4)
def _codes(start: str) -> tuple[int, int, list[dict[str, int]]]:
    """Return the code of *start* and `ENDING`, and what each character in each place of the ending changes in it."""
    mask = segno.make(start + ENDING, error="m", micro=False, boost_error=False).mask
    across, first = _make(start + ENDING, mask)

    def change(place: int, step: int) -> int:
        other = ENDING[:place] + chr(ord(ENDING[place]) ^ step) + ENDING[place + 1 :]
        return first ^ _make(start + other, mask)[1]

    changes: list[dict[str, int]] = []
    for place, written in enumerate(ENDING):
        of_steps = {step: change(place, step) for step in STEPS} if written == "0" else {}
        changes.append({written: 0} if not of_steps else {each: _sum(of_steps, each) for each in CHARACTERS})
    return across, first, changes


def _sum(of_steps: dict[int, int], character: str) -> int:
    bits = ord(character) ^ ord("0")
    return reduce(xor, (change for step, change in of_steps.items() if bits & step), 0)


def _make(text: str, mask: int | None = None) -> tuple[int, int]:
    code = segno.make(text, error="m", micro=False, boost_error=False, mask=mask)
    across = len(code.matrix)
    padding = "0" * (_row_bytes(across) * 8 - across)
    return across, int("".join("".join(map(str, row)) + padding for row in code.matrix), 2)


def _row_bytes(across: int) -> int:
    return (across + 7) // 8
