"""Who may what: the table of rights, row by row."""

from __future__ import annotations

from itertools import product

import pytest

from rules.access import STRANGER, Relation, Right, Role, acting_role, may

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


def test_internal_notes_are_never_shown_to_their_applicant() -> None:
    assert holders(Right.READ_NOTES, OWN) | holders(Right.READ_NOTES, OWN_AND_HERE) == set()
    assert holders(Right.READ_NOTES, HERE) == {Role.CLERK, Role.SUPERVISOR}


def test_everybody_acts_as_applicant_on_what_is_their_own_and_on_nothing_else() -> None:
    assert holders(Right.ACT_AS_APPLICANT, OWN) == set(Role)
    assert holders(Right.ACT_AS_APPLICANT, HERE) == set()
    assert acting_role(Role.CLERK, OWN_AND_HERE) is Role.APPLICANT
    assert acting_role(Role.CLERK, HERE) is Role.CLERK


def test_the_auditor_changes_nothing() -> None:
    changing = {Right.ACT, Right.REOPEN, Right.ADMINISTER}

    assert not any(may(Role.AUDITOR, right, relation) for right, relation in product(changing, RELATIONS.values()))


def test_only_the_administrator_administers_and_only_the_auditor_sees_the_whole_register() -> None:
    assert holders(Right.ADMINISTER, STRANGER) == {Role.ADMINISTRATOR}
    assert holders(Right.SEE_REGISTER, STRANGER) == {Role.AUDITOR}


def test_what_the_table_does_not_name_is_denied() -> None:
    assert not may(Role.APPLICANT, Right.SEE_REPORTS)
    assert not may(Role.CLERK, Right.REOPEN, HERE)
