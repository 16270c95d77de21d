"""Reply tokens: what stands, signed, in our mails about a trámite, by which an answer to them is known."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias
from uuid import UUID

SIGNATURE_BYTES: Final = 10
LENGTH: Final = -(-(16 + SIGNATURE_BYTES) * 8 // 5)
LOCAL_PART: Final = 64
"""The longest local part of an address (RFC 5321, 4.5.3.1.1)."""

MOST_READ: Final = 100

Sign: TypeAlias = Callable[[bytes], bytes]
"""Returns a keyed hash, of at least 10 bytes, of what is signed."""

_TOKEN = re.compile(rf"(?<![a-z2-7])[a-z2-7]{{{LENGTH}}}(?![a-z2-7])", re.ASCII)


def make_token(tramite_id: UUID, sign: Sign) -> str:
    """Return the token of a trámite: 42 small letters and digits, which mail systems may write in capitals."""
    signature = sign(tramite_id.bytes)[:SIGNATURE_BYTES]
    return base64.b32encode(tramite_id.bytes + signature).decode().rstrip("=").lower()


def read_token(token: str, sign: Sign) -> UUID | None:
    """Return the trámite of a token; None if we did not sign it."""
    if not token.isascii() or not _TOKEN.fullmatch(token.lower()):
        return None
    data = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    if not hmac.compare_digest(data[16:], sign(data[:16])[:SIGNATURE_BYTES]):
        return None
    # Several texts stand for the same bytes: only the one that we write is a token.
    return UUID(bytes=data[:16]) if make_token(UUID(bytes=data[:16]), sign) == token.lower() else None


def find_tramite(texts: Iterable[str], sign: Sign) -> UUID | None:
    """
    Return the trámite that Message-IDs and addresses name by its token; None if they name none, or more than one.

    Of so many texts only the first hundred are read.
    """
    found = {tramite_id for token in _tokens(texts) if (tramite_id := read_token(token, sign))}
    return found.pop() if len(found) == 1 else None


def _tokens(texts: Iterable[str]) -> Iterator[str]:
    for text, _ in zip(texts, range(MOST_READ), strict=False):
        yield from _TOKEN.findall(text.lower())


def token_in(message_id: str) -> str | None:
    """Return the token that stands in one of our own Message-IDs, if one does."""
    found = _TOKEN.search(message_id)
    return found[0] if found else None


def plus_address(address: str, token: str) -> str | None:
    """Return *address* with *token* after a plus; None if that is longer than an address may be."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}" if len(local) + 1 + len(token) <= LOCAL_PART else None
