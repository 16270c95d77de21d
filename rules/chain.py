"""The hash chains of the register: what is hashed, and how."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

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


def facts_digest(facts: Mapping[str, Any]) -> str:
    """
    Return what a chain keeps of a receipt's facts: SHA-256, in hex, of their text as PostgreSQL writes its `jsonb`.

    So the database itself can compare them, a million in seconds. Their code of verification, which nobody can guess,
    is the salt: of erased facts the digest says nothing.
    """
    return hashlib.sha256(_as_jsonb(facts).encode()).hexdigest()


def _as_jsonb(value: object) -> str:
    """Return the text of a `jsonb`: shorter keys first, then by their bytes; a blank after each comma and colon."""
    match value:
        case dict():
            members = sorted(value.items(), key=lambda member: (len(member[0].encode()), member[0].encode()))  # pyright: ignore[reportUnknownMemberType, reportUnknownLambdaType, reportUnknownArgumentType, reportUnknownVariableType]
            return "{" + ", ".join(f"{_as_jsonb(name)}: {_as_jsonb(each)}" for name, each in members) + "}"  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case list():
            return "[" + ", ".join(_as_jsonb(each) for each in value) + "]"  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case _:
            return json.dumps(value, ensure_ascii=False, allow_nan=False)


def text_digest(text: str, *, salt: bytes) -> str:
    """
    Return what a chain keeps of a text: SHA-256, in hex, over a random salt of 16 bytes and the text (UTF-8).

    Without text and salt it says nothing: whoever erases both has erased what was said, and the chain still holds.
    """
    return hashlib.sha256(salt + text.encode()).hexdigest()
