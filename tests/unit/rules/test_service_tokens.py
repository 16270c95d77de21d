"""The text of a service token: found by those who look for leaked ones, and guessed by nobody."""

from __future__ import annotations

import os
import re

from rules.service_tokens import OutOfScope, ending_of, is_service_token, is_well_formed, make_token


def test_a_token_can_be_told_from_any_other_text() -> None:
    tokens = [make_token(secret) for secret in (bytes(32), b"\xff" * 32, *(os.urandom(32) for _ in range(100)))]

    assert all(re.fullmatch("mps_[0-9A-Za-z]{49}", token) for token in tokens)
    assert all(is_service_token(token) and is_well_formed(token) for token in tokens)
    assert len(set(tokens)) == len(tokens)


def test_a_token_that_was_copied_wrongly_is_none() -> None:
    token = make_token(b"\x07" * 32)

    wrong = [token[:place] + ("a" if token[place] != "a" else "b") + token[place + 1 :] for place in range(4, 53)]

    assert not any(is_well_formed(each) for each in (*wrong, token + "0", token[:-1], f" {token}", ""))
    assert all(is_service_token(each) for each in (*wrong, token + "0", token[:-1]))
    assert ending_of(token) == token[-6:]


def test_a_session_s_token_is_never_taken_for_one() -> None:
    assert not is_service_token("mps_" + "A" * 39)


def test_of_what_is_out_of_scope_the_roots_are_named_first() -> None:
    told = str(OutOfScope([*(f"A.f{place}" for place in range(6)), "Subscription.statusChanges"]))

    assert "no alcanza a leer Subscription.statusChanges, A.f0, A.f1, A.f2, A.f3 y 2 más." in told
    assert "A.f0. " in str(OutOfScope(["A.f0"]))
