"""
What goes to the process that renders receipts and what comes back, as bytes, and the place that is kept for the seal.

Importing it loads neither borb nor fonts.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, NamedTuple

from rules.receipts import ReceiptFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PLACE = struct.Struct("!II")
_DIGEST_BYTES = 32


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
    digits = cms.hex().upper().encode()
    room = unsealed.end - unsealed.start - 2
    if len(digits) > room:
        raise SealTooLarge(len(cms), room // 2)
    return b"".join(
        [
            unsealed.content[: unsealed.start + 1],
            digits.ljust(room, b"0"),
            unsealed.content[unsealed.end - 1 :],
        ]
    )


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
    about = {"room": batch.room, "claims": batch.claims_conformity, "emblems": len(batch.emblems)}
    return _pack([json.dumps(about).encode(), *batch.emblems, *(facts.to_bytes() for facts in batch.facts)])


def unpack_batch(data: bytes) -> Batch:
    """Return the batch that `pack_batch` packed."""
    about, *parts = _unpack(data)
    told = json.loads(about)
    emblems, facts = parts[: told["emblems"]], parts[told["emblems"] :]
    return Batch(tuple(map(ReceiptFacts.from_bytes, facts)), told["room"], tuple(emblems), told["claims"])


def pack_unsealed(receipts: Iterable[Unsealed]) -> bytes:
    """Return *receipts* as the answer of `receipts.writer:render_batch`."""
    return _pack([_PLACE.pack(one.start, one.end) + one.digest + one.content for one in receipts])


def unpack_unsealed(data: bytes) -> list[Unsealed]:
    """Return the receipts that `pack_unsealed` packed, in the order of the batch."""
    return [_read_unsealed(part) for part in _unpack(data)]


def _read_unsealed(part: bytes) -> Unsealed:
    content = _PLACE.size + _DIGEST_BYTES
    return Unsealed(part[content:], part[_PLACE.size : content], *_PLACE.unpack(part[: _PLACE.size]))


def _pack(parts: Sequence[bytes]) -> bytes:
    """Return *parts* one after the other, their number and their sizes before them."""
    return b"".join([struct.pack(f"!{len(parts) + 1}I", len(parts), *map(len, parts)), *parts])


def _unpack(data: bytes) -> list[bytes]:
    (count,) = struct.unpack_from("!I", data)
    sizes: tuple[int, ...] = struct.unpack_from(f"!{count}I", data, 4)
    parts: list[bytes] = []
    start = 4 * (count + 1)
    for size in sizes:
        parts.append(data[start : start + size])
        start += size
    return parts
