"""Pages come out of the jail as small pictures, whatever the file is; what is hostile costs its call only."""

from __future__ import annotations

import io
import json
import struct
import zlib
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pikepdf
import pytest
from PIL import Image

from files.jail import Jail, JailFailed
from files.pictures import DRAW, DrawingProblem
from tests.drawings import BLUE, RED, is_near, pdf_of, picture_of, seen
from tests.lasting_jail import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

TIME = timedelta(seconds=20)


@pytest.fixture
async def jail() -> AsyncIterator[Jail]:
    jail = Jail([DRAW], reads=ANYWHERE, memory_bytes=768 << 20)
    yield jail
    await jail.close()


async def drawn(
    jail: Jail, path: Path, data: bytes, page: int = 1, width: int = 320, timeout: timedelta = TIME
) -> bytes:
    path.write_bytes(data)
    asked = {"path": str(path), "page": page, "width": width}
    return await jail.run(DRAW, json.dumps(asked).encode(), timeout=timeout)


async def test_pages_are_drawn_one_by_one_as_wide_as_asked(jail: Jail, tmp_path: Path) -> None:
    document = pdf_of(RED, BLUE)

    for page, colour in ((1, RED), (2, BLUE)):
        for width in (320, 1600):
            picture = seen(await drawn(jail, tmp_path / "a", document, page, width))

            assert (picture.format, picture.width, abs(picture.height - width * 842 / 595) < 2) == ("WEBP", width, True)
            assert is_near(picture.getpixel((width // 2, width // 2)), colour)


async def test_what_was_filled_into_a_form_is_seen(jail: Jail, tmp_path: Path) -> None:
    empty, filled = form_of(None), form_of(BLUE)

    assert is_near(seen(await drawn(jail, tmp_path / "a", empty)).getpixel((160, 220)), RED)
    assert is_near(seen(await drawn(jail, tmp_path / "a", filled)).getpixel((160, 220)), BLUE)


def form_of(colour: tuple[int, int, int] | None) -> bytes:
    document, saved = pikepdf.open(io.BytesIO(pdf_of())), io.BytesIO()
    if colour:
        look = document.make_stream(b"0 0 1 rg 0 0 400 600 re f")
        look.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form, "/BBox": [0, 0, 400, 600]})
        field = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="a", V="b", F=4,
                Rect=[100, 100, 500, 700], AP=pikepdf.Dictionary(N=look),
            )
        )  # fmt: skip
        document.pages[0].Annots = pikepdf.Array([field])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[field])
    document.save(saved)
    return saved.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
async def test_pictures_are_scaled_upright_and_say_nothing_besides(jail: Jail, tmp_path: Path, form: str) -> None:
    """Orientation 6: turned by a quarter to the right to be upright, so that its left half comes to the top."""
    given = picture_of(form, (3000, 1500), turned=6)

    found = await drawn(jail, tmp_path / "a", given)

    picture = seen(found)
    assert picture.size == (320, 640)
    assert is_near(picture.getpixel((160, 100)), RED)
    assert is_near(picture.getpixel((160, 540)), BLUE)
    assert b"taken at home" in given
    assert b"taken at home" not in found
    assert dict(picture.getexif()) == {}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
async def test_pictures_of_every_kind_are_shown(jail: Jail, tmp_path: Path, mode: str) -> None:
    saved, size = io.BytesIO(), (700, 500)
    image = Image.new("I;16", size, 65535) if mode == "I;16" else Image.new("L", size, 255).convert(mode)
    image.save(saved, "JPEG" if mode == "CMYK" else "PNG")

    picture = seen(await drawn(jail, tmp_path / "a", saved.getvalue()))

    assert (picture.mode, picture.width) == ("RGB", 320)
    assert is_near(picture.getpixel((160, 100)), (255, 255, 255))


