"""
What goes to the process that renders receipts and what comes back, as bytes, and the place that is kept for the seal.

Importing it loads neither borb nor fonts.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, NamedTuple

from rules.receipts import ReceiptFacts

if TYPE_CHECKING:
    from collections.abc import Sequence


class SealTooLarge(Exception):
    """The signature is larger than the room that was left for it; the whole file has to be rendered again."""


class Unsealed(NamedTuple):
    """
    A receipt with room for its seal: zeros between `<` at `start` and `>` before `end`.

    `digest` is the SHA-256 of everything but these (ISO 32000-1, 12.8.1): what the seal signs.
    """

    content: bytes
    digest: bytes
    start: int
    end: int


def sealed(unsealed: Unsealed, cms: bytes) -> bytes:
    """
    Return the finished file: *cms*, the detached signature over its digest, in its place.

    Raises:
        SealTooLarge: there is less room than *cms* needs.
    """
    content, _, start, end = unsealed
    digits = cms.hex().upper().encode().ljust(end - start - 2, b"0")
    if len(digits) > end - start - 2:
        raise SealTooLarge(len(cms))
    return b"".join([content[: start + 1], digits, content[end - 1 :]])


class Batch(NamedTuple):
    """
    Receipts to render together, with *room* bytes for the seal of each.

    `emblems` are the PNG files that the letterheads of the facts name by their SHA-256. `claims_conformity` writes into
    each file that it is PDF/A-3a and PDF/UA-1.
    """

    facts: tuple[ReceiptFacts, ...]
    room: int
    emblems: tuple[bytes, ...] = ()
    claims_conformity: bool = False


def pack_batch(batch: Batch) -> bytes:
    """Return *batch* as the argument of `receipts.writer:render_batch`."""
    facts, emblems = [each.to_json() for each in batch.facts], [emblem.hex() for emblem in batch.emblems]
    return json.dumps([facts, batch.room, emblems, batch.claims_conformity]).encode()


def unpack_batch(data: bytes) -> Batch:
    """Return the batch that `pack_batch` packed."""
    facts, room, emblems, claims = json.loads(data)
    return Batch(tuple(map(ReceiptFacts.from_json, facts)), room, tuple(map(bytes.fromhex, emblems)), claims)


def pack_unsealed(receipts: Sequence[Unsealed]) -> bytes:
    """Return *receipts* as the answer of `receipts.writer:render_batch`: what is told of each, then the files."""
    told = [(len(content), digest.hex(), start, end) for content, digest, start, end in receipts]
    return b"\n".join([json.dumps(told).encode(), b"".join(receipt.content for receipt in receipts)])


def unpack_unsealed(data: bytes) -> list[Unsealed]:
    """Return the receipts that `pack_unsealed` packed, in the order of the batch."""
    file = io.BytesIO(data)
    told = json.loads(file.readline())
    return [Unsealed(file.read(size), bytes.fromhex(digest), start, end) for size, digest, start, end in told]
