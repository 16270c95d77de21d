"""
What goes to the process that renders receipts and what comes back, as bytes, and the place that is kept for the seal.

Importing it loads neither borb nor fonts.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


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

    `facts` are those of `ReceiptFacts.to_bytes`, `emblems` the PNG files that their letterheads name by their SHA-256.
    `claims_conformity` writes into each file that it is PDF/A-3a and PDF/UA-1.
    """

    facts: tuple[bytes, ...]
    room: int
    emblems: tuple[bytes, ...] = ()
    claims_conformity: bool = False


def pack_batch(batch: Batch) -> bytes:
    """Return *batch* as the argument of `receipts.writer:render_batch`."""
    return _pack([len(batch.facts), batch.room, batch.claims_conformity], [*batch.facts, *batch.emblems])


def unpack_batch(data: bytes) -> Batch:
    """Return the batch that `pack_batch` packed."""
    (count, room, claims), parts = _unpack(data)
    return Batch(tuple(next(parts) for _ in range(count)), room, tuple(parts), claims)


def pack_unsealed(receipts: Sequence[Unsealed]) -> bytes:
    """Return *receipts* as the answer of `receipts.writer:render_batch`."""
    return _pack([(each.digest.hex(), each.start, each.end) for each in receipts], [each.content for each in receipts])


def unpack_unsealed(data: bytes) -> Iterator[Unsealed]:
    """Return the receipts that `pack_unsealed` packed, in the order of the batch; each is copied when it is taken."""
    told, parts = _unpack(data)
    return (Unsealed(part, bytes.fromhex(digest), *place) for part, (digest, *place) in zip(parts, told, strict=True))


def _pack(told: list[Any], parts: Sequence[bytes]) -> bytes:
    """Return *told* with the sizes of the parts as a line of JSON, then the parts."""
    return b"\n".join([json.dumps([told, [*map(len, parts)]]).encode(), b"".join(parts)])


def _unpack(data: bytes) -> tuple[list[Any], Iterator[bytes]]:
    file = io.BytesIO(data)
    told, sizes = json.loads(file.readline())
    return told, map(file.read, sizes)
