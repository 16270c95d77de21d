"""What the programs that read PDF say of our receipts: nothing is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

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
    run_and_hear,
)

if TYPE_CHECKING:
    from pathlib import Path

RECEIPTS = {
    "usual": USUAL,
    "mail": BY_MAIL,
    "corrected": CORRECTED,
    "completed": COMPLETED,
    "voided": VOIDED,
    "heavy": HEAVY,
    "emblem": WITH_EMBLEM,
}
PROGRAMS = {
    "qpdf": ("qpdf", "--check", "--warning-exit-0", "{file}"),
    "pdfinfo": ("pdfinfo", "-struct-text", "{file}"),
    "pdffonts": ("pdffonts", "{file}"),
    "pdftotext": ("pdftotext", "{file}", "{folder}/text"),
    "pdftoppm": ("pdftoppm", "-r", "20", "{file}", "{folder}/page"),
    "pdfdetach": ("pdfdetach", "-list", "{file}"),
    "mutool info": ("mutool", "info", "{file}"),
    "mutool draw": ("mutool", "draw", "-N", "-q", "-r", "20", "-o", "{folder}/page-%d.png", "{file}"),
    "mutool clean": ("mutool", "clean", "-gggg", "-s", "{file}", "{folder}/clean.pdf"),
    "mutool trace": ("mutool", "trace", "{file}"),
}


@pytest.mark.parametrize("name", RECEIPTS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_is_wrong(program: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / "receipt.pdf"
    file.write_bytes(pdf_of(RECEIPTS[name], emblem=EMBLEM if name == "emblem" else None))
    command, *arguments = PROGRAMS[program]

    said, complained = run_and_hear(command, *(part.format(file=file, folder=tmp_path) for part in arguments))

    assert complained == ""
    assert not re.search(r"(?i)\b(warning|damaged|repair|syntax error)", said)


def test_what_the_facts_say_is_taken_out_of_the_receipt_by_others(tmp_path: Path) -> None:
    file = tmp_path / "receipt.pdf"
    file.write_bytes(pdf_of(HEAVY))

    run_and_hear("pdfdetach", "-saveall", "-o", str(tmp_path), str(file))

    assert (tmp_path / "constancia.json").read_bytes() == HEAVY.to_bytes()
