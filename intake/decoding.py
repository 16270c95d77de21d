"""The content of a part: decoded in slices, so that memory does not grow with the mail; for any bytes."""

from __future__ import annotations

import binascii
import mmap
import re
from typing import TYPE_CHECKING, Final

import pybase64

from intake.anatomy import Encoding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.anatomy import Part
    from intake.headers import Bytes
    from intake.responses import Sink

SLICE_BYTES: Final = 768 * 1024
FEW_BYTES: Final = 64 * 1024
FEW_ESCAPES_IN: Final = 16

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64) - {ord("=")})
_URL_SAFE, _PLAIN, _TO_PLAIN = re.compile(rb"[-_]"), re.compile(rb"[+/]"), bytes.maketrans(b"-_", b"+/")
"""The other alphabet of RFC 4648, 5: taken for what it is where no digit of the first one stands beside it."""

_LAST_BYTES: Final = 100
"""Where at the end of a piece the padding is looked for."""

_WHITE_SPACE = b"\r\n \t"
_YENC_LINE = re.compile(rb"^=y(begin|part|end)\b[^\r\n]*\r?\n?", re.MULTILINE)
_YENC_PLAIN = bytes((byte - 42) % 256 for byte in range(256))
_YENC_ESCAPED = bytes((byte - 42 - 64) % 256 for byte in range(256))
_UU_BEGIN = re.compile(rb"begin [0-7]{3,4} [^\r\n]*\r?\n")


class PartTooLarge(Exception):
    """The decoded part is longer than allowed; what was written up to the limit is of no use."""


def decode_part(path: Path, part: Part, sink: Sink, *, limit_bytes: int) -> int:
    """
    Write the decoded content of *part*, of the mail at *path*, to *sink*; return its length. Blocks: for a thread.

    Raises:
        PartTooLarge: it would be longer than the limit.
    """
    written = 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for piece in decoded_part(data, part):
            written += len(piece)
            if written > limit_bytes:
                raise PartTooLarge
            sink.write(piece)
            data.madvise(mmap.MADV_DONTNEED)  # what was read of the file is not held in memory
    return written


def decoded_part(data: Bytes, part: Part) -> Iterator[bytes]:
    """Yield the decoded content of a part, in pieces; of one inside a wrapper, only its own."""
    pieces = decoded(data, part.start, part.end, encoding=part.encoding)
    return pieces if part.cut is None else cut_out(pieces, *part.cut)


def cut_out(pieces: Iterator[bytes], start: int, end: int) -> Iterator[bytes]:
    """Yield what lies between two places of a content in pieces."""
    position = 0
    for piece in pieces:
        if wanted := piece[max(0, start - position) : max(0, end - position)]:
            yield wanted
        position += len(piece)
        if position >= end:
            return


def decoded(data: Bytes, start: int, end: int, *, encoding: Encoding) -> Iterator[bytes]:
    """Yield the decoded content of the bytes from *start* to *end*, in pieces of less than a megabyte."""
    match encoding:
        case Encoding.BASE64:
            return _base64(data, start, end)
        case Encoding.QUOTED_PRINTABLE:
            return (binascii.a2b_qp(lines) for lines in _whole_lines(data, start, end))
        case Encoding.UUENCODE:
            return _uuencoded(data, start, end)
        case Encoding.YENC:
            return _yencoded(data, start, end)
        case Encoding.AS_IS:
            return _slices(data, start, end)


def _slices(data: Bytes, start: int, end: int) -> Iterator[bytes]:
    for position in range(start, end, SLICE_BYTES):
        yield data[position : min(end, position + SLICE_BYTES)]


def _base64(data: Bytes, start: int, end: int) -> Iterator[bytes]:
    """Decode quads; padding ends a group of them, wherever it stands, and what is no digit is passed over."""
    carry = b""
    for piece in _slices(data, start, end):
        begins, ends = _plain_lines(piece, is_inside_line=bool(carry))
        before, carry = _strict(carry + piece[:begins])
        plain, carry = (b"", carry) if carry else _plain(memoryview(piece)[begins:ends])
        after, carry = _strict(carry + piece[ends if plain else begins :])
        if content := b"".join((before, plain, after)):
            yield content
    if rest := _padded(carry.translate(None, _NOT_BASE64).partition(b"=")[0]):
        yield rest


