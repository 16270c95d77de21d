"""Batches and their answers come out as they went in; a seal goes exactly into its place."""

from __future__ import annotations

import pytest

from receipts.batches import (
    Batch,
    SealTooLarge,
    Unsealed,
    pack_batch,
    pack_unsealed,
    sealed,
    unpack_batch,
    unpack_unsealed,
)
from tests.unit.receipts.samples import USUAL

ROOM = Unsealed(b"before<00000000>after", b"d" * 32, 6, 16)


@pytest.mark.parametrize(
    "batch",
    [
        Batch((), 4096),
        Batch((USUAL.to_bytes(),), 1),
        Batch((b"{}\n", b"", USUAL.to_bytes()), 5000, (b"png \0", b""), claims_conformity=True),
    ],
)
def test_a_batch_comes_out_as_it_went_in(batch: Batch) -> None:
    assert unpack_batch(pack_batch(batch)) == batch


def test_answers_come_out_as_they_went_in() -> None:
    receipts = [ROOM, Unsealed(b"", b"e" * 32, 0, 1 << 31)]

    assert [*unpack_unsealed(pack_unsealed(receipts))] == receipts
    assert not [*unpack_unsealed(pack_unsealed([]))]


def test_a_seal_fills_its_place_and_nothing_else() -> None:
    assert sealed(ROOM, b"\x1a\x2b\xff") == b"before<1A2BFF00>after"
    assert sealed(ROOM, b"\1\2\3\4") == b"before<01020304>after"


def test_a_seal_that_needs_more_room_is_not_cut() -> None:
    with pytest.raises(SealTooLarge):
        sealed(ROOM, b"12345")
