"""Who may what: one table of rights by role and by how the viewer stands to the trámite. Absent means no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from rules.refusals import NotAllowed


class Role(StrEnum):
    """What an account is at the counter; staff are applicants too, with the same account."""

    APPLICANT = "APPLICANT"
    CLERK = "CLERK"
    SUPERVISOR = "SUPERVISOR"
    ADMINISTRATOR = "ADMINISTRATOR"
    AUDITOR = "AUDITOR"
    SYSTEM = "SYSTEM"
    PROGRAM = "PROGRAM"


ACCOUNT_ROLES = frozenset(Role) - {Role.SYSTEM, Role.PROGRAM}
"""What an account may be. Nobody signs in as the system; a program shows a service token, and has no account."""


class Right(StrEnum):
    """
    What a person may want of a trámite, or of a task about a trámite or an account; who the account is of counts as
    its applicant, and it lies in every office. A right is added together with what asks for it.
    """

    SEE = "SEE"
    ACT = "ACT"
    ACT_AS_APPLICANT = "ACT_AS_APPLICANT"
    REOPEN = "REOPEN"
    SEE_OWNER = "SEE_OWNER"
    SEE_VIEWERS = "SEE_VIEWERS"
    READ_NOTES = "READ_NOTES"
    WRITE_NOTES = "WRITE_NOTES"
    SEE_TASKS = "SEE_TASKS"
    CLOSE_TASKS = "CLOSE_TASKS"
    SEND_RECEIPTS = "SEND_RECEIPTS"


@dataclass(frozen=True, slots=True)
class Relation:
    """
    How a viewer stands to a trámite.

    `in_office`: it lies now in an office of theirs. `was_in_office`: it was referred to or by one of their offices.
    """

    is_applicant: bool = False
    in_office: bool = False
    was_in_office: bool = False


STRANGER = Relation()
"""Neither applicant nor of an office that has or had it."""

Condition: TypeAlias = Callable[[Relation], bool]


def _always(_relation: Relation) -> bool:
    return True


def _own(relation: Relation) -> bool:
    return relation.is_applicant


def _handled(relation: Relation) -> bool:
    return relation.is_applicant or relation.in_office or relation.was_in_office


def _own_or_at_desk(relation: Relation) -> bool:
    return relation.is_applicant or relation.in_office


def _at_desk(relation: Relation) -> bool:
    return relation.in_office and not relation.is_applicant


def _by_desk(relation: Relation) -> bool:
    return (relation.in_office or relation.was_in_office) and not relation.is_applicant


def _of_others(relation: Relation) -> bool:
    return not relation.is_applicant


_OWN: Mapping[Right, Condition] = {Right.SEE: _own, Right.ACT_AS_APPLICANT: _own, Right.SEND_RECEIPTS: _own}
_DESK: Mapping[Right, Condition] = {
    Right.ACT: _at_desk,
    Right.SEE_VIEWERS: _at_desk,
    Right.READ_NOTES: _at_desk,
    Right.WRITE_NOTES: _at_desk,
    Right.SEND_RECEIPTS: _own_or_at_desk,
}
_TASKS_OF_OFFICE: Mapping[Right, Condition] = {Right.SEE_TASKS: _at_desk, Right.CLOSE_TASKS: _at_desk}
_ALL_TASKS: Mapping[Right, Condition] = {Right.SEE_TASKS: _of_others, Right.CLOSE_TASKS: _of_others}

RIGHTS: Mapping[Role, Mapping[Right, Condition]] = {
    Role.APPLICANT: _OWN,
    Role.CLERK: {**_OWN, Right.SEE: _handled, Right.SEE_OWNER: _by_desk, **_DESK, **_TASKS_OF_OFFICE},
    Role.SUPERVISOR: {
        **_OWN,
        Right.SEE: _always,
        Right.SEE_OWNER: _of_others,
        Right.REOPEN: _of_others,
        **_DESK,
        **_ALL_TASKS,
    },
    Role.ADMINISTRATOR: _OWN,
    Role.AUDITOR: {**_OWN, Right.SEE: _always, Right.SEE_OWNER: _of_others, Right.SEE_TASKS: _of_others},
    # Nobody signs in as the system: its rounds take their steps by the life cycle alone.
    Role.SYSTEM: {Right.SEE: _own},
    # A program only reads, and has nothing of its own; its offices are those of its token.
    Role.PROGRAM: {Right.SEE: _by_desk},
}


def may(role: Role, right: Right, relation: Relation = STRANGER) -> bool:
    """Say whether *role* has *right* over what it stands in *relation* to; what the table does not grant is denied."""
    condition = RIGHTS.get(role, {}).get(right)
    return condition is not None and condition(relation)


def acting_role(role: Role, relation: Relation) -> Role:
    """Return the role in which an account takes a step: on one's own trámite everybody is an applicant."""
    return Role.APPLICANT if relation.is_applicant else role


class NotYours(NotAllowed):
    """The trámite may be seen but is not theirs to act on: another office has it, or they filed it themselves."""

    code = "NOT_YOURS"

    def __init__(self) -> None:
        super().__init__(
            "Puede ver este trámite, pero no atenderlo: le corresponde al personal de la dependencia que lo tiene, "
            "y nadie atiende un trámite propio."
        )


class NotTheApplicant(NotAllowed):
    """The trámite may be seen, but what is asked is for its applicant alone."""

    code = "NOT_THE_APPLICANT"

    def __init__(self) -> None:
        super().__init__(
            "Puede ver este trámite, pero solo quien lo presentó con su cuenta puede actualizarlo, anularlo o "
            "subsanarlo."
        )