async def test_what_shows_nothing_is_said_to(jail: Jail, tmp_path: Path) -> None:
    document, picture = pdf_of(RED), picture_of("PNG", (50, 50))
    for data, page, problem in (
        (document, 2, DrawingProblem.NO_SUCH_PAGE),
        (picture, 2, DrawingProblem.NO_SUCH_PAGE),
        (pdf_of(password="clave"), 1, DrawingProblem.LOCKED),
        (b"%PDF-1.7\n nothing", 1, DrawingProblem.DAMAGED),
        (document[:200], 1, DrawingProblem.DAMAGED),
        (picture[:60], 1, DrawingProblem.DAMAGED),
        (b"\xff\xd8\xff\xe0", 1, DrawingProblem.DAMAGED),
        (b"PK\x03\x04 an archive", 1, DrawingProblem.OTHER_KIND),
        (b"", 1, DrawingProblem.OTHER_KIND),
        (b"GIF89a", 1, DrawingProblem.OTHER_KIND),
        (png_of_size(30_000, 30_000), 1, DrawingProblem.HUGE),
        (pdf_of(size=(0, 0)), 1, None),
    ):
        said = await drawn(jail, tmp_path / "a", data, page)

        assert said == problem.encode() if problem else said.startswith(b"RIFF"), (data[:20], said[:20])


def png_of_size(width: int, height: int) -> bytes:
    """Return a PNG of so many black points in as few bytes as can be."""
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    parts = ((b"IHDR", struct.pack("!IIBBBBB", width, height, 1, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    chunks = (
        struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


async def test_absurd_pages_make_small_pictures(jail: Jail, tmp_path: Path) -> None:
    for size in ((1_000_000, 1_000_000), (14_400, 1), (1, 14_400), (3, 12.001), (0.01, 0.01)):
        picture = seen(await drawn(jail, tmp_path / "a", pdf_of(size=size), width=1600))

        assert (picture.width <= 1600, picture.height <= 6400) == (True, True), size


def bomb_of_picture() -> bytes:
    """Return a PDF with a picture of 900 million points."""
    document, saved = pikepdf.open(io.BytesIO(pdf_of(content=b"q 500 0 0 500 0 0 cm /I Do Q"))), io.BytesIO()
    picture = document.make_stream(bytes(0))
    once = zlib.compress(bytes(100_000_000), 9)
    picture.write(zlib.compress(once, 9), filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode]))
    picture.update(
        {
            "/Type": pikepdf.Name.XObject,
            "/Subtype": pikepdf.Name.Image,
            "/Width": 30_000,
            "/Height": 30_000,
            "/ColorSpace": pikepdf.Name.DeviceRGB,
            "/BitsPerComponent": 8,
        }
    )
    document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
    document.save(saved)
    return saved.getvalue()


def nested_forms(depth: int) -> bytes:
    """Return a PDF whose page draws a form twice, which draws another twice, and so on."""
    document, saved = pikepdf.open(io.BytesIO(pdf_of(content=b"/F Do"))), io.BytesIO()
    form = document.make_stream(b"0 0 1 rg 0 0 9 9 re f")
    for _ in range(depth):
        form.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form, "/BBox": [0, 0, 600, 900]})
        above = document.make_stream(b"/F Do /F Do")
        above.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
        form = above
    form.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form, "/BBox": [0, 0, 600, 900]})
    document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
    document.save(saved)
    return saved.getvalue()


HOSTILE = {
    "picture bomb": bomb_of_picture,
    "forms in forms": lambda: nested_forms(28),
    "deep nesting": lambda: pdf_of(content=b"q " * 2_000_000),
    "deep arrays": lambda: pdf_of(content=b"[" * 500_000),
    "many points": lambda: pdf_of(content=b"0 0 m " + b"9 9 l 3 5 l " * 400_000 + b"f*"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_pages_cost_their_call_only(jail: Jail, tmp_path: Path, name: str) -> None:
    data = HOSTILE[name]()

    with suppress(JailFailed):
        picture = seen(await drawn(jail, tmp_path / "a", data, width=1600, timeout=timedelta(seconds=3)))
        assert picture.size == (1600, 2264)

    assert seen(await drawn(jail, tmp_path / "b", pdf_of())).width == 320
