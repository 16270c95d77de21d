"""
Merkle trees of RFC 9162, section 2.1: one hash for a list that only grows, and short proofs about it.

A proof is made from *complete nodes*: those over 2^level leaves that begin at a multiple of that number, which never
change once their leaves are there. So whoever keeps all of them makes any proof from as many as the tree is high.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of no leaves at all."""

HASH_BYTES = 32


class Place(NamedTuple):
    """A complete node: over the leaves from `position * 2**level` on, `2**level` of them."""

    level: int
    position: int


Nodes = Mapping[Place, bytes]


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two others."""
    return hashlib.sha256(b"\1" + left + right).digest()


def complete_nodes(entries: Iterable[bytes]) -> dict[Place, bytes]:
    """Return all complete nodes of a tree, leaves included."""
    nodes: dict[Place, bytes] = {}
    for index, entry in enumerate(entries):
        place, hashed = Place(0, index), leaf_hash(entry)
        nodes[place] = hashed
        while place.position & 1:
            hashed = node_hash(nodes[Place(place.level, place.position - 1)], hashed)
            place = Place(place.level + 1, place.position >> 1)
            nodes[place] = hashed
    return nodes


def root_of(entries: Sequence[bytes]) -> bytes:
    """Return the root of a tree: MTH of section 2.1.1."""
    return root(len(entries), complete_nodes(entries))


def nodes_for_root(size: int) -> tuple[Place, ...]:
    """Return the complete nodes of which the root of the first *size* leaves is made, the left one first."""
    return _places(0, size)


def root(size: int, nodes: Nodes) -> bytes:
    """Return the root of the first *size* leaves; *nodes* holds at least those of `nodes_for_root`."""
    return _hash_of(0, size, nodes)


def nodes_for_inclusion(index: int, size: int) -> tuple[Place, ...]:
    """
    Return the complete nodes of which the proof is made that leaf *index* is among the first *size*.

    Raises:
        ValueError: it is not.
    """
    return _all_places(_path(index, size))


def inclusion_proof(index: int, size: int, nodes: Nodes) -> tuple[bytes, ...]:
    """
    Return PATH of section 2.1.3.1; *nodes* holds at least those of `nodes_for_inclusion`.

    Raises:
        ValueError: leaf *index* is not among the first *size*.
    """
    return tuple(_hash_of(start, end, nodes) for start, end in _path(index, size))


def is_included(leaf: bytes, proof: Sequence[bytes], *, index: int, size: int, root: bytes) -> bool:
    """Tell whether *proof* shows that the leaf of that hash is the one at *index* of *size*: section 2.1.3.2."""
    if not 0 <= index < size or not _are_hashes(proof, leaf):
        return False
    at, last, hashed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            hashed = node_hash(sibling, hashed)
            at, last = _up_from_left_edge(at, last)
        else:
            hashed = node_hash(hashed, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and hashed == root


def nodes_for_consistency(first: int, second: int) -> tuple[Place, ...]:
    """
    Return the complete nodes of which the proof is made that the first *first* of *second* leaves are the same.

    Raises:
        ValueError: *first* is greater than *second*, or negative.
    """
    return _all_places(_subproof(first, second))


def consistency_proof(first: int, second: int, nodes: Nodes) -> tuple[bytes, ...]:
    """
    Return PROOF of section 2.1.4.1; *nodes* holds at least those of `nodes_for_consistency`.

    It is empty between equal sizes, and from an empty tree, of which everything is a continuation.

    Raises:
        ValueError: *first* is greater than *second*, or negative.
    """
    return tuple(_hash_of(start, end, nodes) for start, end in _subproof(first, second))


def is_consistent(proof: Sequence[bytes], *, first: int, second: int, first_root: bytes, second_root: bytes) -> bool:
    """Tell whether *proof* shows that the second tree begins with the first: section 2.1.4.2."""
    if not 0 <= first <= second or not _are_hashes(proof, first_root, second_root):
        return False
    if first == second:
        return not proof and first_root == second_root and (first > 0 or first_root == EMPTY_ROOT)
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    return bool(proof) and _climb(path, first, second) == (first_root, second_root)


def _climb(path: Sequence[bytes], first: int, second: int) -> tuple[bytes, bytes] | None:
    """Return both roots as the proof makes them; None if it is not as long as it must be."""
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            at, last = _up_from_left_edge(at, last)
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return (old, new) if last == 0 else None


def _up_from_left_edge(at: int, last: int) -> tuple[int, int]:
    """Pass over the levels on which the last node has no left sibling of its own and goes up as it is."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _path(index: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves whose hashes PATH lists, from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} among {size}")
    start, end, ranges = 0, size, list[tuple[int, int]]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def _subproof(first: int, second: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves whose hashes PROOF lists, in its order."""
    if not 0 <= first <= second:
        raise ValueError(f"A tree of {second} leaves does not begin with one of {first}")
    if first in (0, second):
        return []
    start, end, ranges = 0, second, list[tuple[int, int]]()
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    # What the old tree ends with; if that is the whole of it, the verifier knows its hash: the old root.
    return [(start, end), *ranges[::-1]] if start else ranges[::-1]


def _split(count: int) -> int:
    """Return the greatest power of two below *count*."""
    return 1 << ((count - 1).bit_length() - 1)


def _places(start: int, end: int) -> tuple[Place, ...]:
    """Return the complete nodes over leaves; *start* is a multiple of a power of two not below their number."""
    places = list[Place]()
    while start < end:
        level = (end - start).bit_length() - 1
        places.append(Place(level, start >> level))
        start += 1 << level
    return tuple(places)


def _all_places(ranges: Iterable[tuple[int, int]]) -> tuple[Place, ...]:
    return tuple(place for start, end in ranges for place in _places(start, end))


def _hash_of(start: int, end: int, nodes: Nodes) -> bytes:
    """Return MTH of a range of leaves: its complete nodes, the smaller ones on the right joined first."""
    *rest, hashed = [nodes[place] for place in _places(start, end)] or [EMPTY_ROOT]
    for left in reversed(rest):
        hashed = node_hash(left, hashed)
    return hashed


def _are_hashes(proof: Iterable[bytes], *others: bytes) -> bool:
    return all(len(each) == HASH_BYTES for each in (*proof, *others))
