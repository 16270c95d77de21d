"""Who a From field names; whatever can be read in two ways is no address."""

from __future__ import annotations

import time

import pytest

from intake.addresses import read_claims

PLAIN = [
    ("rosa@example.pe", "rosa@example.pe", ""),
    ("<rosa@example.pe>", "rosa@example.pe", ""),
    ("Rosa Quispe <rosa@EXAMPLE.pe>", "rosa@example.pe", "Rosa Quispe"),
    ('"Quispe, Rosa" <rosa@example.pe>', "rosa@example.pe", "Quispe, Rosa"),
    ("=?utf-8?q?Rosa_=C3=91aupari?= <rosa@example.pe>", "rosa@example.pe", "Rosa Ñaupari"),
    ("rosa@example.pe (Rosa (la menor) Quispe)", "rosa@example.pe", "Rosa la menor Quispe"),
    ('"juez@pj.gob.pe" <rosa@example.pe>', "rosa@example.pe", "juez@pj.gob.pe"),
    ("Rosa\x00\x1b <rosa@example.pe>", "rosa@example.pe", "Rosa"),
]


@pytest.mark.parametrize(("value", "address", "name"), PLAIN)
def test_one_mailbox_is_read(value: str, address: str, name: str) -> None:
    (claim,) = read_claims(value)

    assert (claim.valid_address(), claim.name) == (address, name)


@pytest.mark.parametrize(
    "value",
    [
        ":from;f",
        "undisclosed-recipients:;",
        "Grupo: rosa@example.pe;",
        "<rosa@example.pe>juez@pj.gob.pe",
        "<rosa@example.pe> <juez@pj.gob.pe>",
        "<<rosa@example.pe>>",
        "<@relay.example,@b.example:rosa@example.pe>",
        "=?utf-8?q?rosa=40example.pe?=@evil.example",
        "rosa@example.pe\x00.evil.example",
        '"rosa@example.pe',
        "rosa@example.pe)",
        "rosa",
        "rosa@example.pe" + " " * 9000 + ", juez@pj.gob.pe",
        "(" * 50_000,
        "." * 50_000,
        "\\",
    ],
)
def test_odd_ones_give_no_address(value: str) -> None:
    assert [claim.valid_address() for claim in read_claims(value)] in ([], [None])


def test_two_mailboxes_are_two() -> None:
    addresses = [claim.address for claim in read_claims("a@example.pe, Juez <b@example.pe>,")]

    assert addresses == ["a@example.pe", "b@example.pe"]


@pytest.mark.parametrize("value", ["(" * 10**6, "a@b.pe, " * 10**5, '"\\' * 10**6, "<" * 10**6])
def test_long_ones_take_no_time(value: str) -> None:
    began = time.process_time()

    read_claims(value)

    assert time.process_time() - began < 2
