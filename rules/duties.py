"""What members of staff may do besides acting on trámites: one table of duties by role. Absent means no."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from rules.access import Role
from rules.refusals import NotAllowed


class Duty(StrEnum):
    """What a role may do at the counter as a whole. A duty is added together with what asks for it."""

    MANAGE_STAFF = "MANAGE_STAFF"
    SEE_STAFF = "SEE_STAFF"
    ADMINISTER = "ADMINISTER"
    SEE_ADMINISTRATION = "SEE_ADMINISTRATION"
    EDIT_TEMPLATES = "EDIT_TEMPLATES"
    SEE_TEMPLATES = "SEE_TEMPLATES"
    SEE_REPORTS = "SEE_REPORTS"
    EXPORT = "EXPORT"
    SEE_REGISTER = "SEE_REGISTER"
    MANAGE_RETENTION = "MANAGE_RETENTION"
    SEE_RETENTION = "SEE_RETENTION"
    SEE_MAILBOXES = "SEE_MAILBOXES"
    SEE_TEXTS = "SEE_TEXTS"


DUTIES: Mapping[Role, frozenset[Duty]] = {
    Role.CLERK: frozenset({Duty.SEE_TEMPLATES, Duty.EXPORT, Duty.SEE_MAILBOXES, Duty.SEE_TEXTS}),
    Role.SUPERVISOR: frozenset(
        {Duty.SEE_TEMPLATES, Duty.EDIT_TEMPLATES, Duty.SEE_REPORTS, Duty.EXPORT, Duty.SEE_MAILBOXES, Duty.SEE_TEXTS}
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Duty.MANAGE_STAFF,
            Duty.SEE_STAFF,
            Duty.ADMINISTER,
            Duty.SEE_ADMINISTRATION,
            Duty.MANAGE_RETENTION,
            Duty.SEE_RETENTION,
            Duty.SEE_MAILBOXES,
            Duty.SEE_TEXTS,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            Duty.SEE_STAFF,
            Duty.SEE_ADMINISTRATION,
            Duty.SEE_TEMPLATES,
            Duty.SEE_REPORTS,
            Duty.EXPORT,
            Duty.SEE_REGISTER,
            Duty.SEE_RETENTION,
            Duty.SEE_MAILBOXES,
            Duty.SEE_TEXTS,
        }
    ),
    # As far as its token has the scope.
    Role.PROGRAM: frozenset({Duty.SEE_REPORTS}),
}


class NotYourDuty(NotAllowed):
    """What is asked is for members of staff with another role."""

    code = "NOT_YOUR_DUTY"

    def __init__(self) -> None:
        super().__init__(
            "Su cuenta no puede hacer esto: le corresponde a otro personal de la institución. Si debería poder, pida a "
            "quien administra la mesa de partes que revise su cargo."
        )


def has_duty(role: Role, duty: Duty) -> bool:
    """Say whether *role* has *duty*; what the table does not grant is denied."""
    return duty in DUTIES.get(role, frozenset())


def check_duty(role: Role, duty: Duty) -> None:
    """
    Judge whether *role* may do what *duty* names.

    Raises:
        NotYourDuty: it may not.
    """
    if not has_duty(role, duty):
        raise NotYourDuty
