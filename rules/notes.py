"""Internal notes (notas internas): what members of an office tell each other about a trámite."""

from __future__ import annotations

from typing import Final

from rules.words import clean_paragraph

NOTE_MAX_LENGTH: Final = 2000


def clean_note(text: str | None) -> str:
    """
    Return a note, 1 to 2,000 characters.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `rules.words.clean_paragraph`.
    """
    return clean_paragraph(text, max_length=NOTE_MAX_LENGTH)
