"""The objects that a receipt adds to its template, as the bytes of a PDF: streams, one object stream, references."""

from __future__ import annotations

import zlib
from itertools import accumulate
from typing import TYPE_CHECKING

from receipts.batches import Unsealed
from receipts.template import in_file
from rules.workdays import in_lima

if TYPE_CHECKING:
    from datetime import datetime

    from receipts.template import Template

LEVEL = 1
"""Of compression: a receipt is 2 % larger than it could be, and made in two thirds of the time."""

END = b">>\nendobj\n"


def text(value: str) -> str:
    """Return a text string (ISO 32000-1, 7.9.2.2) that no character can break out of."""
    return f"<FEFF{value.encode('utf-16-be', 'replace').hex().upper()}>"


def pdf_date(instant: datetime) -> str:
    """Return *instant* in Lima as a date of PDF (ISO 32000-1, 7.9.4)."""
    return f"({in_lima(instant):D:%Y%m%d%H%M%S}-05'00')"


class Body:
    """The file while it is written: `put` takes small objects, which are compressed together at the end."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._written: list[bytes] = []
        self._end = len(template.prefix)
        self._places = list(template.places)
        self._numbers: list[int] = []
        self._small: list[str] = []

    def number(self) -> int:
        """Return the number of a new object."""
        self._places.append(b"")
        return len(self._places)

    def put(self, number: int, value: str) -> int:
        """Put the object *number*, which is no stream."""
        self._numbers.append(number)
        self._small.append(value)
        return number

    def put_stream(self, entries: str, data: bytes, *, is_compressed: bool = True) -> int:
        """Put a stream and return its number."""
        number = self.number()
        self._places[number - 1] = in_file(self._end)
        self._written.append(_stream(number, entries, data, is_compressed=is_compressed))
        self._end += len(self._written[-1])
        return number

    def close(self, seal: int, entries: str, *, room: int) -> Unsealed:
        """Finish the file with the signature dictionary *seal*, which says *entries* and has *room* bytes to fill."""
        self._put_small()
        digest = self._template.digest.copy()
        digest.update(b"".join(self._written))
        head = f"{seal} 0 obj\n<</Type/Sig{entries}/ByteRange[0 %10d %10d %10d]/Contents".encode("ascii")
        start = self._end + len(head % (0, 0, 0))
        end = start + 2 * room + 2
        self._places[seal - 1] = in_file(self._end)
        tail = END + self._references(digest.hexdigest()[:32], end + len(END))
        head %= (start, end, len(tail))
        digest.update(head + tail)
        content = b"".join([self._template.prefix, *self._written, head, b"<", b"0" * (2 * room), b">", tail])
        return Unsealed(content, digest.digest(), start, end)

    def _put_small(self) -> None:
        ends = accumulate(map(len, self._small), initial=0)
        places = enumerate(zip(self._numbers, ends, strict=False))
        head = " ".join(f"{number} {end + index}" for index, (number, end) in places) + "\n"
        data = (head + "\n".join(self._small)).encode("ascii")
        stream = self.put_stream(f"/Type/ObjStm/N {len(self._small)}/First {len(head)}", data)
        for index, number in enumerate(self._numbers):
            self._places[number - 1] = (2 << 48 | stream << 16 | index).to_bytes(7)

    def _references(self, identifier: str, offset: int) -> bytes:
        """Return the end of the file, from the cross-reference stream on (ISO 32000-1, 7.5.8)."""
        template, number = self._template, self.number()
        self._places[number - 1] = in_file(offset)
        leads = f"/Root {template.catalog} 0 R/Info {template.info} 0 R/ID[<{identifier}><{identifier}>]"
        entries = f"/Type/XRef/Size {number + 1}/W[1 4 2]{leads}"
        references = _stream(number, entries, b"".join([b"\0\0\0\0\0\xff\xff", *self._places]))
        return b"%bstartxref\n%d\n%%%%EOF\n" % (references, offset)


def _stream(number: int, entries: str, data: bytes, *, is_compressed: bool = True) -> bytes:
    if is_compressed:
        data, entries = zlib.compress(data, LEVEL), f"{entries}/Filter/FlateDecode"
    head = f"{number} 0 obj\n<<{entries}/Length {len(data)}>>\nstream\n".encode("ascii")
    return b"%b%b\nendstream\nendobj\n" % (head, data)
