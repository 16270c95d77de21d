"""PDFs of many pages, many objects, and streams that become too much; and those that stay within bounds."""

from __future__ import annotations

import base64
import zlib
from functools import partial

import pikepdf

from rules.files import PagesProblem
from rules.verdicts import Finding
from tests.corpus.book import Book
from tests.corpus.pdf_rewriter import encrypted
from tests.corpus.pdf_writer import Objects, document, flate, many_pages, packed, pdf, stream, zeros

ALL = pikepdf.Permissions()
PLAIN = pdf(document())
MOST_PAGES, MOST_COUNTED = 5000, 20_000


def amounts(book: Book) -> None:
    """Pages and objects, in numbers."""
    rule, complex_ = Finding.TOO_MANY_PAGES, Finding.TOO_COMPLEX
    book.at_limit(rule, "5000 pages", lambda: packed(many_pages(MOST_PAGES)), pages=MOST_PAGES)
    book.beyond(rule, "5001 pages", lambda: pdf(many_pages(MOST_PAGES + 1)), pages=MOST_PAGES + 1)
    endless = {**document(), 2: b"<</Type/Pages/Count 1/Kids[%b]>>" % (b"3 0 R " * (MOST_COUNTED + 1))}
    book.beyond(rule, "one page, again and again", lambda: pdf(endless), problem=PagesProblem.NOT_COUNTED)
    book.at_limit(complex_, "450 arrays, one in another", lambda: pdf(document(more={10: b"[" * 450 + b"]" * 450})))
    book.beyond(complex_, "550 arrays, one in another", lambda: pdf(document(more={10: b"[" * 550 + b"]" * 550})))
    more = b"<</S/JavaScript/JS(a)>>"
    broken = PLAIN[: PLAIN.rfind(b"xref\n0")]
    damaged = Finding.DAMAGED
    book.at_limit(
        complex_, "much to mend", lambda: broken + b"9 0 obj 1 endobj\n" * 40_000 + b"trailer<</Root 1 0 R>>", damaged
    )
    book.beyond(
        complex_, "too much to mend", lambda: broken + b"9 0 obj\n" * 60_000, damaged, problem=PagesProblem.DAMAGED
    )
    book.beyond(
        complex_, "too many lines to mend", lambda: broken + b"\n" * 4_000_001, damaged, problem=PagesProblem.DAMAGED
    )
    used = b"/X[%b]" % b" ".join(b"%d 0 R" % number for number in range(10, 26_000))
    locked = {**numbers(26_000), **document(used, more={10: more})}
    book.beyond(complex_, "many encrypted objects", lambda: encrypted(pdf(locked), ALL, packs=True))
    lying = b"/Size 100010", b"/Size 9"
    book.beyond(
        complex_,
        "more objects than it says, with a script",
        lambda: pdf({**numbers(100_001), 10: more}).replace(*lying),
    )
    for amount, write in ((19_000, book.at_limit), (20_001, book.beyond)):
        words = {40_000: b"[" + b"/JS " * amount + b"]"}
        write(complex_, f"many objects and {amount} words", partial(pdf, {**numbers(26_000), **words}))
    for amount, write in ((1_400_000, book.at_limit), (1_600_000, book.beyond)):
        text = {10: b"[/JS(" + b"a" * amount + b")]"}
        write(complex_, f"a text of {amount} bytes", partial(pdf, document(more=text)))
        write(complex_, f"a text of {amount} bytes, packed", partial(packed, document(more=text)))
    outside = {**numbers(26_000), 40_000: stream(b"/F(otro.bin)", b"")}
    book.at_limit(
        complex_, "many objects with a stream in another file", lambda: pdf(outside), Finding.EXTERNAL_CONTENT
    )
    kept = frozenset(numbers(26_000)) - {10}
    book.at_limit(
        complex_,
        "many objects with a script that is packed",
        lambda: packed({**numbers(26_000), 10: more}, kept=kept),
        Finding.JAVASCRIPT,
    )
    told = {40_000: b"/Launch", 40_001: b"<</S 40000 0 R/Win<<>>>>"}
    book.beyond(complex_, "many objects, and a kind that is told elsewhere", lambda: pdf({**numbers(30_000), **told}))
    book.at_limit(
        complex_, "many objects with a script", lambda: pdf({**numbers(30_000), 40_000: more}), Finding.JAVASCRIPT
    )
    book.at_limit(complex_, "more objects than are looked at", lambda: pdf(numbers(100_001)))
    book.beyond(complex_, "more objects than are looked at, with a script", lambda: pdf({**numbers(100_001), 10: more}))
    book.at_limit(complex_, "an array of 24 000 arrays", lambda: pdf(document(b"/X[/JS" + b"[]" * 24_000 + b"]")))
    book.beyond(complex_, "an array of 26 000 arrays", lambda: pdf(document(b"/X[/JS" + b"[]" * 26_000 + b"]")))


