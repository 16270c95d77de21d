"""What is known of the fonts is what stands in them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from receipts.typefaces import FOLDER, Face, typeface
from scripts.subset_fonts import describe_font

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("face", Face)
def test_what_lies_beside_a_font_is_what_stands_in_it(face: Face, tmp_path: Path) -> None:
    shutil.copy(FOLDER / f"{face}.ttf", tmp_path)

    describe_font(tmp_path / f"{face}.ttf")

    for made in (f"{face}.json", f"{face}.cmap"):
        assert (tmp_path / made).read_bytes() == (FOLDER / made).read_bytes()


def test_a_character_that_the_font_lacks_is_as_wide_as_what_is_shown_for_it_and_is_not_remembered() -> None:
    regular = typeface(Face.REGULAR)
    before = len(regular.glyphs)

    assert regular.encode("😀\x07\ud800\u202e") == regular.encode("\ufffd") * 4
    assert regular.advance("😀") == regular.advance("\ufffd") == 1000
    assert len(regular.glyphs) == before
