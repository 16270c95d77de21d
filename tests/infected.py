"""Files with a marker that the tests' clamd knows, each hidden in a way that clamd alone does not see through."""

from __future__ import annotations

import zlib
from base64 import a85encode
from io import BytesIO
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, ZipFile

import pikepdf

from tests.servers.clamd import MARKER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PLAIN: Final = b"Un texto cualquiera, y dentro: " + MARKER + b" y sigue."

CHECKSUM: Final = b"/Params << /CheckSum <44d88612fea8a8f36de82e1278abb02f> >>"
"""As most programs write it; after these hexadecimal digits clamd takes the stream for an empty one."""

FLATE: Final = b"/FlateDecode"


def zipped(data: bytes, name: str = "documento.txt") -> bytes:
    """Return a ZIP archive of it."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def pdf_of(*objects: bytes) -> bytes:
    """Return a PDF of these objects, of which the first is its catalogue."""
    file = bytearray(b"%PDF-1.7\n")
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start, size = len(file), len(objects) + 1
    file += b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\n" % (size, table, size)
    return bytes(file) + b"startxref\n%d\n%%%%EOF\n" % start


PAGES: Final = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE: Final = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %b >>"
SPECIFICATION: Final = b"<< /Type /Filespec /F (anexo.bin) /EF << /F 4 0 R >> >>"
NOTE: Final = b"/Annots [ << /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS %b >> ]" % SPECIFICATION
LISTED: Final = b"/Names << /EmbeddedFiles << /Names [(anexo.bin) %b] >> >>" % SPECIFICATION
ASSOCIATED: Final = b"/AF [ %b ]" % SPECIFICATION


def pdf_holding(content: bytes, filters: bytes = FLATE, *, catalogue: bytes = b"", page: bytes = b"") -> bytes:
    """Return a PDF with a page and a file, already packed, that hangs where it is said."""
    stream = b"<< %b /Filter %b /Length %d >>\nstream\n%b\nendstream" % (CHECKSUM, filters, len(content), content)
    return pdf_of(b"<< /Type /Catalog /Pages 2 0 R %b >>" % catalogue, PAGES, PAGE % page, stream)


def listed(data: bytes) -> bytes:
    """Return a PDF with a file among those that readers list."""
    return pdf_holding(zlib.compress(data), catalogue=LISTED)


def _in_object_streams(data: bytes) -> bytes:
    file = BytesIO()
    with pikepdf.open(BytesIO(listed(data))) as document:
        document.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate, recompress_flate=True)
    return file.getvalue()


ATTACHED: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "in the tree of names": listed,
    "in a note on the page": lambda data: pdf_holding(zlib.compress(data), page=NOTE),
    "as associated file": lambda data: pdf_holding(zlib.compress(data), catalogue=ASSOCIATED),
    "packed twice": lambda data: pdf_holding(
        zlib.compress(zlib.compress(data)), b"[/FlateDecode /FlateDecode]", catalogue=LISTED
    ),
    "packed and as letters": lambda data: pdf_holding(
        a85encode(zlib.compress(data)) + b"~>", b"[/ASCII85Decode /FlateDecode]", catalogue=LISTED
    ),
    "in a PDF in a PDF": lambda data: listed(listed(data)),
    "in a PDF in a ZIP": lambda data: zipped(listed(data), "expediente.pdf"),
    "of a PDF with object streams": _in_object_streams,
}
"""What clamd alone says is clean."""
