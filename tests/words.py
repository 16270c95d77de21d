"""What was said with an act: it stands apart from the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading.register import texts_of

if TYPE_CHECKING:
    from models.register import Entry


async def said_with(entry: Entry) -> str | None:
    """Return what was said with an act; None for nothing, and for what was erased."""
    return (await texts_of([entry]))[entry.sequence]
