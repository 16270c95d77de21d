"""The published file: text or archive, whole or damaged; and made-up ones of its shape."""

from __future__ import annotations

import os
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import pytest
from stdnum.pe import ruc as stdnum_ruc

from mesadepartes.taxpayer_files import UnreadableFile, published_file
from mesadepartes.taxpayer_samples import write_samples
from rules.taxpayer_lines import RegisterReader
from tests.counter import MONDAY

if TYPE_CHECKING:
    from pathlib import Path


async def read(path: Path) -> tuple[bytes, date, int]:
    """Return the text, its date, and how many bytes of the file were told of."""
    told = list[int]()
    with published_file(path) as file:
        blocks = [block async for block in file.blocks(told.append)]
        return b"".join(blocks), file.published_on, sum(told)


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(zipfile.ZipInfo(f"{name}.txt", (2026, 3, 2, 5, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return path


async def test_text_is_read_whole_with_the_day_of_the_file_in_peru(tmp_path: Path) -> None:
    path = tmp_path / "padron.txt"
    path.write_bytes(b"0123456789" * 100_000)
    before_midnight_in_lima = MONDAY.replace(hour=3).timestamp()
    os.utime(path, (before_midnight_in_lima, before_midnight_in_lima))

    assert await read(path) == (b"0123456789" * 100_000, date(2026, 3, 8), 1_000_000)


async def test_an_archive_is_read_with_the_day_of_its_member(tmp_path: Path) -> None:
    content = os.urandom(700_000)
    path = archive(tmp_path / "padron.zip", padron=content)

    text, published_on, told = await read(path)

    assert (text, published_on) == (content, date(2026, 3, 2))
    assert 0.9 < told / path.stat().st_size <= 1


async def test_an_archive_of_several_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="2 files"):
        await read(archive(tmp_path / "padron.zip", padron=b"x", leeme=b"y"))


async def test_a_damaged_archive_is_refused_before_its_end(tmp_path: Path) -> None:
    path = archive(tmp_path / "padron.zip", padron=os.urandom(700_000))
    damaged = bytearray(path.read_bytes())
    damaged[500_000] ^= 0xFF
    path.write_bytes(damaged)

    with pytest.raises(UnreadableFile):
        await read(path)


@pytest.mark.parametrize("name", ["padron.txt", "padron.zip"])
async def test_made_up_files_are_loaded_whole_and_their_rucs_are_right_and_different(tmp_path: Path, name: str) -> None:
    write_samples(tmp_path / name, 2500, seed=7, told=lambda _: None)

    reader = RegisterReader()
    text, _, _ = await read(tmp_path / name)
    rows = (reader.read(text) + reader.finish()).decode("latin-1").splitlines()

    assert (len(rows), reader.bad_line_count) == (2500, 0)
    rucs = {row.split("|")[0] for row in rows}
    assert len(rucs) == 2500
    assert all(map(stdnum_ruc.is_valid, rucs))


async def test_the_same_seed_makes_the_same_file(tmp_path: Path) -> None:
    for name, seed in (("a.txt", 1), ("b.txt", 1), ("c.txt", 2)):
        write_samples(tmp_path / name, 50, seed=seed, told=lambda _: None)

    assert (tmp_path / "a.txt").read_bytes() == (tmp_path / "b.txt").read_bytes()
    assert (tmp_path / "a.txt").read_bytes() != (tmp_path / "c.txt").read_bytes()
