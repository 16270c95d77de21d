"""Claims of an identity: which account is frozen at once, and what stands in place of a number that was given away."""

from __future__ import annotations

from uuid import uuid4

import pytest

from rules.access import Role
from rules.claims import clean_claim_statement, freezes, is_vacated, vacated_number
from rules.people import IDENTITY_KINDS
from rules.words import TextMissing, TextTooLong


def test_an_applicants_account_is_frozen_at_once() -> None:
    assert freezes(Role.APPLICANT, was_kept=False)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.APPLICANT])
def test_no_claim_sends_staff_home(role: Role) -> None:
    assert not freezes(role, was_kept=False)


def test_a_claim_after_one_that_was_rejected_freezes_nothing() -> None:
    assert not freezes(Role.APPLICANT, was_kept=True)


def test_no_document_has_a_vacated_number() -> None:
    number = vacated_number(uuid4())

    assert is_vacated(number)
    assert len(number) <= 20
    assert not any(rule.pattern.fullmatch(number) for rule in IDENTITY_KINDS.values())
    assert not is_vacated("45678901")


@pytest.mark.parametrize("length", [1, 999, 1000])
def test_a_statement_has_up_to_a_thousand_characters(length: int) -> None:
    assert clean_claim_statement("x" * length) == "x" * length


def test_no_statement_and_one_that_is_too_long_are_refused() -> None:
    with pytest.raises(TextMissing):
        clean_claim_statement(" \n ")
    with pytest.raises(TextTooLong):
        clean_claim_statement("x" * 1001)
