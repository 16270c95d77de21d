"""In which form a client wants its answer: what `Accept` says, read once for each way of saying it."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

JSON = b"application/json"
KNOWN_WAYS = 256
LONGEST = 512


class MediaType(Enum):
    """The forms that answers have, each by its `Content-Type`."""

    JSON = b"application/json; charset=utf-8"
    """The status is 200 for every request that was understood, as older clients expect it."""
    RESPONSE = b"application/graphql-response+json; charset=utf-8"
    """The status says whether there is data."""
    EVENTS = b"text/event-stream; charset=utf-8"


_RANGES = {
    b"application/graphql-response+json": MediaType.RESPONSE,
    b"application/json": MediaType.JSON,
    b"application/*": MediaType.JSON,
    b"*/*": MediaType.JSON,
}
_EVENTS = b"text/event-stream"


def negotiate(accept: bytes) -> MediaType | None:
    """
    Return the form that *accept* likes best, the earlier of two that it likes the same; None if none of ours will do.

    Without a wish it is JSON. Events are given only to who names them before all else.
    """
    if not accept or accept == b"*/*" or accept == JSON:
        return MediaType.JSON
    return _negotiate(accept) if len(accept) <= LONGEST else MediaType.JSON


@lru_cache(KNOWN_WAYS)
def _negotiate(accept: bytes) -> MediaType | None:
    wishes = [_wish(part) for part in accept.lower().split(b",") if part.strip()]
    if wishes and wishes[0][0] == _EVENTS and wishes[0][1] > 0:
        return MediaType.EVENTS
    liked = [(quality, _RANGES[name]) for name, quality in wishes if name in _RANGES and quality > 0]
    return max(liked, key=lambda wish: wish[0])[1] if liked else None


def _wish(part: bytes) -> tuple[bytes, float]:
    """Return a media range and how much it is liked (RFC 9110, 12.4.2); what cannot be read is not liked at all."""
    name, *parameters = (piece.strip() for piece in part.split(b";"))
    for parameter in parameters:
        if parameter.startswith(b"q="):
            try:
                quality = float(parameter[2:])
            except ValueError:
                return name, 0.0
            return name, quality if 0 <= quality <= 1 else 0.0
    return name, 1.0


def is_json(content_type: bytes) -> bool:
    """Tell whether a body says that it is JSON in UTF-8."""
    return content_type == JSON or (len(content_type) <= LONGEST and _is_json(content_type))


@lru_cache(KNOWN_WAYS)
def _is_json(content_type: bytes) -> bool:
    name, *parameters = (piece.strip() for piece in content_type.lower().split(b";"))
    charsets = [
        value.strip(b'"') for key, _, value in (each.partition(b"=") for each in parameters) if key == b"charset"
    ]
    return name == JSON and all(charset in (b"utf-8", b"utf8") for charset in charsets)
