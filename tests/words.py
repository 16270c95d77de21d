"""What was said with an act: it stands apart from the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.register import EntryText

if TYPE_CHECKING:
    from models.register import Entry


async def said_with(entry: Entry) -> str | None:
    """Return what was said with an act; None for nothing, and for what was erased."""
    apart = await EntryText.get_or_none(sequence=entry.sequence)
    return apart.text if apart else entry.text
