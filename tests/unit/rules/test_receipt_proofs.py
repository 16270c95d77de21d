"""Heads, proofs and their files: written as described, read strictly, and never more memory than they can need."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.proof_reading import LARGEST_FILE, WrongForm
from rules.receipt_proofs import Growth, Head, ReceiptProof, SignedHead, heads_from_bytes, heads_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = Head(log="https://mesadepartes.example.gob.pe", day=date(2026, 3, 9), size=123, root=bytes(range(32)))
FIRST = SignedHead(head=replace(HEAD, day=date(2026, 3, 8), size=0, root=bytes(32)), signature=b"\x30\x00")
SECOND = SignedHead(head=HEAD, signature=b"signed", timestamp=b"stamped", after=100, path=(bytes(32), b"\1" * 32))
PROOF = ReceiptProof(
    log=HEAD.log,
    sha256=b"\2" * 32,
    index=122,
    day=HEAD.day,
    size=123,
    path=(b"\3" * 32,),
    growths=(Growth(first=123, second=300, path=(b"\4" * 32,)),),
)


def test_head_is_signed_as_five_lines() -> None:
    assert HEAD.to_bytes() == (
        b"mesa de partes digital / registro de constancias\n"
        b"https://mesadepartes.example.gob.pe\n"
        b"2026-03-09\n"
        b"123\n"
        b"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
    )


@pytest.mark.parametrize(
    "wrong", [{"log": "two\nlines"}, {"log": ""}, {"log": "a b"}, {"log": "ñ"}, {"root": b"short"}, {"size": -1}]
)
def test_head_whose_lines_could_be_read_otherwise_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="No head"):
        replace(HEAD, **wrong)


def test_heads_are_read_as_they_were_written() -> None:
    assert heads_from_bytes(heads_to_bytes([FIRST, SECOND])) == (FIRST, SECOND)
    assert heads_from_bytes(heads_to_bytes([])) == ()


def test_proof_is_read_as_it_was_written() -> None:
    assert ReceiptProof.from_bytes(PROOF.to_bytes()) == PROOF


def test_growth_of_a_head_is_from_the_one_before() -> None:
    assert FIRST.growth is None
    assert SECOND.growth == Growth(first=100, second=123, path=SECOND.path)


WRONG_VALUES: list[tuple[str, Any]] = [
    ("log", "a b"), ("log", 5), ("day", "2026-02-30"), ("day", "9999-12-31"), ("day", "2026-3-9"), ("day", None),
    ("size", "123"), ("size", -1), ("size", 1.0), ("size", True), ("size", 1 << 63), ("size", None),
    ("root", "AB" * 32), ("root", "ab" * 31), ("root", None), ("signature", ""), ("signature", "*"),
    ("signature", "ñ"), ("signature", None), ("timestamp", ""), ("timestamp", 3), ("after", "1"), ("after", -1),
    ("path", None), ("path", ["ab"]), ("path", [None]), ("path", ["ab" * 32] * 129), ("path", {}),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), WRONG_VALUES)
def test_head_with_a_wrong_value_is_refused_and_the_value_named(key: str, value: object) -> None:
    file = json.loads(heads_to_bytes([FIRST, SECOND]))
    file["heads"][1][key] = value

    with pytest.raises(WrongForm, match=f"«{key}» de «heads\\[1\\]»"):
        heads_from_bytes(json.dumps(file).encode())


@pytest.mark.parametrize(
    ("key", "value"),
    [("index", 123), ("index", -1), ("sha256", "x"), ("growths", {}), ("growths", [3]), ("growths", [{}]), ("size", 0)],
)
def test_proof_with_a_wrong_value_is_refused(key: str, value: object) -> None:
    with pytest.raises(WrongForm):
        ReceiptProof.from_bytes(json.dumps({**json.loads(PROOF.to_bytes()), key: value}).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"format": NaN}',
        b'{"format": 1, "heads": []}',
        b'{"format": "mesa-de-partes-digital/cabezas/2", "heads": []}',
        b'{"format": "mesa-de-partes-digital/cabezas/1", "heads": [], "more": 1}',
        b'{"format": "mesa-de-partes-digital/cabezas/1", "heads": [], "heads": []}',
        b"[" * 70_000 + b"]" * 70_000,
        b'{"format": ' + b"9" * 5000 + b"}",
    ],
    ids=str,
)
def test_what_is_no_file_of_heads_is_refused(data: bytes) -> None:
    with pytest.raises(WrongForm):
        heads_from_bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b" " * (LARGEST_FILE + 1),
        b"[" + b"{}," * 2_000_001 + b"{}]",
        b'{"a":' * 90_000,
    ],
    ids=["large", "many", "deep"],
)
@pytest.mark.parametrize("read", [heads_from_bytes, ReceiptProof.from_bytes])
def test_file_larger_than_any_is_refused_before_it_is_parsed(read: Callable[[bytes], object], data: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(WrongForm):
            read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 100_000


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_anything_else_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(WrongForm, match="se esperaba"):
        ReceiptProof.from_bytes(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(json.loads(PROOF.to_bytes()))), JSON)
def test_any_value_in_a_proof_is_read_or_refused(key: str, value: object) -> None:
    data = json.dumps({**json.loads(PROOF.to_bytes()), key: value}).encode()

    try:
        read = ReceiptProof.from_bytes(data)
    except WrongForm:
        return
    assert ReceiptProof.from_bytes(read.to_bytes()) == read
