"""Sessions: what a request shows of one, and what is kept of it."""

from __future__ import annotations

import hashlib


def bearer_token(authorization: str | None) -> str | None:
    """Return the token of an `Authorization` header (RFC 6750, 2.1), None if it is none of the kind `Bearer`."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def token_hash(token: str) -> bytes:
    """Return what is kept of a token: its SHA-256. A token has full entropy, so a fast hash is right."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