def _plain_lines(piece: bytes, *, is_inside_line: bool) -> tuple[int, int]:
    """Return where in a piece there are whole lines without a sign that means something else than a digit does."""
    begins = piece.find(b"\n") + 1 if is_inside_line else 0
    ends = piece.rfind(b"\n", begins, max(begins, len(piece) - _LAST_BYTES)) + 1
    if ends <= begins or b"-" in piece or b"_" in piece or piece.find(b"=", begins, ends) >= 0:
        return len(piece), len(piece)
    return begins, ends


def _plain(lines: memoryview) -> tuple[bytes, bytes]:
    """Decode lines of nothing but digits and what is passed over, without a copy of them; nothing if they are not."""
    try:
        return pybase64.b64decode(lines), b""
    except binascii.Error:  # they do not end with a quad
        return b"", b""


def _strict(text: bytes) -> tuple[bytes, bytes]:
    if not text:
        return b"", b""
    digits = text.translate(None, _WHITE_SPACE)
    whole = len(digits) & ~3
    try:
        return pybase64.b64decode(digits[:whole], validate=True), digits[whole:]
    except binascii.Error:
        return _tolerant(digits)


def _tolerant(digits: bytes) -> tuple[bytes, bytes]:
    if _URL_SAFE.search(digits) and not _PLAIN.search(digits):
        digits = digits.translate(_TO_PLAIN)
    *groups, last = re.split(rb"=+", digits.translate(None, _NOT_BASE64))
    whole = len(last) & ~3
    return b"".join([*map(_padded, groups), pybase64.b64decode(last[:whole])]), last[whole:]


def _padded(group: bytes) -> bytes:
    """Decode a group of digits whose padding may be missing; a lone last digit says nothing."""
    whole = group[:-1] if len(group) % 4 == 1 else group
    return pybase64.b64decode(whole + b"=" * (-len(whole) % 4))


def _whole_lines(data: Bytes, start: int, end: int) -> Iterator[bytes]:
    """Yield slices that end with a line, or at least not inside an escape."""
    while start < end:
        stop = min(end, start + SLICE_BYTES)
        if stop < end:
            piece = data[start:stop]
            stop = start + (piece.rfind(b"\n") + 1 or _before_escape(piece))
        yield data[start:stop]
        start = stop


def _before_escape(piece: bytes) -> int:
    escape = piece.rfind(b"=", len(piece) - 2)
    return escape if escape > 0 else len(piece)


def _uuencoded(data: Bytes, start: int, end: int) -> Iterator[bytes]:
    """Decode the lines between `begin` and `end`; without a `begin` there is nothing."""
    is_open = False
    for lines in _whole_lines(data, start, end):
        if not is_open:
            opening = _UU_BEGIN.search(lines)
            if opening is None:
                continue
            lines, is_open = lines[opening.end() :], True
        content, is_over = _uu_lines(lines)
        yield content
        if is_over:
            return


def _uu_lines(lines: bytes) -> tuple[bytes, bool]:
    content: list[bytes] = []
    for line in lines.splitlines():
        if line.strip() == b"end":
            return b"".join(content), True
        try:
            content.append(binascii.a2b_uu(line))
        except binascii.Error:
            size = (((line[0] - 32) & 63) * 4 + 2) // 3 + 1 if line else 0
            content.append(_uu_forgiving(line[:size]))
    return b"".join(content), False


def _uu_forgiving(line: bytes) -> bytes:
    """Decode a line with stray bytes behind it, as broken encoders write them; nothing if it is no such line."""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""


def _yencoded(data: Bytes, start: int, end: int) -> Iterator[bytes]:
    """Decode what stands between the lines `=ybegin` and `=yend`; other lines of the format are passed over."""
    for lines in _whole_lines(data, start, end):
        body, is_over = _yenc_body(lines)
        plain, *escaped = body.translate(None, b"\r\n").split(b"=")
        rest = [text[:1].translate(_YENC_ESCAPED) + text[1:].translate(_YENC_PLAIN) for text in escaped]
        yield b"".join([plain.translate(_YENC_PLAIN), *rest])
        if is_over:
            return


def has_many_escapes(data: Bytes, start: int, end: int) -> bool:
    """Say whether decoding these bytes as yEnc would take long: files have few escapes, or are small."""
    if end - start <= FEW_BYTES:
        return False
    return sum(piece.count(b"=") for piece in _slices(data, start, end)) > (end - start) // FEW_ESCAPES_IN


def _yenc_body(lines: bytes) -> tuple[bytes, bool]:
    kept: list[bytes] = []
    position = 0
    for mark in _YENC_LINE.finditer(lines):
        kept.append(lines[position : mark.start()])
        position = mark.end()
        if mark[1] == b"end":
            return b"".join(kept), True
    return b"".join([*kept, lines[position:]]), False
