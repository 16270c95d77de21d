"""How much may come out of an archive."""

from __future__ import annotations

from typing import Final

LARGEST_TOTAL_BYTES: Final = 1 << 30
MAX_RATIO: Final = 100
RATIO_FROM_BYTES: Final = 32 << 20
"""Less harms nobody, and plans without compression, or logs, are packed a thousandfold."""


def is_bomb(size_bytes: int, packed_bytes: int) -> bool:
    """Say whether so few bytes become so many as no document's do."""
    return size_bytes > RATIO_FROM_BYTES and size_bytes > MAX_RATIO * packed_bytes
