"""Anchors as they come back from who kept them."""

from __future__ import annotations

from datetime import date

import pytest

from mesadepartes.verifying import read_anchors
from rules.anchors import Anchor, MailedHead
from rules.chain import Chain

HASH = "0123456789abcdef" * 4
KNOWN = Anchor(day=date(2026, 3, 9), chain=Chain.ACTS, sequence=1234, hash=HASH)
MAIL = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"


@pytest.mark.parametrize(
    "kept",
    [
        f"2026-03-09 acts 1234 {HASH}",
        f"Guarde este correo:\r\n\r\n    {KNOWN.line()}\r\n\r\n--\r\n",
        f"> > 2026-03-09 acts 1234\n> > {HASH}\n",
        f"{MAIL}    2026-03-09 acts 1234 {HASH[:50]}=\n{HASH[50:]}\n",
    ],
)
def test_an_anchor_is_read_whatever_became_of_its_line(kept: str) -> None:
    assert read_anchors(kept.encode()) == [KNOWN] * len(read_anchors(kept.encode()))
    assert read_anchors(kept.encode())


@pytest.mark.parametrize("kept", ["", "2026-03-09 acts 1234 0123", f"2026-03-09 other 1 {HASH}", f"acts 1 {HASH}"])
def test_what_is_no_anchor_is_none(kept: str) -> None:
    assert read_anchors(kept.encode()) == []


def test_a_day_that_does_not_exist_is_no_anchor() -> None:
    assert read_anchors(f"2026-02-30 acts 1 {HASH}".encode()) == []


def test_a_head_of_the_log_of_receipts_is_read_beside_the_anchors() -> None:
    head = MailedHead(date(2026, 3, 9), 12, HASH)

    assert read_anchors(f"{KNOWN.line()}\n> {head.line()}\n".encode()) == [KNOWN, head] * 2
