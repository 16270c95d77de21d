"""What is written fast looks and reads as what borb writes of the same layout, pixel by pixel and word by word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.receipts.oracle import write_with_borb
from tests.unit.receipts.samples import (
    BY_MAIL,
    COMPLETED,
    CORRECTED,
    EMBLEM,
    HEAVY,
    USUAL,
    VOIDED,
    WITH_EMBLEM,
    pdf_of,
    run_program,
    text_of,
)

if TYPE_CHECKING:
    from pathlib import Path

DOTS_PER_INCH = "110"
RECEIPTS = {
    "usual": (USUAL, None),
    "mail": (BY_MAIL, None),
    "corrected": (CORRECTED, None),
    "completed": (COMPLETED, None),
    "voided": (VOIDED, None),
    "heavy": (HEAVY, None),
    "emblem": (WITH_EMBLEM, EMBLEM),
}


def pictures_of(pdf: bytes, folder: Path) -> list[bytes]:
    """Return the pages as poppler and MuPDF paint them."""
    folder.mkdir()
    file = folder / "receipt.pdf"
    file.write_bytes(pdf)
    run_program("pdftoppm", "-r", DOTS_PER_INCH, file, folder / "poppler")
    run_program("mutool", "draw", "-q", "-r", DOTS_PER_INCH, "-o", folder / "mupdf-%d.ppm", file)
    return [picture.read_bytes() for picture in sorted(folder.glob("*.ppm"))]


@pytest.mark.parametrize("name", RECEIPTS)
def test_the_picture_is_the_one_of_borb(name: str, tmp_path: Path) -> None:
    facts, emblem = RECEIPTS[name]

    ours = pictures_of(pdf_of(facts, emblem=emblem), tmp_path / "ours")
    expected = pictures_of(write_with_borb(facts, emblem), tmp_path / "borb")

    assert len(ours) == len(expected) >= 2
    assert [one == other for one, other in zip(ours, expected, strict=True)] == [True] * len(ours)


@pytest.mark.parametrize("name", RECEIPTS)
@pytest.mark.parametrize("mode", ["-layout", "-raw"])
def test_the_text_is_the_one_of_borb(name: str, mode: str, tmp_path: Path) -> None:
    facts, emblem = RECEIPTS[name]

    ours = text_of(pdf_of(facts, emblem=emblem), tmp_path, mode)

    assert facts.number in ours
    assert ours == text_of(write_with_borb(facts, emblem), tmp_path, mode)
