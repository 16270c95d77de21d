"""Writes PDFs object by object, so that each byte of a sample is meant: tables, updates, streams of objects, faults."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

Objects = dict[int, bytes]

CONTENTS = b"BT /F1 12 Tf 72 720 Td (Solicito copia del expediente) Tj ET"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
FIRST_FREE = 10
"""Numbers from here on are a sample's own."""


def stream(dictionary: bytes, data: bytes) -> bytes:
    """Return a stream with its length."""
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (dictionary, len(data), data)


def flate(data: bytes, dictionary: bytes = b"") -> bytes:
    """Return a stream that is compressed."""
    return stream(dictionary + b"/Filter/FlateDecode", zlib.compress(data))


def document(
    catalog: bytes = b"", page: bytes = b"", more: Objects | None = None, *, contents: bytes | None = None
) -> Objects:
    """Return the objects of a document of one page: what is given is added to its catalog, its page, its objects."""
    return {
        1: b"<</Type/Catalog/Pages 2 0 R%b>>" % catalog,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R%b>>" % page,
        4: stream(b"", CONTENTS) if contents is None else contents,
        5: FONT,
        **(more or {}),
    }


def many_pages(count: int) -> Objects:
    """Return the objects of a document of so many pages, a hundred to a branch."""
    branches = range(FIRST_FREE, FIRST_FREE + -(-count // 100))
    objects = document()
    kids = b" ".join(b"%d 0 R" % branch for branch in branches)
    objects[2] = b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, count)
    for index, branch in enumerate(branches):
        here = min(100, count - 100 * index)
        first = 1000 + 100 * index
        leaves = b" ".join(b"%d 0 R" % (first + leaf) for leaf in range(here))
        objects[branch] = b"<</Type/Pages/Parent 2 0 R/Kids[%b]/Count %d/MediaBox[0 0 595 842]>>" % (leaves, here)
        leaf = b"<</Type/Page/Parent %d 0 R/Resources<<>>>>" % branch
        objects.update({first + each: leaf for each in range(here)})
    return objects


@dataclass
class Written:
    """A file as it is written: its bytes so far, and where each object is."""

    data: bytearray
    places: dict[int, int] = field(default_factory=dict[int, int])

    def add(self, objects: Objects) -> None:
        """Write objects behind each other."""
        for number, body in objects.items():
            self.places[number] = len(self.data)
            self.data += b"%d 0 obj\n%b\nendobj\n" % (number, body)


def pdf(objects: Objects, *, version: bytes = b"1.7", trailer: bytes = b"", end: bytes = b"\n") -> bytes:
    """Return a file with a plain table."""
    written = Written(bytearray(b"%%PDF-%b\n%%\xe2\xe3\xcf\xd3\n" % version))
    written.add(objects)
    return _with_table(written, trailer=trailer, end=end)


def update(base: bytes, objects: Objects) -> bytes:
    """Return the file with an incremental update: the objects written anew, or added, behind its end."""
    before = int(base[base.rfind(b"startxref") + 9 :].split()[0])
    written = Written(bytearray(base))
    written.add(objects)
    return _with_table(written, trailer=b"/Prev %d" % before)


def _with_table(written: Written, *, trailer: bytes, end: bytes = b"\n") -> bytes:
    data, places = written.data, written.places
    at = len(data)
    data += b"xref\n0 1\n0000000000 65535 f \n"
    for run in _runs(sorted(places)):
        data += b"%d %d\n" % (run[0], len(run))
        data += b"".join(b"%010d 00000 n \n" % places[number] for number in run)
    size = max(places) + 1
    data += b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF%b" % (size, trailer, at, end)
    return bytes(data)


def _runs(numbers: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def packed(objects: Objects, *, packing: bytes | None = None, kept: frozenset[int] = frozenset()) -> bytes:
    """
    Return a file whose objects, but for streams and those *kept*, are in a stream of objects, with one for a table.

    *packing* are the compressed bytes to use instead, of the same beginning.
    """
    plain = {number: body for number, body in objects.items() if b"endstream" not in body and number not in kept}
    written = Written(bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"))
    written.add({number: body for number, body in objects.items() if number not in plain})
    holder, table = max(objects) + 1, max(objects) + 2
    head, body = held(plain)
    data = packing or zlib.compress(head + body)
    kind = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(plain), len(head))
    written.add({holder: stream(kind, data)})
    at = written.places[table] = len(written.data)
    rows = {number: b"\2" + holder.to_bytes(4, "big") + index.to_bytes(2, "big") for index, number in enumerate(plain)}
    for number, place in written.places.items():
        rows[number] = b"\1" + place.to_bytes(4, "big") + b"\0\0"
    numbers = sorted(rows)
    index = b"".join(b"%d %d " % (run[0], len(run)) for run in _runs(numbers))
    kind = b"/Type/XRef/Size %d/W[1 4 2]/Index[%b]/Root 1 0 R/Filter/FlateDecode" % (table + 1, index)
    body = stream(kind, zlib.compress(b"".join(rows[number] for number in numbers)))
    written.data += b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, body, at)
    return bytes(written.data)


def held(objects: Objects) -> tuple[bytes, bytes]:
    """Return the head and the body of a stream that holds them."""
    at, places, body = 0, list[bytes](), bytearray()
    for number, each in objects.items():
        places.append(b"%d %d" % (number, at))
        body += each + b"\n"
        at = len(body)
    return b" ".join(places) + b"\n", bytes(body)


def zeros(size: int, *, start: bytes = b"") -> bytes:
    """Return, compressed, *start* and then so many MB of zeros: without making them."""
    packer = zlib.compressobj(9)
    begun = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    one = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    # What is compressed after a full flush depends on nothing before it. Adler-32 of zeros: only the upper half grows.
    low, high = zlib.adler32(start) & 0xFFFF, zlib.adler32(start) >> 16
    check = ((high + (size << 20) * low) % 65521 << 16 | low).to_bytes(4, "big")
    return begun + one + again * max(0, size - 1) + b"\x03\x00" + check
