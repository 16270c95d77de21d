"""The objects that a receipt adds to its template, as the bytes of a PDF: streams, one object stream, references."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from receipts.batches import Unsealed
from receipts.template import in_file

if TYPE_CHECKING:
    from receipts.template import Template

LEVEL = 1


class Body:
    """The file while it is written: `put` takes small objects, which are compressed together at the end."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._chunks: list[bytes] = []
        self._end = len(template.prefix)
        self._places = list(template.places)
        self._small: list[tuple[int, str]] = []

    def number(self) -> int:
        """Return the number of a new object."""
        self._places.append(b"")
        return len(self._places)

    def put(self, number: int, value: str) -> int:
        """Put the object *number*, which is no stream."""
        self._small.append((number, value))
        return number

    def put_stream(self, entries: str, data: bytes, *, is_compressed: bool = True) -> int:
        """Put a stream and return its number."""
        number = self.number()
        if is_compressed:
            data, entries = zlib.compress(data, LEVEL), f"{entries}/Filter/FlateDecode"
        self._put_in_file(number, _stream(entries, data))
        return number

    def _put_in_file(self, number: int, content: bytes) -> None:
        self._places[number - 1] = in_file(self._end)
        chunk = b"%d 0 obj\n%b\nendobj\n" % (number, content)
        self._chunks.append(chunk)
        self._end += len(chunk)

    def _put_small(self) -> None:
        heads: list[str] = []
        offset = 0
        for number, value in self._small:
            heads.append(f"{number} {offset}")
            offset += len(value) + 1
        head = " ".join(heads) + "\n"
        data = (head + "\n".join(value for _, value in self._small)).encode("ascii")
        stream = self.put_stream(f"/Type/ObjStm/N {len(heads)}/First {len(head)}", data)
        place = b"\2%b" % stream.to_bytes(4, "big")
        for index, (number, _) in enumerate(self._small):
            self._places[number - 1] = place + index.to_bytes(2, "big")

    def close(self, seal: int, entries: str, *, room: int) -> Unsealed:
        """Finish the file with the signature dictionary *seal*, which says *entries* and has *room* bytes to fill."""
        self._put_small()
        digest = self._template.digest.copy()
        digest.update(b"".join(self._chunks))
        identifier = digest.hexdigest()[:32]
        self._places[seal - 1] = in_file(self._end)
        head = f"{seal} 0 obj\n<</Type/Sig{entries}/ByteRange[0 %10d %10d %10d]/Contents".encode("ascii")
        start = self._end + len(head % (0, 0, 0))
        end = start + 2 * room + 2
        tail = b">>\nendobj\n" + self._references(identifier, end + len(b">>\nendobj\n"))
        head %= (start, end, len(tail))
        digest.update(head)
        digest.update(tail)
        content = b"".join([self._template.prefix, *self._chunks, head, b"<", b"0" * (2 * room), b">", tail])
        return Unsealed(content, digest.digest(), start, end)

    def _references(self, identifier: str, offset: int) -> bytes:
        number = self.number()
        self._places[number - 1] = in_file(offset)
        data = zlib.compress(b"\0\0\0\0\0\xff\xff" + b"".join(self._places), LEVEL)
        numbers = self._template.numbers
        entries = f"/Type/XRef/Size {number + 1}/W[1 4 2]/Root {numbers.catalog} 0 R/Info {numbers.info} 0 R"
        stream = _stream(f"{entries}/ID[<{identifier}><{identifier}>]/Filter/FlateDecode", data)
        return b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (number, stream, offset)


def _stream(entries: str, data: bytes) -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (entries.encode("ascii"), len(data), data)
