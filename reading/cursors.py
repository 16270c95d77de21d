"""Cursors: places in a list, told to clients as a text that says nothing to them, and read back whatever they send."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from reading.tramites import UnknownCursor


def cursor_of(*values: object) -> str:
    """Return the cursor that holds *values*, which JSON can hold."""
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def values_in(cursor: str, *, count: int) -> list[Any]:
    """
    Return the *count* values that a cursor holds; what they are must still be seen.

    Raises:
        UnknownCursor: it holds others, or is none.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError, binascii.Error):
        raise UnknownCursor from None
    if not isinstance(values, list) or len(values) != count:  # pyright: ignore[reportUnknownArgumentType]
        raise UnknownCursor
    return values  # pyright: ignore[reportUnknownVariableType]


def instant_in(value: object) -> datetime:
    """
    Return the instant that was put into a cursor, in UTC.

    Raises:
        UnknownCursor: it is none, or none that has a name in UTC: the first and last hours of all have not.
    """
    try:
        instant = datetime.fromisoformat(_text(value))
        if instant.tzinfo is None:
            raise UnknownCursor
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnknownCursor from None


def day_in(value: object) -> date:
    """
    Return the day that was put into a cursor.

    Raises:
        UnknownCursor: it is none.
    """
    try:
        return date.fromisoformat(_text(value))
    except ValueError:
        raise UnknownCursor from None


def id_in(value: object) -> UUID:
    """
    Return the id that was put into a cursor.

    Raises:
        UnknownCursor: it is none.
    """
    try:
        return UUID(_text(value))
    except ValueError:
        raise UnknownCursor from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise UnknownCursor
    return value