def numbers(count: int) -> Objects:
    """Return a document of so many objects in all."""
    objects = document()
    return {**objects, **dict.fromkeys(range(10, 10 + count - len(objects)), b"1")}


def lzw(megabytes: int) -> bytes:
    """Return the codes of so many times the same letter: each stands for one letter more than the one before."""
    codes = [(256, 9), (65, 9), *((258 + number, (259 + number).bit_length()) for number in range(3836))]
    longest = 3837
    left = (megabytes << 20) - longest * (longest + 1) // 2
    bits = "".join(f"{code:0{width}b}" for code, width in codes) + f"{4093:012b}" * (left // longest)
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def many_packed(times: int) -> bytes:
    """Return a document with streams each of which is small, as it is packed."""
    return pdf(document(more={10 + number: packed_stream(zeros(55)) for number in range(times)}))


def bombs(book: Book) -> None:
    """What would become too much when it is opened."""
    rule = Finding.BOMB
    book.at_limit(rule, "contents of 512 MB", lambda: drawn(zeros(512)))
    book.beyond(rule, "contents of 513 MB", lambda: drawn(zeros(513)))
    book.beyond(
        rule,
        "contents of 257 MB, twice",
        lambda: pdf({**document(contents=packed_stream(zeros(257))), 10: packed_stream(zeros(257))}),
    )
    book.at_limit(
        rule,
        "contents of 256 MB, twice",
        lambda: pdf({**document(contents=packed_stream(zeros(256))), 10: packed_stream(zeros(256))}),
    )
    book.at_limit(rule, "contents of 55 MB, nine times", lambda: many_packed(9))
    book.beyond(rule, "contents of 55 MB, ten times", lambda: many_packed(10))
    book.beyond(
        rule, "contents that are packed twice", lambda: drawn(again(zeros(2000)), b"[/FlateDecode/FlateDecode]")
    )
    book.at_limit(
        rule, "contents that are packed twice, small", lambda: drawn(again(zeros(2)), b"[/FlateDecode/FlateDecode]")
    )
    runs = b"\x81a"  # 128 bytes
    book.at_limit(rule, "runs of 512 MB", lambda: drawn(runs * (4 << 20), b"/RunLengthDecode"))
    book.beyond(rule, "runs of 513 MB", lambda: drawn(runs * ((4 << 20) + (1 << 13)), b"/RL"))
    book.at_limit(rule, "LZW of 480 MB", lambda: drawn(lzw(480), b"/LZWDecode"))
    book.beyond(rule, "LZW of 550 MB", lambda: drawn(lzw(550), b"/LZWDecode"))
    book.beyond(rule, "contents that are packed three times", lambda: drawn(b"a", b"[/Fl/LZW/RL]"))
    book.beyond(
        rule,
        "contents that are packed and written in letters",
        lambda: drawn(zeros(600).hex().encode() + b">", b"[/ASCIIHexDecode/FlateDecode]"),
    )
    book.beyond(
        rule,
        "contents that are packed, and stored in a packing",
        lambda: drawn(zlib.compress(zeros(600), 0), b"[/FlateDecode/FlateDecode]"),
    )
    book.beyond(
        rule,
        "contents that are packed and written in more letters",
        lambda: drawn(base64.a85encode(zeros(600)) + b"~>", b"[/ASCII85Decode/FlateDecode]"),
    )
    growing = partial(packed, document(more={10: b"<<>>"}), kept=frozenset({1, 2, 3, 5}))
    book.at_limit(rule, "a stream of objects of 31 MB", lambda: growing(packing=zeros(31, start=b"10 0\n<<>>")))
    book.beyond(
        rule,
        "a stream of objects of 33 MB",
        lambda: growing(packing=zeros(33, start=b"10 0\n<<>>")),
        problem=PagesProblem.NOT_COUNTED,
    )
    book.beyond(
        rule,
        "contents of 513 MB, among many objects",
        lambda: pdf({**numbers(26_000), 40_000: packed_stream(zeros(513))}),
    )
    held = stream(b"/Type/ObjStm/N 0/First 0/Filter/FlateDecode", zeros(100))
    book.beyond(
        rule,
        "a stream of objects that grows, among many objects",
        lambda: pdf({**numbers(26_000), 40_000: held}),
        problem=PagesProblem.NOT_COUNTED,
    )
    book.beyond(rule, "seven filters", lambda: drawn(b">" * 9, b"[" + b"/AHx" * 7 + b"]"))
    book.at_limit(rule, "six filters", lambda: drawn(b">" * 9, b"[" + b"/AHx" * 6 + b"]"))
    book.beyond(
        rule,
        "a picture that says it is small",
        lambda: pictured(b"/Width 9/Height 9/ColorSpace/DeviceGray", zeros(600)),
    )
    book.at_limit(
        rule,
        "pictures that say how large they are",
        lambda: pictured(b"/Width 22000/Height 22000/ColorSpace/DeviceGray", zeros(461), times=2),
    )
    book.beyond(
        rule,
        "a stream of objects that grows",
        lambda: packed(document(), packing=zeros(100, start=b"1 0 2 9 \n<</Type/Catalog/Pages 2 0 R>>")),
        problem=PagesProblem.NOT_COUNTED,
    )
    table = b"/Type/XRef/Size 6/W[1 4 2]/Root 1 0 R/Filter/FlateDecode"
    book.beyond(
        rule,
        "a table that grows",
        lambda: b"%%PDF-1.5\n5 0 obj\n%b\nendobj\nstartxref\n9\n%%%%EOF\n" % stream(table, zeros(100)),
        problem=PagesProblem.NOT_COUNTED,
    )
    huge = Finding.HUGE_PICTURE
    book.beyond(huge, "a picture of 600 MB", lambda: pictured(b"/Width 20000/Height 10000/ColorSpace/DeviceRGB", b"a"))
    book.at_limit(
        huge, "a plan in black and white", lambda: pictured(b"/Width 28087/Height 19866/BitsPerComponent 1", b"a")
    )
    book.at_limit(
        huge, "a mask as large as a plan", lambda: pictured(b"/Width 28087/Height 19866/ImageMask true", b"a")
    )


def packed_stream(data: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    """Return a stream of what is packed already."""
    return stream(b"/Filter%b" % filters, data)


def drawn(data: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    """Return a file whose page is drawn by it."""
    return pdf(document(contents=packed_stream(data, filters)))


def again(data: bytes) -> bytes:
    """Pack once more."""
    return flate(data).partition(b"stream\n")[2].rpartition(b"\nendstream")[0]


def pictured(told: bytes, data: bytes, *, times: int = 1) -> bytes:
    """Return a file with a picture that says this of itself."""
    bits = b"" if b"Bits" in told or b"Mask" in told else b"/BitsPerComponent 8"
    kind = b"/Type/XObject/Subtype/Image%b%b/Filter/FlateDecode" % (told, bits)
    return pdf(document(more=dict.fromkeys(range(10, 10 + times), stream(kind, data))))
