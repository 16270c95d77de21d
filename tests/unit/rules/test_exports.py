"""Values in the cells of an export."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rules.exports import Value, harmless, said


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0, "0"),
        (True, "sí"),
        (False, "no"),
        ("María", "María"),
        (date(2026, 3, 9), "2026-03-09"),
        (datetime(2026, 3, 10, 4, 59, 59, 999, tzinfo=UTC), "2026-03-09 23:59:59"),
    ],
)
def test_values_are_said_as_people_read_them(value: Value, text: str) -> None:
    assert said(value) == text


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+51 999", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "  =1", "\u00a0=cmd|' /C calc'!A0", "'=1"],
)
def test_what_a_spreadsheet_takes_for_a_formula_is_marked_as_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Solicito 1+1=2", "a=b", "n.º 5 - 2026", "¿=?"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
