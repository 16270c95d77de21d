"""What fields and formulas make an Office program do: ask another for data (DDE), start it, load from elsewhere."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 8_192
_FIELD: Final = re.compile(r"DDE(?:AUTO)?\b", re.IGNORECASE)
_SPELLED_OUT: Final = re.compile(r"\bQUOTE(?:\s+\d{2,5}){3,}", re.IGNORECASE)
"""Letters by their numbers: only who hides an instruction writes so."""
_PICTURE: Final = re.compile(r"INCLUDEPICTURE\b", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(r"://|\\\\")
_NOT_KEPT: Final = re.compile(r"(?<!\\)\\d\b", re.IGNORECASE)
"""The switch by which a picture is not kept in the document, but fetched by whoever opens it."""
_LOADING: Final = re.compile(rb"<(?:\w+:)?f(?:\s[^<>]*)?>[^<]*?\b(?:WEBSERVICE|IMAGE)\(", re.IGNORECASE)
_FORMULA: Final = re.compile(
    rb"<(?:\w+:)?f(?:\s[^<>]*)?>[^<]*?(?:\w\|(?:'|&apos;|&#39;|&#x27;)|\bDDE\()", re.IGNORECASE
)


def asks_others(instruction: str) -> bool:
    """Say whether a field of Word exchanges data with another program."""
    begins = instruction.lstrip()[:_LONGEST]
    return bool(_FIELD.match(begins) or _SPELLED_OUT.search(begins))


def formulas_ask_others(sheet: bytes) -> bool:
    """Say whether a formula in a sheet's XML does: `=program|'topic'!item`."""
    return (b"|" in sheet or b"DDE(" in sheet) and bool(_FORMULA.search(sheet))


def loads_from_elsewhere(instruction: str) -> bool:
    """Say whether a field of Word fetches something from a server when the document is opened."""
    begins = instruction.lstrip()[:_LONGEST]
    if not _PICTURE.match(begins):
        return False
    place = _ELSEWHERE.search(begins)
    return place is not None and _NOT_KEPT.search(begins, place.end()) is not None


def formulas_load(sheet: bytes) -> bool:
    """Say whether a formula in a sheet's XML fetches something from a server."""
    return (b"WEBSERVICE(" in sheet or b"IMAGE(" in sheet) and bool(_LOADING.search(sheet))
