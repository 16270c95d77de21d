"""The records in front of a workbook's sheets ([MS-XLS] 2.1.7.20.1), in .xls of any age."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from rules.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_RECORDS: Final = 50_000
_BEGIN, _END, _ENCRYPTED, _SHEET, _SUPPORTING, _OLD_LINK = 0x0809, 0x000A, 0x002F, 0x0085, 0x01AE, 0x0017
_MACRO_SHEET: Final = 1
_LINK_MARK: Final = 3
"""Between the name of another program and what is asked of it."""


def judge_records(data: bytes, *, is_whole: bool) -> Iterator[Finding]:
    """Yield what is found of the beginning of a workbook's stream; *is_whole* if it is all of it."""
    if data[:2] != struct.pack("<H", _BEGIN):
        yield Finding.DAMAGED
        return
    position = 0
    for _ in range(MAX_RECORDS):
        if position + 4 > len(data):
            yield Finding.DAMAGED if is_whole else Finding.TOO_COMPLEX
            return
        code, length = struct.unpack_from("<2H", data, position)
        if code == _END:
            return
        if code in _JUDGED:
            yield from _judge_record(code, data[position + 4 : position + 4 + length])
        position += 4 + length
    yield Finding.TOO_COMPLEX


_JUDGED: Final = frozenset({_ENCRYPTED, _SHEET, _SUPPORTING, _OLD_LINK})


def _judge_record(code: int, data: bytes) -> Iterator[Finding]:
    if code == _ENCRYPTED:
        yield Finding.ENCRYPTED
    elif code == _SHEET:
        if data[5:6] == bytes([_MACRO_SHEET]):
            yield Finding.MACROS
    elif code == _SUPPORTING:
        path = _path(data)
        if chr(_LINK_MARK) in path:
            yield Finding.DATA_EXCHANGE
        elif "://" in path:
            yield Finding.EXTERNAL_CONTENT
    elif data[1:2].isalpha() and _LINK_MARK in data[: 1 + data[0]]:
        yield Finding.DATA_EXCHANGE


def _path(data: bytes) -> str:
    """Return what a supporting link leads to ([MS-XLS] 2.4.271); empty for one to the workbook itself."""
    if len(data) < 5:
        return ""
    characters, is_wide = int.from_bytes(data[2:4], "little"), data[4] & 1
    text = data[5 : 5 + characters * (2 if is_wide else 1)]
    return text.decode("utf-16-le" if is_wide else "latin-1", "replace")
