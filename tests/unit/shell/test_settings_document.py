"""The document of the settings says what the code does."""

from __future__ import annotations

from pathlib import Path

from mesadepartes.commands.check_settings import settings_table

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "settings.md"


def test_document_holds_the_table_as_printed() -> None:
    """Else: put the output of `python -m mesadepartes check-settings --table` into it."""
    assert settings_table() in DOCUMENT.read_text(encoding="utf-8")
