"""Cursors: places in a list, told to clients as a text that only this counter can have made."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import b2a_base64
from datetime import UTC, date, datetime
from hashlib import blake2b
from hmac import compare_digest
from typing import Final
from uuid import UUID

from reading.tramites import UnknownCursor

BETWEEN: Final = "|"
TAG_BYTES: Final = 8
"""64 bits: nobody tries 2^63 of them at a door that counts attempts, and a cursor opens nothing by itself."""

_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")

LONGEST: Final = 1000
"""Characters of a cursor; the longest holds a title of 120 characters."""


class Cursors:
    """
    Signs places, each for the list that it is of: a cursor of another list, or of another counter, is none.

    It is done for every row of every page, so the key is prepared once for each list, and copied.
    """

    def __init__(self, key: bytes) -> None:
        self._key = blake2b(key, person=b"cursors of lists").digest()
        self._blanks: dict[str, blake2b] = {}

    def sign(self, list_name: str, place: str) -> str:
        """Return the cursor of a *place* in the list of that name."""
        text = place.encode()
        return b2a_base64(self._tag(list_name, text) + text, newline=False).translate(_URL_SAFE, b"=").decode()

    def place_in(self, list_name: str, cursor: str, *, argument: str = "after") -> str:
        """
        Return the place that a cursor of the list of that name holds.

        Raises:
            UnknownCursor: this counter never gave it, or for another list.
        """
        try:
            held = urlsafe_b64decode(cursor[:LONGEST] + "=" * (-len(cursor) % 4))
            tag, text = held[:TAG_BYTES], held[TAG_BYTES:]
            if not compare_digest(tag, self._tag(list_name, text)) or self.sign(list_name, text.decode()) != cursor:
                raise UnknownCursor(argument)
        except ValueError:
            raise UnknownCursor(argument) from None
        return text.decode()

    def _tag(self, list_name: str, text: bytes) -> bytes:
        signed = (self._blanks.get(list_name) or self._blank(list_name)).copy()
        signed.update(text)
        return signed.digest()

    def _blank(self, list_name: str) -> blake2b:
        blank = blake2b(list_name.encode() + b"\0", key=self._key, digest_size=TAG_BYTES)
        self._blanks[list_name] = blank
        return blank


def place_of(*values: str) -> str:
    """Return the place that holds *values*; only the last may hold what stands between them."""
    return BETWEEN.join(values)


def values_in(place: str, *, count: int) -> list[str]:
    """
    Return the *count* values that a place holds; what they are must still be seen.

    Raises:
        UnknownCursor: it holds fewer.
    """
    values = place.split(BETWEEN, count - 1)
    if len(values) != count:
        raise UnknownCursor
    return values


def instant_in(value: str) -> datetime:
    """
    Return the instant that was put into a place, in UTC.

    Raises:
        UnknownCursor: it is none, or none that has a name in UTC: the first and last hours of all have not.
    """
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise UnknownCursor
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnknownCursor from None


def day_in(value: str) -> date:
    """
    Return the day that was put into a place.

    Raises:
        UnknownCursor: it is none.
    """
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UnknownCursor from None


def id_in(value: str) -> UUID:
    """
    Return the id that was put into a place.

    Raises:
        UnknownCursor: it is none.
    """
    try:
        return UUID(value)
    except ValueError:
        raise UnknownCursor from None


def number_in(value: str, *, most: int) -> int:
    """
    Return the number, from 0 to *most*, that was put into a place.

    Raises:
        UnknownCursor: it is none.
    """
    if not (value.isascii() and value.isdecimal() and len(value) <= len(str(most)) and int(value) <= most):
        raise UnknownCursor
    return int(value)
