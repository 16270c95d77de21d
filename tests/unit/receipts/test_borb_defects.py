"""
What borb 3.0.9 does wrong when used as its manual says, and that our receipts do not suffer it.

Each test shows the defect in borb itself first. If that half goes red, borb was mended: take our remedy out.
"""

from __future__ import annotations

import gc
import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from typing import cast

import pikepdf
import pytest
import segno
from borb.pdf import PDF, Document, Page, Paragraph, QRCode, SingleColumnLayout, TrueTypeFont
from borb.pdf.layout_element.text.chunk import Chunk
from borb.pdf.primitives import name
from fontTools.ttLib import TTFont

from receipts.template import LETTERHEADS, lay_down
from receipts.typefaces import FOLDER, Face, typeface
from tests.unit.receipts.samples import USUAL, pdf_of, qr_code

REGULAR = FOLDER / f"{Face.REGULAR}.ttf"
ODD = "«»²³"

NAIVE = """
from borb.pdf import Document, Page, PDF
import io
def make():
    document = Document()
    document.append_page(Page())
    PDF.write(document, io.BytesIO())
"""
OURS = """
from receipts.template import lay_down
from receipts.writer import render
from tests.unit.receipts.samples import USUAL
def make():
    lay_down.cache_clear()
    render(USUAL, room=64)
"""


def run_python(program: str) -> subprocess.CompletedProcess[str]:
    # A proxy that nobody answers: what tries to phone home stays on this machine.
    lost = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={**os.environ, **lost}
    )


def plain_borb(text: str = "hola", *, title: str | None = None, font: object = "Helvetica") -> bytes:
    document = Document()
    page = Page()
    document.append_page(page)
    SingleColumnLayout(page).append_layout_element(Paragraph(text, font=font))  # pyright: ignore[reportArgumentType]
    if title is not None:
        document["Trailer"]["Info"][name("Title")] = title
    target = io.BytesIO()
    PDF.write(document, target)
    return target.getvalue()


def test_signals_stay_with_their_owner() -> None:
    program = """
{make}
import signal, os
def owners(): return signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
before = owners()
make()
print(owners() == before, owners(), flush=True)
os._exit(0)
"""

    naive, ours = (run_python(program.format(make=make)).stdout for make in (NAIVE, OURS))

    assert "UsageStatistics" in naive
    assert "UsageStatistics" not in ours
    assert ours.startswith("True")


def test_nothing_is_sent_home() -> None:
    program = """
{make}
import sys, threading, os
from borb.pdf.license.usage_statistics import UsageStatistics
make()
print(len(UsageStatistics._UsageStatistics__QUEUE), flush=True)
os._exit(0)
"""

    naive, ours = (run_python(program.format(make=make)).stdout for make in (NAIVE, OURS))

    assert naive == "1\n"
    assert ours == "0\n"


def test_standard_output_stays_empty_beyond_64_documents() -> None:
    program = """
{make}
import os, sys
from borb.pdf import UsageStatistics
UsageStatistics.opt_out()
for _ in range(65):
    make()
sys.stdout.flush()
os._exit(0)
"""

    naive, ours = (run_python(program.format(make=make)).stdout for make in (NAIVE, OURS))

    assert "license" in naive.lower()
    assert ours == ""


def test_nothing_of_a_receipt_is_kept() -> None:
    entries = Chunk.get_size.cache_info().currsize  # pyright: ignore[reportFunctionMemberAccess]
    plain_borb("retenido")
    assert Chunk.get_size.cache_info().currsize > entries  # pyright: ignore[reportFunctionMemberAccess]
    gc.collect()
    before = sum(isinstance(thing, Document | Page) for thing in gc.get_objects())
    entries = Chunk.get_size.cache_info().currsize  # pyright: ignore[reportFunctionMemberAccess]

    for place in range(LETTERHEADS + 3):
        pdf_of(replace(USUAL, entity=f"Municipalidad {place}"))

    assert lay_down.cache_info().currsize == LETTERHEADS
    gc.collect()
    assert sum(isinstance(thing, Document | Page) for thing in gc.get_objects()) == before
    assert Chunk.get_size.cache_info().currsize == entries  # pyright: ignore[reportFunctionMemberAccess]


