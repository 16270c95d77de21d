"""The QR codes are those that segno makes, bit for bit, for every address; other programs read them."""

from __future__ import annotations

import random
import string
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import segno

from receipts.qr import encode_qr
from receipts.writer import render
from tests.unit.receipts.samples import USUAL, qr_code, run_program

if TYPE_CHECKING:
    from pathlib import Path

ALPHABET = string.ascii_uppercase + "234567"
ADDRESSES = [
    "https://m.pe/v/",
    "https://mesadepartes.example.gob.pe/v/",
    "http://127.0.0.1:8000/v/",
    "https://" + "tramite." * 12 + "gob.pe/mesa/de/partes/verificar/",
]


def code_of(chance: random.Random) -> str:
    return "-".join("".join(chance.choices(ALPHABET, k=4)) for _ in range(4))


def segno_rows(text: str) -> tuple[int, list[str]]:
    """Return how wide segno's code is, and its rows."""
    code = qr_code(text)
    return len(code.matrix), ["".join(map(str, row)) for row in code.matrix]


def our_rows(text: str) -> tuple[int, list[str]]:
    across, bits = encode_qr(text)
    width = (across + 7) // 8
    rows = [bits[start : start + width] for start in range(0, len(bits), width)]
    return across, ["".join(f"{byte:08b}" for byte in row)[:across] for row in rows]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_code_is_the_one_that_segno_makes(address: str) -> None:
    chance = random.Random(address)

    for _ in range(60):
        text = address + code_of(chance)
        assert our_rows(text) == segno_rows(text)


def test_every_ascii_character_may_follow() -> None:
    for character in map(chr, range(1, 128)):
        text = f"https://m.pe/v/M7HY{character}EVQA"
        assert our_rows(text) == segno_rows(text)


@pytest.mark.parametrize("text", ["https://m.pe/", "https://m.pe/v?code=" + "A" * 60, "x/" + "y" * 280])
def test_other_shapes_are_encoded_whole(text: str) -> None:
    across, rows = our_rows(text)

    code = segno.make(text, error="m", micro=False, boost_error=False, mode="byte")
    assert (across, rows) == (len(code.matrix), ["".join(map(str, row)) for row in code.matrix])


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("program", ["poppler", "mupdf"])
def test_others_read_the_code_from_the_picture_of_the_page(address: str, program: str, tmp_path: Path) -> None:
    url = address + code_of(random.Random(f"{program} {address}"))
    file, picture = tmp_path / "receipt.pdf", tmp_path / "page.png"
    file.write_bytes(render(replace(USUAL, verify_url=url), room=64).content)

    if program == "poppler":
        run_program("pdftoppm", "-r", "150", "-gray", "-png", "-singlefile", file, picture.with_suffix(""))
    else:
        run_program("mutool", "draw", "-q", "-r", "150", "-o", picture, file, "1")

    assert run_program("zbarimg", "--quiet", "--raw", "-Sbinary", picture).strip() == url
