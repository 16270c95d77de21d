"""The emblem of receipts: small, sound, without transparency, the same bytes however often it is read."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from mesadepartes.emblem import PRINTED_SIDE, read_emblem
from mesadepartes.settings import Settings
from mesadepartes.variables import WrongSettings
from mesadepartes.wiring import letterhead_of

if TYPE_CHECKING:
    from pathlib import Path


def saved(picture: Image.Image, path: Path) -> str:
    picture.save(path)
    return str(path)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (4, 2), (200, 16, 46, 255))
    picture.putpixel((0, 0), (0, 0, 0, 0))

    emblem = opened(read_emblem(saved(picture, tmp_path / "emblem.png")).content)

    assert (emblem.format, emblem.mode, emblem.size) == ("PNG", "RGB", (4, 2))
    assert [emblem.getpixel((0, 0)), emblem.getpixel((1, 0))] == [(255, 255, 255), (200, 16, 46)]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB"])
def test_every_kind_of_png_is_taken(mode: str, tmp_path: Path) -> None:
    emblem = opened(read_emblem(saved(Image.new(mode, (30, 30)), tmp_path / "emblem.png")).content)

    assert emblem.mode == "RGB"


def test_a_photograph_is_no_larger_than_it_is_printed(tmp_path: Path) -> None:
    emblem = opened(read_emblem(saved(Image.new("RGB", (1024, 512)), tmp_path / "emblem.jpg")).content)

    assert emblem.size == (PRINTED_SIDE, PRINTED_SIDE // 2)


def test_receipts_name_it_by_its_digest(tmp_path: Path) -> None:
    path = saved(Image.new("RGB", (30, 30), "green"), tmp_path / "emblem.png")

    settings = Settings.from_environ({"MESA_RECEIPT_EMBLEM": path})

    assert settings.receipt_emblem == read_emblem(path)
    assert str(settings.receipt_emblem) == path
    assert letterhead_of(settings).emblem_sha256 == read_emblem(path).sha256


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "sound PNG or JPEG"),
        (b"GIF89a" + bytes(100), "sound PNG or JPEG"),
        (bytes(100_001), "at most 100 kB"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "sound PNG or JPEG"),
    ],
)
def test_what_is_no_small_picture_is_refused(content: bytes, why: str, tmp_path: Path) -> None:
    (tmp_path / "emblem.png").write_bytes(content)

    with pytest.raises(WrongSettings, match=f"MESA_RECEIPT_EMBLEM must name a .*{why}"):
        Settings.from_environ({"MESA_RECEIPT_EMBLEM": str(tmp_path / "emblem.png")})


@pytest.mark.parametrize(
    ("size", "why"), [((20_000, 1025), "at most 1024 pixels"), ((20_000, 20_000), "sound PNG or JPEG")]
)
def test_a_picture_with_too_many_pixels_is_refused_before_they_are_unpacked(
    size: tuple[int, int], why: str, tmp_path: Path
) -> None:
    path = saved(Image.new("1", size), tmp_path / "emblem.png")

    with pytest.raises(ValueError, match=why):
        read_emblem(path)


def test_a_picture_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "emblem.png"
    saved(Image.effect_noise((100, 100), 50), path)
    path.write_bytes(path.read_bytes()[:3000])

    with pytest.raises(ValueError, match="sound PNG or JPEG"):
        read_emblem(str(path))
