"""Pictures, hostile and honest."""

from __future__ import annotations

import io
import struct
import zlib
from functools import partial
from typing import TYPE_CHECKING

from PIL import Image, PngImagePlugin

from rules.verdicts import Finding
from tests.corpus.book import Book
from tests.corpus.pdf_writer import document, pdf, zeros
from tests.corpus.pdfs_shape import SCRIPT, archive, program

if TYPE_CHECKING:
    from tests.corpus import Sample

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RAR = b"Rar!\x1a\x07\x01\x00" + bytes(100)
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isomMZ" + bytes(range(256)) * 40
SAMSUNG = b"\0\0\x01\x0aImage_UTC_Data1700000000000SEFHk\0\0\0\x01\0\0\0\x24\0\0\0SEFT"


def samples() -> list[Sample]:
    """Return all of them."""
    png, jpg = Book("png"), Book("jpg")
    for write in (png_faults, png_sizes, png_disguises, png_clean):
        write(png)
    for write in (jpg_faults, jpg_sizes, jpg_disguises, jpg_clean):
        write(jpg)
    return [*png.samples, *jpg.samples]


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk with its length and its check."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*between: bytes, width: int = 4, height: int = 4, points: bytes | None = None, depth: int = 8) -> bytes:
    """Return a grey picture with these chunks before its points."""
    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    packed = zlib.compress(bytes(height * (width + 1))) if points is None else points
    return b"".join((SIGNATURE, chunk(b"IHDR", header), *between, chunk(b"IDAT", packed), chunk(b"IEND", b"")))


def interlaced() -> bytes:
    """Return a grey picture of eight by eight points in seven passes."""
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 1)
    passes = ((1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4))
    points = b"".join((b"\0" + bytes(width)) * height for width, height in passes)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(points)) + chunk(b"IEND", b"")


def saved(kind: str, mode: str = "RGB", **how: object) -> bytes:
    """Return a gradient as Pillow writes it."""
    written = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).convert(mode).save(written, kind, **how)  # pyright: ignore[reportArgumentType]
    return written.getvalue()


