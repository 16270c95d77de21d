"""Merkle trees against the definitions of RFC 9162, section 2.1, written down as they stand there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from rules import merkle
from rules.merkle import Place

MOST = 130
ENTRIES = [hashlib.sha256(b"receipt %d" % number).digest() for number in range(MOST)]
NODES = merkle.complete_nodes(ENTRIES)


def largest_power_below(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def mth(entries: list[bytes]) -> bytes:
    """2.1.1"""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = largest_power_below(len(entries))
    return hashlib.sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: list[bytes]) -> list[bytes]:
    """2.1.3.1"""
    if len(entries) == 1:
        return []
    k = largest_power_below(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: list[bytes], *, is_whole: bool) -> list[bytes]:
    """2.1.4.1"""
    if m == len(entries):
        return [] if is_whole else [mth(entries)]
    k = largest_power_below(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], is_whole=is_whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], is_whole=False), mth(entries[:k])]


def without(nodes: tuple[Place, ...]) -> dict[Place, bytes]:
    """Return those nodes and no other."""
    return {place: NODES[place] for place in nodes}


def mutations(proof: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """Yield the proof with each hash altered, left out, doubled, cut, or exchanged with the next."""
    for at, each in enumerate(proof):
        altered = bytes([each[0] ^ 1]) + each[1:]
        yield (*proof[:at], altered, *proof[at + 1 :])
        yield (*proof[:at], *proof[at + 1 :])
        yield (*proof[:at], each, *proof[at:])
        yield (*proof[:at], each[:-1], *proof[at + 1 :])
    for at in range(len(proof) - 1):
        yield (*proof[:at], proof[at + 1], proof[at], *proof[at + 2 :])
    yield (*proof, ENTRIES[0])
    yield (ENTRIES[0], *proof)


# The tree that implementations of certificate transparency are tried with.
KNOWN = [
    bytes(range(start, start + length))
    for start, length in [(0, 0), (0, 1), (16, 1), (32, 2), (48, 2), (64, 4), (80, 8), (96, 16)]
]
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize(("size", "root"), list(enumerate(KNOWN_ROOTS)))
def test_the_roots_of_the_known_tree(size: int, root: str) -> None:
    assert merkle.root_of(KNOWN[:size]).hex() == root


def test_a_root_is_made_of_its_complete_nodes_and_is_that_of_the_definition() -> None:
    for size in range(MOST + 1):
        nodes = without(merkle.nodes_for_root(size))

        assert merkle.root(size, nodes) == merkle.root_of(ENTRIES[:size]) == mth(ENTRIES[:size])
        assert len(nodes) == size.bit_count()


def test_each_proof_of_inclusion_is_that_of_the_definition_and_is_believed() -> None:
    for size in range(1, MOST + 1):
        root = mth(ENTRIES[:size])
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, without(merkle.nodes_for_inclusion(index, size)))

            assert list(proof) == path(index, ENTRIES[:size])
            leaf = merkle.leaf_hash(ENTRIES[index])
            assert merkle.is_included(leaf, proof, index=index, size=size, root=root)


def test_each_proof_of_consistency_is_that_of_the_definition_and_is_believed() -> None:
    roots = [mth(ENTRIES[:size]) for size in range(MOST + 1)]
    for second in range(1, MOST + 1):
        for first in range(1, second + 1):
            proof = merkle.consistency_proof(first, second, without(merkle.nodes_for_consistency(first, second)))

            assert list(proof) == subproof(first, ENTRIES[:second], is_whole=True)
            assert merkle.is_consistent(
                proof, first=first, second=second, first_root=roots[first], second_root=roots[second]
            )


def test_an_altered_proof_of_inclusion_is_refused() -> None:
    for size in [1, 2, 3, 4, 7, 8, 9, 31, 33, MOST]:
        root = mth(ENTRIES[:size])
        for index in range(size):
            leaf = merkle.leaf_hash(ENTRIES[index])
            proof = merkle.inclusion_proof(index, size, NODES)

            for wrong in mutations(proof):
                assert not merkle.is_included(leaf, wrong, index=index, size=size, root=root)
            other = merkle.leaf_hash(ENTRIES[index] + b"!")
            assert not merkle.is_included(other, proof, index=index, size=size, root=root)
            assert not merkle.is_included(leaf, proof, index=index, size=size, root=ENTRIES[0])
            assert not any(
                merkle.is_included(leaf, proof, index=elsewhere, size=size, root=root)
                for elsewhere in range(-1, size + 1)
                if elsewhere != index
            )


def test_an_altered_proof_of_consistency_is_refused() -> None:
    for second in [1, 2, 3, 4, 7, 8, 9, 31, 32, 33]:
        for first in range(second + 1):
            roots = {"first_root": mth(ENTRIES[:first]), "second_root": mth(ENTRIES[:second])}
            proof = merkle.consistency_proof(first, second, NODES)

            for wrong in mutations(proof):
                assert not merkle.is_consistent(wrong, first=first, second=second, **roots)
            for name in roots if first else ["first_root"]:
                wrong_roots = {**roots, name: ENTRIES[0]}
                assert not merkle.is_consistent(proof, first=first, second=second, **wrong_roots)


def test_a_proof_that_is_too_short_for_the_size_it_claims_is_refused() -> None:
    proof, roots = merkle.consistency_proof(4, 5, NODES), (mth(ENTRIES[:4]), mth(ENTRIES[:5]))
    inclusion, leaf = merkle.inclusion_proof(0, 5, NODES), merkle.leaf_hash(ENTRIES[0])

    for size in (9, 16, 100):
        assert not merkle.is_consistent(proof, first=4, second=size, first_root=roots[0], second_root=roots[1])
        assert not merkle.is_included(leaf, inclusion, index=0, size=size, root=roots[1])


def test_a_byte_that_moves_from_one_hash_to_the_next_is_noticed() -> None:
    root, leaf, sibling = mth(ENTRIES[:2]), merkle.leaf_hash(ENTRIES[0]), merkle.leaf_hash(ENTRIES[1])

    assert merkle.is_included(leaf, [sibling], index=0, size=2, root=root)
    assert not merkle.is_included(leaf + sibling[:1], [sibling[1:]], index=0, size=2, root=root)
    assert not merkle.is_included(leaf[:-1], [leaf[-1:] + sibling], index=0, size=2, root=root)


def test_a_log_whose_past_was_changed_has_no_proof() -> None:
    for size in range(2, 40):
        for removed in range(size - 1):
            changed = ENTRIES[:removed] + ENTRIES[removed + 1 : size + 1]
            nodes = merkle.complete_nodes(changed)
            proof = merkle.consistency_proof(size - 1, size, nodes)

            assert not merkle.is_consistent(
                proof,
                first=size - 1,
                second=size,
                first_root=mth(ENTRIES[: size - 1]),
                second_root=merkle.root_of(changed),
            )


def test_everything_continues_an_empty_tree_and_each_tree_itself() -> None:
    empty, root = merkle.EMPTY_ROOT, mth(ENTRIES[:5])

    assert merkle.consistency_proof(0, 5, {}) == merkle.consistency_proof(5, 5, {}) == ()
    assert merkle.is_consistent((), first=0, second=0, first_root=empty, second_root=empty)
    assert merkle.is_consistent((), first=0, second=5, first_root=empty, second_root=root)
    assert merkle.is_consistent((), first=5, second=5, first_root=root, second_root=root)
    assert not merkle.is_consistent((), first=0, second=0, first_root=root, second_root=root)
    assert not merkle.is_consistent((), first=0, second=5, first_root=root, second_root=root)
    assert not merkle.is_consistent((), first=5, second=5, first_root=empty, second_root=root)
    assert not merkle.is_consistent((), first=6, second=5, first_root=root, second_root=root)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_what_is_not_in_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.nodes_for_inclusion(index, size)


@pytest.mark.parametrize(("first", "second"), [(-1, 3), (4, 3)])
def test_a_tree_does_not_begin_with_a_greater_one(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="does not begin"):
        merkle.nodes_for_consistency(first, second)


def test_a_proof_among_a_million_needs_as_many_nodes_as_the_tree_is_high() -> None:
    size = 1_000_000

    assert max(len(merkle.nodes_for_inclusion(index, size)) for index in range(0, size, 997)) <= 27
    assert max(len(merkle.nodes_for_consistency(first, size)) for first in range(1, size, 997)) <= 27
