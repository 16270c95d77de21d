"""What fields and formulas say that make an Office program ask another for data (DDE), or start it."""

from __future__ import annotations

import re
from typing import Final

_FIELD: Final = re.compile(r"^\s*DDE(?:AUTO)?\b", re.IGNORECASE)
_SPELLED_OUT: Final = re.compile(r"\bQUOTE(?:\s+\d{2,5}){3,}", re.IGNORECASE)
"""Letters by their numbers: only who hides an instruction writes so."""
_FORMULA: Final = re.compile(
    rb"<(?:\w+:)?f(?:\s[^<>]*)?>[^<]*?(?:\w\|(?:'|&apos;|&#39;|&#x27;)|\bDDE\()", re.IGNORECASE
)


def asks_others(instruction: str) -> bool:
    """Say whether a field of Word exchanges data with another program."""
    return bool(_FIELD.search(instruction) or _SPELLED_OUT.search(instruction))


def formulas_ask_others(sheet: bytes) -> bool:
    """Say whether a formula in a sheet's XML does: `=program|'topic'!item`."""
    return (b"|" in sheet or b"DDE(" in sheet) and bool(_FORMULA.search(sheet))
