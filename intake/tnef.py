"""
Files in a winmail.dat (MS-OXTNEF): where they lie in its content, read in one pass and within bounds.

Only what wraps them is understood: attachments by value with their names, and mails inside. For any bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from intake.charsets import decode_bytes
from rules.files import HEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIGNATURE: Final = b"\x78\x9f\x3e\x22"
MOST_ATTRIBUTES: Final = 2000
MOST_PROPERTIES: Final = 4000
MOST_FILES: Final = 100
LONGEST_NAME: Final = 1000
LONGEST_TEXT: Final = 64 * 1024

_ATTRIBUTE = struct.Struct("<BII")
_MESSAGE_LEVEL, _FILE_LEVEL = 1, 2

_CONTENT, _SHORT_NAME, _METHOD, _LONG_NAME = 0x3701, 0x3704, 0x3705, 0x3707
_EMBEDDED_MESSAGE: Final = 5
_FIXED_SIZES: Final = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_STRING, _UNICODE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_VARIABLE: Final = frozenset({_STRING, _UNICODE, _BINARY, _OBJECT})
_MANY: Final = 0x1000
_FIRST_NAMED: Final = 0x8000


class _Attribute(IntEnum):
    """The attributes that are read, by their ids."""

    BODY = 0x2800C
    CODE_PAGE = 0x69007
    NEW_FILE = 0x69002
    TITLE = 0x18010
    DATA = 0x6800F
    PROPERTIES = 0x69005


class _Damaged(Exception):
    """The content ends too early, or says what cannot be."""


@dataclass(slots=True)
class WrappedFile:
    """A file inside: its name as it stands there, and where its content lies; `head` are the first bytes of it."""

    name: str = ""
    start: int = 0
    end: int = 0
    head: bytes = b""
    is_message: bool = False


@dataclass(slots=True)
class Wrapper:
    """What a winmail.dat holds; if it is damaged, what stood before the damage."""

    files: list[WrappedFile] = field(default_factory=list[WrappedFile])
    text: str = ""
    is_damaged: bool = False


def read_tnef(pieces: Iterator[bytes]) -> Wrapper:
    """Return what a decoded winmail.dat holds, whose content comes in *pieces*."""
    return _Reading(_Stream(pieces)).read()


class _Stream:
    """Bytes that are read once, forwards."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = b""
        self._used = 0
        self.position = 0

    @property
    def is_over(self) -> bool:
        while self._used == len(self._piece):
            piece = next(self._pieces, None)
            if piece is None:
                return True
            self._piece, self._used = piece, 0
        return False

    def read(self, size: int) -> bytes:
        kept: list[bytes] = []
        self._pass(size, kept.append)
        return b"".join(kept)

    def skip(self, size: int) -> None:
        self._pass(size, None)

    def _pass(self, size: int, keep: Callable[[bytes], None] | None) -> None:
        while size:
            if self.is_over:
                raise _Damaged
            stop = min(len(self._piece), self._used + size)
            if keep:
                keep(self._piece[self._used : stop])
            size -= stop - self._used
            self.position += stop - self._used
            self._used = stop


class _Reading:
    """One pass over a winmail.dat."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self._found = Wrapper()
        self._charset = "windows-1252"
        self._properties = 0

    def read(self) -> Wrapper:
        try:
            self._read_attributes()
        except _Damaged:
            self._found.is_damaged = True
            self._found.files = [file for file in self._found.files if file.end <= self._stream.position]
        return self._found

    def _read_attributes(self) -> None:
        if self._stream.read(len(SIGNATURE)) != SIGNATURE:
            raise _Damaged
        self._stream.skip(2)
        for _ in range(MOST_ATTRIBUTES):
            if self._stream.is_over:
                return
            level, kind, size = _ATTRIBUTE.unpack(self._stream.read(_ATTRIBUTE.size))
            if level not in (_MESSAGE_LEVEL, _FILE_LEVEL):
                raise _Damaged
            after = self._stream.position + size
            self._read_attribute(kind, size)
            if self._stream.position > after:
                raise _Damaged
            self._stream.skip(after - self._stream.position + 2)  # the checksum: nobody writes it right or checks it
        raise _Damaged

    def _read_attribute(self, kind: int, size: int) -> None:
        match kind:
            case _Attribute.BODY:
                self._found.text = self._text(self._stream.read(min(size, LONGEST_TEXT)))
            case _Attribute.CODE_PAGE if size >= 4:
                self._charset = f"windows-{self._number()}"
            case _Attribute.NEW_FILE:
                self._begin_file()
            case _Attribute.TITLE:
                file = self._file()
                file.name = file.name or self._text(self._stream.read(min(size, LONGEST_NAME)))
            case _Attribute.DATA:
                self._read_content(size)
            case _Attribute.PROPERTIES:
                self._read_properties()
            case _:
                pass

    def _begin_file(self) -> None:
        if len(self._found.files) == MOST_FILES:
            raise _Damaged
        self._found.files.append(WrappedFile())

    def _file(self) -> WrappedFile:
        if not self._found.files:
            raise _Damaged
        return self._found.files[-1]

    def _read_content(self, size: int) -> None:
        file = self._file()
        if file.is_message:
            return
        file.start, file.end = self._stream.position, self._stream.position + size
        file.head = self._stream.read(min(size, HEAD_BYTES))
        self._stream.skip(file.end - self._stream.position)

    def _read_properties(self) -> None:
        for _ in range(self._number()):
            self._properties += 1
            if self._properties > MOST_PROPERTIES:
                raise _Damaged
            kind, name = struct.unpack("<HH", self._stream.read(4))
            if name >= _FIRST_NAMED:
                self._skip_name()
            self._read_property(name, kind)

    def _skip_name(self) -> None:
        self._stream.skip(16)
        if self._number():
            self._skip_padded(self._number())
        else:
            self._stream.skip(4)

    def _read_property(self, name: int, kind: int) -> None:
        base = kind & ~_MANY
        count = self._number() if kind & _MANY or base in _VARIABLE else 1
        if base not in _VARIABLE:
            self._read_fixed(name, base, count)
            return
        for _ in range(count):
            self._properties += 1
            if self._properties > MOST_PROPERTIES:
                raise _Damaged
            self._read_variable(name, base, self._number())

    def _read_fixed(self, name: int, base: int, count: int) -> None:
        size = _FIXED_SIZES.get(base)
        if size is None:
            raise _Damaged
        if name == _METHOD and base == 3 and count == 1:
            self._file().is_message = self._number() == _EMBEDDED_MESSAGE
            return
        self._stream.skip(size * count)

    def _read_variable(self, name: int, base: int, size: int) -> None:
        before = self._stream.position
        if base in (_STRING, _UNICODE) and name in (_LONG_NAME, _SHORT_NAME):
            self._rename(self._stream.read(min(size, LONGEST_NAME)), name, base)
        elif name == _CONTENT and base == _BINARY and not self._file().end:
            self._read_content(size)
        self._skip_padded(size - (self._stream.position - before), of=size)

    def _rename(self, written: bytes, name: int, base: int) -> None:
        file = self._file()
        text = self._text(written, "utf-16le" if base == _UNICODE else self._charset)
        if name == _LONG_NAME or not file.name:
            file.name = text or file.name

    def _skip_padded(self, size: int, *, of: int | None = None) -> None:
        self._stream.skip(size + -(size if of is None else of) % 4)

    def _number(self) -> int:
        return int.from_bytes(self._stream.read(4), "little")

    def _text(self, written: bytes, charset: str | None = None) -> str:
        return decode_bytes(written, charset or self._charset).partition("\0")[0]
