"""Files with text, made here: PDFs page by page, documents and sheets of today and of before."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import openpyxl
import pikepdf
import xlwt
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FONT = Path(__file__).parents[1] / "receipts" / "fonts" / "NotoSans-Regular.ttf"
SECTOR = 512
SHORTEST_STREAM = 4096
FREE, END, IS_FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def pdf_of(*pages: str, password: str | None = None) -> bytes:
    """Return a PDF whose pages say that, in lines; an empty one shows a line that was drawn."""
    document = pikepdf.new()
    font = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
    )
    for text in pages:
        page = document.add_blank_page(page_size=(595, 842))
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.obj.Contents = document.make_stream(_shown(text))
    out = io.BytesIO()
    encryption = pikepdf.Encryption(owner="owner", user=password) if password else False
    document.save(out, encryption=encryption, deterministic_id=not password)
    return out.getvalue()


def _shown(text: str) -> bytes:
    if not text:
        return b"72 700 m 500 700 l S"
    lines = [line.encode("cp1252", "replace") for line in text.split("\n")]
    said = [b"(" + line.translate(_ESCAPED_AWAY) + b") Tj T*" for line in lines]
    return b"BT /F1 14 Tf 18 TL 50 780 Td " + b" ".join(said) + b" ET"


_ESCAPED_AWAY = bytes.maketrans(b"()\\", b"   ")


def scan_of(*pages: str, form: str = "PDF") -> bytes:
    """Return what a scanner makes of pages that say that: a PDF of pictures, or of one page a PNG or JPEG."""
    pictures = [_scanned(text) for text in pages]
    out = io.BytesIO()
    more = {"save_all": True, "append_images": pictures[1:], "resolution": 200} if form == "PDF" else {}
    pictures[0].save(out, form, **more)
    return out.getvalue()


def _scanned(text: str) -> Image.Image:
    picture = Image.new("L", (1654, 2339), 255)
    draw = ImageDraw.Draw(picture)
    draw.multiline_text((150, 200), text, fill=0, font=ImageFont.truetype(FONT, 44), spacing=20)
    return picture


def docx_of(*paragraphs: str) -> bytes:
    """Return a document of today."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def xlsx_of(rows: Sequence[Sequence[object]], *, title: str = "Hoja") -> bytes:
    """Return a workbook of today."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls_of(rows: Sequence[Sequence[object]], *, title: str = "Hoja") -> bytes:
    """Return a workbook of before."""
    book: Any = xlwt.Workbook()
    sheet: Any = book.add_sheet(title)
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def doc_of(*pieces: str, is_encrypted: bool = False) -> bytes:
    """Return a document of before, its text in so many pieces: those that can be are in one byte a letter."""
    text, places, table = b"", [0], b""
    for piece in pieces:
        try:
            said, where = piece.encode("cp1252"), 0x40000000 | (2 * (SECTOR * 4 + len(text)))
        except UnicodeEncodeError:
            said, where = piece.encode("utf-16-le"), SECTOR * 4 + len(text)
        text += said
        places.append(places[-1] + len(piece))
        table += struct.pack("<HIH", 0, where, 0)
    plc = struct.pack(f"<{len(places)}I", *places) + table
    clx = b"\x01" + struct.pack("<H", 2) + b"\0\0" + b"\x02" + struct.pack("<I", len(plc)) + plc
    head = bytearray(SECTOR * 4)
    struct.pack_into("<HHHHHH", head, 0, 0xA5EC, 0x00C1, 0, 0, 0, 0x0200 | (0x0100 if is_encrypted else 0))
    struct.pack_into("<II", head, 0x01A2, 0, len(clx))
    return ole_of({"WordDocument": bytes(head) + text, "1Table": clx})


def ole_of(streams: Mapping[str, bytes]) -> bytes:
    """Return an OLE file with these streams."""
    sectors, entries, fat = b"", [_entry("Root Entry", kind=5, child=1)], [IS_FAT]
    for at, (name, data) in enumerate(streams.items(), start=1):
        padded = data.ljust(SHORTEST_STREAM, b"\0")
        count = -(-len(padded) // SECTOR)
        start = len(fat)
        fat += [*range(start + 1, start + count), END]
        sectors += padded.ljust(count * SECTOR, b"\0")
        following = at + 1 if at < len(streams) else FREE
        entries.append(_entry(name, kind=2, start=start, size=len(padded), right=following))
    directory = len(fat)
    room = b"".join(entries).ljust(-(-len(entries) // 4) * SECTOR, b"\0")
    count = len(room) // SECTOR
    fat += [*range(directory + 1, directory + count), END]
    assert len(fat) <= SECTOR // 4, "one sector of the table must do"
    fat += [FREE] * (SECTOR // 4 - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, directory, 0, SHORTEST_STREAM, END, 0, END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    return header + struct.pack(f"<{SECTOR // 4}I", *fat) + sectors + room


def _entry(name: str, *, kind: int, start: int = END, size: int = 0, child: int = FREE, right: int = FREE) -> bytes:
    said = (name + "\0").encode("utf-16-le")
    head = said.ljust(64, b"\0") + struct.pack("<HBB", len(said), kind, 1)
    return head + struct.pack("<III", FREE, right, child) + bytes(36) + struct.pack("<IQ", start, size)