def flipped(data: bytes, at: int) -> bytes:
    """Return it with one bit wrong."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def png_faults(book: Book) -> None:
    """What is broken."""
    rule, whole = Finding.DAMAGED, png()
    for name, data in {
        "a mark alone": SIGNATURE,
        "without an end": whole[:-12],
        "broken off in its points": whole[:50],
        "a wrong point": flipped(whole, whole.find(b"IDAT") + 6),
        "a wrong header": flipped(whole, 19),
        "without points": SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0))
        + chunk(b"IEND", b""),
        "no width": png(width=0),
        "no height": png(height=0),
        "a depth that is none": png(depth=7),
        "a chunk that is longer than the file": whole[:33] + b"\x7f\xff\xff\xff" + whole[37:],
        "a header that comes late": SIGNATURE + chunk(b"tEXt", b"a\0b") + whole[8:],
    }.items():
        book.beyond(rule, name, partial(bytes, data))
    book.at_limit(rule, "a wrong check of a text", lambda: flipped(png(chunk(b"tEXt", b"a\0b")), 8 + 25 + 11))
    book.beyond(Finding.TOO_COMPLEX, "51 000 chunks", lambda: png(chunk(b"tIME", b"") * 51_000))
    book.at_limit(Finding.TOO_COMPLEX, "49 000 chunks", lambda: png(chunk(b"tIME", b"") * 49_000))


def png_sizes(book: Book) -> None:
    """What is large, or would become so."""
    huge, bomb = Finding.HUGE_PICTURE, Finding.BOMB
    little = zlib.compress(bytes(100))
    book.at_limit(huge, "100 million points", lambda: png(width=10_000, height=10_000, points=little))
    book.beyond(huge, "a little more than 100 million points", lambda: png(width=10_000, height=10_001, points=little))
    book.at_limit(huge, "a side of 30 000", lambda: png(width=30_000, height=10, points=little))
    book.beyond(huge, "a side of 30 001", lambda: png(width=10, height=30_001, points=little))
    book.at_limit(bomb, "points of 64 MB", lambda: png(points=zeros(64)))
    book.beyond(bomb, "points of 65 MB", lambda: png(points=zeros(65)))
    book.at_limit(bomb, "many points, as the header says", lambda: png(width=9_000, height=9_000, points=zeros(78)))
    book.beyond(
        bomb, "many more points than the header says", lambda: png(width=9_000, height=9_000, points=zeros(300))
    )
    book.at_limit(bomb, "a profile of 16 MB", lambda: png(chunk(b"iCCP", b"a\0\0" + zeros(16))))
    book.beyond(bomb, "a profile of 17 MB", lambda: png(chunk(b"iCCP", b"a\0\0" + zeros(17))))
    book.beyond(bomb, "a text of 100 MB", lambda: png(chunk(b"zTXt", b"a\0\0" + zeros(100))))
    book.beyond(bomb, "an international text of 100 MB", lambda: png(chunk(b"iTXt", b"a\0\1\0es\0a\0" + zeros(100))))
    book.beyond(bomb, "two texts of 9 MB", lambda: png(chunk(b"zTXt", b"a\0\0" + zeros(9)) * 2))
    book.at_limit(bomb, "two texts of 8 MB", lambda: png(chunk(b"zTXt", b"a\0\0" + zeros(8)) * 2))


def _disguises(book: Book, whole: bytes) -> None:
    rule = Finding.DISGUISED
    letter = pdf(document())
    for name, data in {
        "an archive": archive(),
        "an archive behind notes": SAMSUNG + archive(),
        "a RAR archive": RAR,
        "a RAR archive behind a film": FILM + RAR,
        "a PDF": letter,
        "a program": program(),
        "a program behind a film": FILM + program(),
        "a page with a script": SCRIPT,
        "a page of a server": b'<% eval request("a") %>',
        "a script of the shell": b"\n#!/bin/sh\nid\n",
    }.items():
        book.beyond(rule, f"{name} behind the end", partial(bytes, whole + data))
    for name, data in {
        "empty lines": b"\r\n\0\0",
        "notes of a telephone": SAMSUNG,
        "a film": FILM,
        "a film with letters that stand there by chance": FILM[:99] + b"\x93\0<%\x07\xf1=on" + FILM,
        "another picture": saved("JPEG"),
        "a word": "hecho con mi teléfono".encode(),
    }.items():
        book.at_limit(rule, f"{name} behind the end", partial(bytes, whole + data))


def png_disguises(book: Book) -> None:
    """What is something else too."""
    rule = Finding.DISGUISED
    _disguises(book, png())
    book.beyond(rule, "a PDF in a text", lambda: png(chunk(b"tEXt", b"a\0" + pdf(document()))))
    book.beyond(rule, "a script in a text", lambda: png(chunk(b"tEXt", b"a\0<script>alert(1)</script>")))
    book.beyond(
        rule,
        "an archive up to the end",
        lambda: png()[:-12] + chunk(b"zIPa", archive(comment=b"x" * 16)[:-16]) + chunk(b"IEND", b""),
    )
    book.at_limit(rule, "a text", lambda: png(chunk(b"tEXt", b"Comment\0scanned <b>today</b>")))


def png_clean(book: Book) -> None:
    """As programs write them."""
    text = PngImagePlugin.PngInfo()
    text.add_text("Software", "Escáner")
    text.add_itxt("Descripción", "folio 3", zip=True)
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        book.clean(f"a picture, {mode}", partial(saved, "PNG", mode))
    book.clean("a picture with texts", lambda: saved("PNG", pnginfo=text, dpi=(300, 300)))
    book.clean("a picture with a profile", lambda: png(chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(b"profile" * 500))))
    book.clean("an interlaced picture", interlaced)
    book.clean("a white page", lambda: png(width=2480, height=3508))
    book.clean("a picture in many chunks", lambda: saved("PNG", compress_level=0))


def segment(kind: int, body: bytes) -> bytes:
    """Return a segment with its length."""
    return bytes([0xFF, kind]) + struct.pack(">H", len(body) + 2) + body


def with_segment(*segments: bytes) -> bytes:
    """Return a photograph with these at its beginning."""
    whole = saved("JPEG")
    return whole[:2] + b"".join(segments) + whole[2:]


def resized(width: int, height: int) -> bytes:
    """Return a photograph that says it has these sides."""
    whole = saved("JPEG")
    at = whole.find(b"\xff\xc0") + 5
    return whole[:at] + struct.pack(">HH", height, width) + whole[at + 4 :]


def jpg_faults(book: Book) -> None:
    """What is broken."""
    rule, whole = Finding.DAMAGED, saved("JPEG")
    for name, data in {
        "a mark alone": whole[:3],
        "without an end": whole[:-2],
        "broken off before its points": whole[: whole.find(b"\xff\xda")],
        "broken off in its points": whole[:-200],
        "without points": whole[: whole.find(b"\xff\xda")] + b"\xff\xd9",
        "a segment that is longer than the file": with_segment(b"\xff\xe5\xff\xff"),
        "a segment without a length": with_segment(b"\xff\xe5\0\1"),
        "no width": resized(0, 9),
        "zeros": whole[:20] + bytes(500),
        "a head and an end": b"\xff\xd8\xff\xd9",
    }.items():
        book.beyond(rule, name, partial(bytes, data))
    scan = whole[whole.find(b"\xff\xda") : -2]
    head = whole[: whole.find(b"\xff\xda")]
    book.at_limit(Finding.TOO_COMPLEX, "500 scans", lambda: head + scan * 500 + b"\xff\xd9")
    book.beyond(Finding.TOO_COMPLEX, "501 scans", lambda: head + scan * 501 + b"\xff\xd9")
    book.beyond(Finding.TOO_COMPLEX, "21 000 segments", lambda: with_segment(segment(0xE5, b"") * 21_000))
    book.at_limit(rule, "filling between segments", lambda: with_segment(b"\xff" * 9 + segment(0xE5, b"")))


def jpg_sizes(book: Book) -> None:
    """What is large."""
    huge = Finding.HUGE_PICTURE
    book.at_limit(huge, "100 million points", lambda: resized(10_000, 10_000))
    book.beyond(huge, "a little more than 100 million points", lambda: resized(10_001, 10_000))
    book.at_limit(huge, "a side of 30 000", lambda: resized(30_000, 9))
    book.beyond(huge, "a side of 30 001", lambda: resized(9, 30_001))


def jpg_disguises(book: Book) -> None:
    """What is something else too."""
    rule = Finding.DISGUISED
    _disguises(book, saved("JPEG"))
    book.beyond(rule, "a PDF in a note", lambda: with_segment(segment(0xFE, pdf(document()))))
    book.beyond(rule, "a PDF in data of a program", lambda: with_segment(segment(0xE5, pdf(document()))))
    book.beyond(rule, "a script in a note", lambda: with_segment(segment(0xFE, b"<?php system('id'); ?>")))
    book.at_limit(rule, "a note", lambda: with_segment(segment(0xFE, b"Created by <scanner> at %PDF size")))


def jpg_clean(book: Book) -> None:
    """As cameras, scanners and programs write them."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Cámara", 6
    for mode in ("L", "RGB", "CMYK"):
        book.clean(f"a photograph, {mode}", partial(saved, "JPEG", mode))
    book.clean("a photograph that comes by and by", lambda: saved("JPEG", progressive=True))
    book.clean("a photograph with Exif", lambda: saved("JPEG", exif=exif, dpi=(300, 300)))
    book.clean("a photograph with a thumbnail", lambda: with_segment(segment(0xE1, b"Exif\0\0" + saved("JPEG"))))
    book.clean("a photograph with a profile", lambda: saved("JPEG", icc_profile=b"profile" * 900))
    book.clean("a photograph to begin anew in", lambda: saved("JPEG", restart_marker_blocks=2))
    book.clean("a good photograph", lambda: saved("JPEG", quality=100, subsampling=0))
    book.clean(
        "a photograph with metadata",
        lambda: with_segment(
            segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'></x:xmpmeta>")
        ),
    )
