"""Reply tokens: known again however mail systems write them, and made by nobody else."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

import pytest

from rules.reply_tokens import LENGTH, find_tramite, make_token, plus_address, read_token, token_in

TRAMITE, OTHER = UUID(int=7), UUID(int=8)


def sign(data: bytes) -> bytes:
    return hmac.new(b"key", data, hashlib.sha256).digest()


def other_key(data: bytes) -> bytes:
    return hmac.new(b"other", data, hashlib.sha256).digest()


TOKEN = make_token(TRAMITE, sign)


def test_a_token_is_known_again_in_capitals_too() -> None:
    assert len(TOKEN) == LENGTH
    assert read_token(TOKEN, sign) == read_token(TOKEN.upper(), sign) == TRAMITE


@pytest.mark.parametrize("place", range(LENGTH))
def test_a_token_with_one_letter_changed_is_none(place: int) -> None:
    for letter in "abcz27":
        changed = TOKEN[:place] + letter + TOKEN[place + 1 :]

        assert changed == TOKEN or read_token(changed, sign) is None


@pytest.mark.parametrize("text", ["", "a", TOKEN[:-1], TOKEN + "a", "ñ" * LENGTH, "=" * LENGTH, "1" * LENGTH])
def test_what_is_no_token_is_none(text: str) -> None:
    assert read_token(text, sign) is None


def test_a_token_of_another_key_is_none() -> None:
    assert read_token(make_token(TRAMITE, other_key), sign) is None


def test_it_is_found_in_message_ids_and_addresses() -> None:
    assert find_tramite([f"<observed.0123456789abcdef.{TOKEN}@e.pe>"], sign) == TRAMITE
    assert find_tramite(["<x@y>", f"MESA+{TOKEN.upper()}@E.PE"], sign) == TRAMITE
    assert token_in(f"<observed.0123456789abcdef0123456789abcdef.{TOKEN}@e.pe>") == TOKEN
    assert token_in("<welcome.0123456789abcdef0123456789abcdef@e.pe>") is None


def test_of_two_tramites_neither_is_meant() -> None:
    assert find_tramite([f"<{TOKEN}@e.pe>", f"<{make_token(OTHER, sign)}@e.pe>"], sign) is None
    assert find_tramite([f"<{TOKEN}@e.pe>", f"<a.{TOKEN}@e.pe>"], sign) == TRAMITE


def test_only_so_many_texts_are_read() -> None:
    assert find_tramite([*["<x@y>"] * 100, f"<{TOKEN}@e.pe>"], sign) is None


def test_an_address_with_a_token_is_no_longer_than_may_be() -> None:
    assert plus_address("mesa@e.pe", TOKEN) == f"mesa+{TOKEN}@e.pe"
    assert plus_address("m" * 21 + "@e.pe", TOKEN) is not None
    assert plus_address("m" * 22 + "@e.pe", TOKEN) is None
