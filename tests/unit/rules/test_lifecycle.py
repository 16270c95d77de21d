"""The life cycle, walked over every fact, step and role against the table of the law written out by hand."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.access import Role
from rules.lifecycle import (
    Facts,
    ObservedBefore,
    ReceivedBefore,
    Step,
    StepNotAllowed,
    StepNotOpen,
    TramiteErased,
    TramiteStatus,
    ValidatedBefore,
    next_status,
    steps_open_to,
    was_taken,
)
from rules.refusals import NotAllowed, WrongStep

UNFILED = Facts(status=None)
BEFORE = list(product((False, True), repeat=4))
EVERY_FACTS = [UNFILED, *(Facts(status, *before) for status, before in product(TramiteStatus, BEFORE))]

WRITTEN_OUT = """
-         FILE            APPLICANT,SYSTEM   PENDING
PENDING   UPDATE          APPLICANT          PENDING
PENDING   COMPLETE        APPLICANT          PENDING
PENDING   VOID            APPLICANT          VOIDED
PENDING   RECEIVE         CLERK,SUPERVISOR   PENDING
PENDING   OBSERVE         CLERK,SUPERVISOR   OBSERVED
OBSERVED  CORRECT         APPLICANT          PENDING
OBSERVED  LAPSE           SYSTEM             LAPSED
PENDING   REFER           CLERK,SUPERVISOR   REFERRED
REFERRED  REFER           CLERK,SUPERVISOR   REFERRED
PENDING   RESOLVE         CLERK,SUPERVISOR   RESOLVED
REFERRED  RESOLVE         CLERK,SUPERVISOR   RESOLVED
PENDING   CORRECT_FOLIOS  CLERK,SUPERVISOR   PENDING
REFERRED  CORRECT_FOLIOS  CLERK,SUPERVISOR   REFERRED
RESOLVED  REOPEN          SUPERVISOR         PENDING
LAPSED    REOPEN          SUPERVISOR         PENDING
"""


def allowed_steps() -> dict[tuple[str, str, str], str]:
    """Return the hand-written table as {(status, step, role): next status}."""
    rows = [line.split() for line in WRITTEN_OUT.strip().splitlines()]
    return {(status, step, role): to for status, step, roles, to in rows for role in roles.split(",")}


def outcome(facts: Facts, step: Step, role: Role) -> str:
    try:
        return next_status(facts, step, role).value
    except (WrongStep, NotAllowed) as refusal:
        return refusal.code


def expected(facts: Facts, step: Step, role: Role) -> str:
    table = allowed_steps()
    status = facts.status.value if facts.status else "-"
    if not any(key[:2] == (status, step.value) for key in table):
        return StepNotOpen.code
    if (status, step.value, role.value) not in table:
        return StepNotAllowed.code
    if step is Step.OBSERVE and facts.observed_before:
        return ObservedBefore.code
    if step is Step.RECEIVE and facts.is_received:
        return ReceivedBefore.code
    if step in (Step.UPDATE, Step.COMPLETE, Step.VOID) and facts.is_validated:
        return ValidatedBefore.code
    if step is Step.REOPEN and facts.is_erased:
        return TramiteErased.code
    return table[status, step.value, role.value]


@pytest.mark.parametrize("facts", EVERY_FACTS)
def test_every_step_of_every_role_ends_as_the_law_says(facts: Facts) -> None:
    walked = {(step, role): outcome(facts, step, role) for step, role in product(Step, Role)}

    assert walked == {(step, role): expected(facts, step, role) for step, role in product(Step, Role)}


@pytest.mark.parametrize("facts", EVERY_FACTS)
@pytest.mark.parametrize("role", Role)
def test_the_steps_said_to_be_open_are_those_that_can_be_taken(facts: Facts, role: Role) -> None:
    taken = {step for step in Step if outcome(facts, step, role) in set(TramiteStatus)}

    assert steps_open_to(facts, role) == taken


def test_a_voided_tramite_stays_voided() -> None:
    assert [steps_open_to(Facts(TramiteStatus.VOIDED), role) for role in Role] == [frozenset()] * len(Role)


def test_a_refusal_says_where_the_tramite_stands_and_what_can_be_done() -> None:
    with pytest.raises(StepNotOpen) as refused:
        next_status(Facts(TramiteStatus.OBSERVED, observed_before=True), Step.VOID, Role.APPLICANT)

    assert refused.value.message == (
        "El trámite está «observado», por eso no se puede anular. Lo que usted puede hacer ahora: subsanar."
    )


def test_a_second_observation_is_refused_with_what_remains() -> None:
    with pytest.raises(ObservedBefore) as refused:
        next_status(Facts(TramiteStatus.PENDING, observed_before=True), Step.OBSERVE, Role.CLERK)

    assert refused.value.message == (
        "El trámite ya fue observado una vez y la ley no permite observarlo de nuevo. "
        "Lo que usted puede hacer ahora: recepcionar, derivar, atender o corregir los folios."
    )


def test_what_was_validated_is_changed_by_a_new_writing_only() -> None:
    with pytest.raises(ValidatedBefore) as refused:
        next_status(Facts(TramiteStatus.PENDING, is_received=True, is_validated=True), Step.VOID, Role.APPLICANT)

    assert refused.value.message == (
        "La entidad ya validó este documento y emitió su cargo de recepción, por eso no se puede anular. Si desea "
        "desistir o cambiar algo, presente un escrito que lo diga. Por ahora usted no tiene nada más que hacer en él."
    )


def test_a_step_of_others_is_refused_with_whose_it_is() -> None:
    with pytest.raises(StepNotAllowed) as refused:
        next_status(Facts(TramiteStatus.RESOLVED), Step.REOPEN, Role.APPLICANT)

    assert refused.value.message == (
        "Este paso (reabrir) le corresponde al supervisor. Por ahora usted no tiene nada más que hacer en él."
    )


POSSIBLE = sorted({(Step(step), Role(role)) for _, step, role in allowed_steps()})
ANYTHING = st.tuples(st.sampled_from(Step), st.sampled_from(Role))


@given(st.lists(st.sampled_from(POSSIBLE) | ANYTHING, max_size=40))
def test_no_sequence_of_steps_leads_where_the_table_forbids(asked: list[tuple[Step, Role]]) -> None:
    """Whatever is asked for in whatever order, what is taken is a walk through the hand-written table."""
    table, facts = allowed_steps(), UNFILED
    walk: list[tuple[Step, Role]] = []
    for step, role in [(Step.FILE, Role.APPLICANT), *asked]:
        if outcome(facts, step, role) not in set(TramiteStatus):
            continue
        status = next_status(facts, step, role)
        assert table[facts.status.value if facts.status else "-", step.value, role.value] == status.value
        facts = Facts(status, facts.observed_before or step is Step.OBSERVE)
        walk.append((step, role))

    taken = [step for step, _ in walk]
    assert taken.index(Step.FILE) == 0
    assert taken.count(Step.FILE) == 1
    assert max(map(taken.count, (Step.OBSERVE, Step.CORRECT, Step.LAPSE, Step.VOID))) <= 1
    if Step.VOID in taken:
        assert taken[-1] is Step.VOID
    for step in (Step.CORRECT, Step.LAPSE):
        assert step not in taken or taken[taken.index(step) - 1] is Step.OBSERVE
    assert all(role is Role.SYSTEM for step, role in walk if step is Step.LAPSE)


def test_only_a_step_that_alone_leads_somewhere_counts_as_taken() -> None:
    taken = {(status, step) for status, step in product(TramiteStatus, Step) if was_taken(status, step)}

    assert taken == {
        (TramiteStatus.VOIDED, Step.VOID),
        (TramiteStatus.OBSERVED, Step.OBSERVE),
        (TramiteStatus.LAPSED, Step.LAPSE),
        (TramiteStatus.RESOLVED, Step.RESOLVE),
    }
