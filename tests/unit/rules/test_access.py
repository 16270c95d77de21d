"""Who may what: the table of rights, row by row."""

from __future__ import annotations

import pytest

from rules.access import ACCOUNT_ROLES, STRANGER, Relation, Right, Role, acting_role, may

OWN = Relation(is_applicant=True)
HERE = Relation(in_office=True)
ONCE_HERE = Relation(was_in_office=True)
OWN_AND_HERE = Relation(is_applicant=True, in_office=True, was_in_office=True)
RELATIONS = {"own": OWN, "here": HERE, "once here": ONCE_HERE, "stranger": STRANGER, "own and here": OWN_AND_HERE}

SEEN_BY = {
    Role.APPLICANT: {"own", "own and here"},
    Role.CLERK: {"own", "here", "once here", "own and here"},
    Role.SUPERVISOR: set(RELATIONS),
    Role.ADMINISTRATOR: {"own", "own and here"},
    Role.AUDITOR: set(RELATIONS),
    Role.SYSTEM: {"own", "own and here"},
    Role.PROGRAM: {"here", "once here"},
}


def holders(right: Right, relation: Relation) -> set[Role]:
    return {role for role in Role if may(role, right, relation)}


@pytest.mark.parametrize("role", Role)
def test_a_tramite_is_seen_by_whom_it_concerns(role: Role) -> None:
    assert {name for name, relation in RELATIONS.items() if may(role, Right.SEE, relation)} == SEEN_BY[role]


def test_only_staff_of_the_office_that_has_it_act_on_a_tramite() -> None:
    acting = {name: holders(Right.ACT, relation) for name, relation in RELATIONS.items()}

    assert acting == {
        "own": set(),
        "here": {Role.CLERK, Role.SUPERVISOR},
        "once here": set(),
        "stranger": set(),
        "own and here": set(),
    }


def test_whoever_filed_a_tramite_acts_on_it_as_its_applicant_and_nobody_else() -> None:
    people = set(ACCOUNT_ROLES)

    acting = {name: holders(Right.ACT_AS_APPLICANT, relation) for name, relation in RELATIONS.items()}

    assert acting == {"own": people, "here": set(), "once here": set(), "stranger": set(), "own and here": people}


def test_internal_notes_are_never_shown_to_their_applicant() -> None:
    assert holders(Right.READ_NOTES, OWN) | holders(Right.READ_NOTES, OWN_AND_HERE) == set()
    assert holders(Right.READ_NOTES, HERE) == {Role.CLERK, Role.SUPERVISOR}


def test_who_owns_a_tramite_is_known_to_staff_who_have_or_had_it_and_to_who_sees_all() -> None:
    known = {name: holders(Right.SEE_OWNER, relation) for name, relation in RELATIONS.items()}

    assert known == {
        "own": set(),
        "here": {Role.CLERK, Role.SUPERVISOR, Role.AUDITOR},
        "once here": {Role.CLERK, Role.SUPERVISOR, Role.AUDITOR},
        "stranger": {Role.SUPERVISOR, Role.AUDITOR},
        "own and here": set(),
    }


@pytest.mark.parametrize("right", [Right.WRITE_NOTES, Right.SEE_VIEWERS])
def test_notes_are_written_and_looks_exchanged_by_staff_of_the_office_that_has_it(right: Right) -> None:
    assert {name: holders(right, relation) for name, relation in RELATIONS.items()} == {
        name: holders(Right.ACT, relation) for name, relation in RELATIONS.items()
    }


def test_any_supervisor_reopens_what_they_did_not_file() -> None:
    assert {name: holders(Right.REOPEN, relation) for name, relation in RELATIONS.items()} == {
        "own": set(),
        "here": {Role.SUPERVISOR},
        "once here": {Role.SUPERVISOR},
        "stranger": {Role.SUPERVISOR},
        "own and here": set(),
    }


def test_a_step_on_ones_own_tramite_is_taken_as_its_applicant() -> None:
    assert acting_role(Role.CLERK, OWN_AND_HERE) is Role.APPLICANT
    assert acting_role(Role.CLERK, HERE) is Role.CLERK


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CLERK, Role.SUPERVISOR}))
def test_what_the_table_does_not_name_is_denied(role: Role) -> None:
    assert not any(
        may(role, right, relation) for right in (Right.ACT, Right.READ_NOTES) for relation in RELATIONS.values()
    )
