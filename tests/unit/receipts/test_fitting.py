"""Text is folded, shrunk and cut by its measured width, and none of it is lost by folding."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from receipts.fitting import INK, Pen, clean, cut, fold, shrink
from receipts.typefaces import Face

REGULAR = Pen(Face.REGULAR, 9, INK)
texts = st.text(st.one_of(st.characters(), st.sampled_from("ab ñÁ«»W.\t")), max_size=300)
widths = st.floats(20, 400)


@given(texts, widths)
@example("a" * 100 + " b", 50.0)
@example("word " * 30, 100.0)
@example("short " + "W" * 200, 120.0)
def test_folded_lines_are_no_wider_than_asked_and_hold_every_character(text: str, width: float) -> None:
    lines = fold(REGULAR, text, width)

    assert all(REGULAR.width(line.rstrip()) <= width + 1e-6 for line in lines)
    assert "".join(lines) == clean(text)


def test_words_are_broken_only_where_they_are_wider_than_a_line() -> None:
    lines = fold(REGULAR, "Solicita licencia de funcionamiento", 80)

    assert lines == ("Solicita licencia de ", "funcionamiento")


@given(texts, widths)
def test_what_is_shrunk_or_cut_fits(text: str, width: float) -> None:
    pen, shrunk = shrink(REGULAR, text, width, smallest=4)
    short = cut(REGULAR, text, width)

    assert pen.width(shrunk) <= width + 1e-6
    assert REGULAR.width(short) <= width + 1e-6


def test_what_is_cut_says_so() -> None:
    assert cut(REGULAR, "Municipalidad Distrital", 60) == "Municipalid…"


def test_letters_typed_as_two_characters_are_composed() -> None:
    assert clean("n\u0303u\u0301 \n\t x") == "ñú x"
