"""The bytes of the file: header, cross-references, streams, and that the seal covers all but itself."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BINARY_COMMENT = re.compile(rb"%PDF-1\.7\n%[\x80-\xff]{4}\n")
SEAL = re.compile(rb"/ByteRange\[ *(\d+) +(\d+) +(\d+) +(\d+) *\]/Contents<([0-9A-Fa-f]*)>")
REFERENCES = re.compile(rb"(\d+) 0 obj\n<</Type/XRef/Size (\d+)/W\[1 4 2\](.*?)/Length (\d+)>>\nstream\n", re.DOTALL)
STREAM = re.compile(rb"<<[^\n]*?/Length (\d+)(?=[ />])[^\n]*>>\nstream\n")
ENTRY = 7
IN_FILE, IN_STREAM = 1, 2


def check_file(data: bytes) -> Iterator[str]:
    """Say what is wrong with the bytes *data*."""
    if not BINARY_COMMENT.match(data):
        yield "header: no PDF 1.7 with a comment of four bytes above 127"
    if not data.endswith(b"%%EOF\n"):
        yield "end: something follows the end of the file, or it is cut off"
    if data.count(b"startxref\n") != 1 or data.count(b"%%EOF") != 1:
        yield "end: there is an incremental update"
    yield from _check_seal(data)
    yield from _check_references(data)


def _check_seal(data: bytes) -> Iterator[str]:
    found = list(SEAL.finditer(data))
    if len(found) != 1:
        yield f"seal: {len(found)} byte ranges"
        return
    (seal,) = found
    first, start, end, length = map(int, seal.groups()[:4])
    if (first, start, end, end + length) != (0, seal.start(5) - 1, seal.end(5) + 1, len(data)):
        yield "seal: the byte range is not the whole file but the seal itself"
    if len(seal[5]) % 2 or not seal[5]:
        yield "seal: no whole number of bytes"


def _check_references(data: bytes) -> Iterator[str]:
    start = int(data.rpartition(b"startxref\n")[2].split()[0])
    found = REFERENCES.match(data, start)
    if found is None:
        yield "references: the end does not lead to them"
        return
    yield from _check_identifier(found[3])
    entries = zlib.decompress(data[found.end() : found.end() + int(found[4])])
    if len(entries) != ENTRY * int(found[2]):
        yield "references: not as many as objects"
    for number in range(1, len(entries) // ENTRY):
        entry = entries[number * ENTRY :][:ENTRY]
        if entry[0] == IN_FILE:
            yield from _check_object(data, number, int.from_bytes(entry[1:5], "big"))
        elif entry[0] != IN_STREAM:
            yield f"references: object {number} is free"


def _check_identifier(entries: bytes) -> Iterator[str]:
    found = re.search(rb"/ID\[<([0-9a-f]{32})><([0-9a-f]{32})>\]", entries)
    if found is None or found[1] != found[2]:
        yield "identifier: not the same 16 bytes twice"


def _check_object(data: bytes, number: int, offset: int) -> Iterator[str]:
    begin = b"%d 0 obj\n" % number
    if data[offset : offset + len(begin)] != begin or data[offset - 1 : offset] != b"\n":
        yield f"object {number}: not where the references say"
        return
    end = data.index(b"endobj\n", offset)
    stream = STREAM.match(data, offset + len(begin))
    if stream and not data.startswith(b"\nendstream\nendobj\n", stream.end() + int(stream[1])):
        yield f"object {number}: its length is not that of the stream"
    if not stream and data[end - 1 : end] != b"\n":
        yield f"object {number}: its end does not begin a line"
