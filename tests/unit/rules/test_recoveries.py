"""Recovery by personal data: names are compared forgivingly, and when a request takes effect by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.access import Role
from rules.recoveries import RecoveryPolicy, match_key

NOON = datetime(2026, 3, 9, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "registered"),
    [
        ("JOSE", "José"),
        ("nahui", "Ñahui"),
        ("maria  de los angeles", "María de los Ángeles"),
        ("D'Angelo", "d’ángelo"),
        ("Pérez-Gil", "PEREZ GIL"),
        ("Jose\u0301", "José"),
        ("Straße", "STRASSE"),
    ],
)
def test_names_match_whatever_their_case_accents_and_spaces(typed: str, registered: str) -> None:
    assert match_key(typed) == match_key(registered)


@pytest.mark.parametrize(("typed", "registered"), [("José", "Josefa"), ("Ana", ""), ("María José", "José María")])
def test_other_names_do_not_match(typed: str, registered: str) -> None:
    assert match_key(typed) != match_key(registered)


def test_a_request_takes_effect_after_the_delay() -> None:
    policy = RecoveryPolicy(delay=timedelta(hours=48))

    assert policy.due_at(NOON, Role.APPLICANT, was_stopped=False) == NOON + timedelta(hours=48)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.APPLICANT])
def test_that_of_staff_never_takes_effect_by_itself(role: Role) -> None:
    assert RecoveryPolicy().due_at(NOON, role, was_stopped=False) is None


def test_one_after_a_stop_never_takes_effect_by_itself() -> None:
    assert RecoveryPolicy().due_at(NOON, Role.APPLICANT, was_stopped=True) is None


def test_none_takes_effect_by_itself_where_staff_always_approve() -> None:
    assert RecoveryPolicy(is_delayed=False).due_at(NOON, Role.APPLICANT, was_stopped=False) is None
