"""The hash chains of the register: what is hashed, and how."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM: Final = 2
"""
What a record says of its own form. Since the second one its `text` is a salted digest of what was said; a record of
the first form says no form, and holds the words themselves.
"""

SALT_BYTES: Final = 16


class Chain(StrEnum):
    """A hash chain: that of acts, and that of sensitive reads."""

    ACTS = "acts"
    READS = "reads"


def genesis(chain: Chain) -> bytes:
    """Return what stands as the previous hash of a chain's first entry."""
    name = "mesa de partes digital" if chain is Chain.ACTS else f"mesa de partes digital: {chain.value}"
    return hashlib.sha256(name.encode()).digest()


def canonical(record: Mapping[str, object]) -> str:
    """Return the one JSON text of a record: sorted keys, no spaces, no escapes beyond JSON's own."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def link(previous: bytes, *, sequence: int, record: str) -> bytes:
    """Return the hash of an entry: SHA-256 over previous hash, sequence (8 bytes, big-endian) and record (UTF-8)."""
    return hashlib.sha256(previous + sequence.to_bytes(8, "big") + record.encode()).digest()


def text_digest(text: str, *, salt: bytes) -> str:
    """
    Return what a chain keeps of a text: SHA-256, in hex, over a random salt of 16 bytes and the text (UTF-8).

    Without text and salt it says nothing: whoever erases both has erased what was said, and the chain still holds.
    """
    return hashlib.sha256(salt + text.encode()).hexdigest()