def test_a_character_outside_the_font_is_no_exception() -> None:
    with pytest.raises(StopIteration):
        plain_borb("foto 😀.pdf", font=TrueTypeFont.from_file(REGULAR))

    assert pdf_of(replace(USUAL, subject="foto 😀.pdf")).endswith(b"%%EOF\n")


def test_a_title_cannot_write_keys_of_its_own() -> None:
    hostile = "x) /OpenAction << /S /JavaScript /JS (app.alert(1)) >> /Y ("

    assert b"/OpenAction << /S /JavaScript" in plain_borb(title=hostile)

    ours = pdf_of(replace(USUAL, number=hostile))
    with pikepdf.open(io.BytesIO(ours)) as pdf:
        assert "/OpenAction" not in pdf.Root
        assert set(pdf.docinfo.keys()) == {"/Author", "/CreationDate", "/ModDate", "/Producer", "/Title"}
        assert str(pdf.docinfo["/Title"]) == f"Constancia de envío {hostile}"


def test_every_width_is_that_of_the_font() -> None:
    naive = TrueTypeFont.from_file(REGULAR)
    widths = naive["DescendantFonts"][0]["W"]
    assert [widths[2 * naive.get_character_code(character) + 1] for character in ODD] == [[0]] * len(ODD)

    with pikepdf.open(io.BytesIO(pdf_of(USUAL))) as pdf:
        fonts = pdf.pages[0].Resources.Font
        for resource, face in (("/F1", Face.REGULAR), ("/F2", Face.BOLD), ("/F3", Face.MONO)):
            written = fonts[resource].DescendantFonts[0].W
            program = TTFont(io.BytesIO(fonts[resource].DescendantFonts[0].FontDescriptor.FontFile2.read_bytes()))
            scale = 1000 / program["head"].unitsPerEm  # pyright: ignore[reportAttributeAccessIssue]
            advances = [program["hmtx"][glyph][0] * scale for glyph in program.getGlyphOrder()]
            assert int(written[0]) == 0
            assert [float(width) for width in written[1]] == advances
            assert typeface(face).advances == advances


def test_dates_say_their_zone() -> None:
    assert re.search(rb"CreationDate \(D:\d{14}Z00\)", plain_borb())

    with pikepdf.open(io.BytesIO(pdf_of(USUAL))) as pdf:
        assert str(pdf.docinfo["/CreationDate"]) == "D:20260606224108-05'00'"


def test_the_qr_code_is_not_transposed() -> None:
    code = segno.make_qr(USUAL.verify_url)
    assert _borb_matrix() == [list(column) for column in zip(*_booleans(code), strict=True)] != _booleans(code)

    ours = _booleans(qr_code(USUAL.verify_url))
    assert _drawn_matrix(pdf_of(USUAL), len(ours)) == ours


def _booleans(code: segno.QRCode) -> list[list[bool]]:
    return [[bool(module) for module in row] for row in code.matrix]


def _borb_matrix() -> list[list[bool]]:
    """Read the modules from the picture that borb makes: no light module around them."""
    document = Document()
    page = Page()
    document.append_page(page)
    SingleColumnLayout(page).append_layout_element(QRCode(USUAL.verify_url))
    target = io.BytesIO()
    PDF.write(document, target)
    with pikepdf.open(target) as pdf:
        image = cast("pikepdf.Stream", next(iter(pdf.pages[0].get_images().values())))
        picture = pikepdf.PdfImage(image).as_pil_image().convert("L")
    count = len(segno.make_qr(USUAL.verify_url).matrix)
    side = picture.width / count
    return [
        [picture.getpixel((int((column + 0.5) * side), int((row + 0.5) * side))) < 128 for column in range(count)]  # pyright: ignore[reportOperatorIssue, reportOptionalOperand]
        for row in range(count)
    ]


def _drawn_matrix(pdf: bytes, count: int) -> list[list[bool]]:
    """Read the modules back from the image mask in the content of page one: rows from the top, 1 is painted."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        content = document.pages[0].Contents[1].read_bytes().decode("latin-1")
    drawn = re.search(r"/D\[1 0\]/F/AHx ID\n([0-9a-f]+)>\nEI", content)
    assert drawn is not None
    width = -(-count // 8)
    data = bytes.fromhex(drawn[1])
    rows = [f"{int.from_bytes(data[row * width :][:width], 'big'):0{8 * width}b}"[:count] for row in range(count)]
    return [[module == "1" for module in row] for row in rows]
