"""Who may what: one table of rights by role and by how the viewer stands to the trámite. Absent means no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from rules.refusals import NotAllowed, NotFound


class Role(StrEnum):
    """What an account is at the counter; staff are applicants too, with the same account."""

    APPLICANT = "APPLICANT"
    CLERK = "CLERK"
    SUPERVISOR = "SUPERVISOR"
    ADMINISTRATOR = "ADMINISTRATOR"
    AUDITOR = "AUDITOR"
    SYSTEM = "SYSTEM"

    @property
    def label(self) -> str:
        """The Spanish word for people."""
        return _ROLE_LABELS[self]


_ROLE_LABELS: Mapping[Role, str] = {
    Role.APPLICANT: "ciudadano",
    Role.CLERK: "personal de mesa de partes",
    Role.SUPERVISOR: "supervisor",
    Role.ADMINISTRATOR: "administrador",
    Role.AUDITOR: "auditor",
    Role.SYSTEM: "sistema",
}


class Right(StrEnum):
    """What a person may want of a trámite, or of the counter."""

    FILE = "FILE"
    SEE = "SEE"
    ACT_AS_APPLICANT = "ACT_AS_APPLICANT"
    ACT = "ACT"
    READ_NOTES = "READ_NOTES"
    REOPEN = "REOPEN"
    SEE_MAIL = "SEE_MAIL"
    SEE_REPORTS = "SEE_REPORTS"
    SEE_REGISTER = "SEE_REGISTER"
    ADMINISTER = "ADMINISTER"


@dataclass(frozen=True, slots=True)
class Relation:
    """
    How a viewer stands to a trámite, or to the mailbox or list that is asked for.

    `in_office`: it lies now in an office of theirs. `was_in_office`: it was referred to or by one of their offices.
    """

    is_applicant: bool = False
    in_office: bool = False
    was_in_office: bool = False


STRANGER = Relation()
"""Neither applicant nor of an office that has or had it; also right for what concerns no trámite."""

Condition: TypeAlias = Callable[[Relation], bool]


def _always(_relation: Relation) -> bool:
    return True


def _own(relation: Relation) -> bool:
    return relation.is_applicant


def _handled(relation: Relation) -> bool:
    return relation.is_applicant or relation.in_office or relation.was_in_office


def _at_desk(relation: Relation) -> bool:
    return relation.in_office and not relation.is_applicant


def _not_own(relation: Relation) -> bool:
    return not relation.is_applicant


_OWN: Mapping[Right, Condition] = {Right.FILE: _always, Right.SEE: _own, Right.ACT_AS_APPLICANT: _own}

RIGHTS: Mapping[Role, Mapping[Right, Condition]] = {
    Role.APPLICANT: _OWN,
    Role.CLERK: {
        **_OWN,
        Right.SEE: _handled,
        Right.ACT: _at_desk,
        Right.READ_NOTES: _at_desk,
        Right.SEE_MAIL: _at_desk,
    },
    Role.SUPERVISOR: {
        **_OWN,
        Right.SEE: _always,
        Right.ACT: _at_desk,
        Right.READ_NOTES: _at_desk,
        Right.REOPEN: _not_own,
        Right.SEE_MAIL: _at_desk,
        Right.SEE_REPORTS: _always,
    },
    Role.ADMINISTRATOR: {**_OWN, Right.ADMINISTER: _always},
    Role.AUDITOR: {
        **_OWN,
        Right.SEE: _always,
        Right.SEE_MAIL: _always,
        Right.SEE_REPORTS: _always,
        Right.SEE_REGISTER: _always,
    },
    Role.SYSTEM: {Right.FILE: _always, Right.SEE: _always, Right.ACT: _always},
}


def may(role: Role, right: Right, relation: Relation = STRANGER) -> bool:
    """Say whether *role* has *right* over what it stands in *relation* to; what the table does not grant is denied."""
    condition = RIGHTS.get(role, {}).get(right)
    return condition is not None and condition(relation)


def acting_role(role: Role, relation: Relation) -> Role:
    """Return the role in which an account takes a step: on one's own trámite everybody is an applicant."""
    return Role.APPLICANT if relation.is_applicant else role


class TramiteNotFound(NotFound):
    """No such trámite, or none that this person may know of."""

    code = "TRAMITE_NOT_FOUND"

    def __init__(self, *, path: tuple[str, ...] = ()) -> None:
        super().__init__("No encontramos un trámite con ese número entre los que usted puede ver.", path=path)


class OwnTramite(NotAllowed):
    """Staff never act as staff on what they filed themselves."""

    code = "OWN_TRAMITE"

    def __init__(self, *, path: tuple[str, ...] = ()) -> None:
        super().__init__("Este trámite es suyo: debe atenderlo otra persona de la dependencia.", path=path)


class RightMissing(NotAllowed):
    """The viewer sees the trámite but this is for others to do."""

    code = "RIGHT_MISSING"

    def __init__(self, *, path: tuple[str, ...] = ()) -> None:
        super().__init__(
            "Su cuenta puede ver este trámite, pero no hacer esto. "
            "Lo puede hacer el personal de la dependencia que lo tiene o quien lo presentó, según el caso.",
            path=path,
        )


def demand(role: Role, right: Right, relation: Relation) -> None:
    """
    Refuse unless *role* has *right* over the trámite.

    Raises:
        TramiteNotFound: it may not even be seen, so it is answered as if it did not exist.
        OwnTramite: staff wanted to act as staff on their own trámite.
        RightMissing: it may be seen only.
    """
    if may(role, right, relation):
        return
    if not may(role, Right.SEE, relation):
        raise TramiteNotFound
    if relation.is_applicant and right is not Right.ACT_AS_APPLICANT and role is not Role.APPLICANT:
        raise OwnTramite
    raise RightMissing
