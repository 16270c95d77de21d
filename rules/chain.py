"""The hash chain of the register: what is hashed, and how."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

GENESIS = hashlib.sha256(b"mesa de partes digital").digest()


def canonical(record: Mapping[str, object]) -> str:
    """Return the one JSON text of a record: sorted keys, no spaces, no escapes beyond JSON's own."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def link(previous: bytes, *, sequence: int, record: str) -> bytes:
    """Return the hash of an entry: SHA-256 over previous hash, sequence (8 bytes, big-endian) and record (UTF-8)."""
    return hashlib.sha256(previous + sequence.to_bytes(8, "big") + record.encode()).digest()
