"""Staff: who may be given which role and offices, how long an invitation holds, and what nobody does to themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from rules.access import Role
from rules.choices import TooManyChoices, check_choices
from rules.refusals import Conflict, InvalidInput, NotAllowed, NotFound

INVITATION_LIFE: Final = timedelta(days=7)
INVITATIONS_FORGOTTEN_AFTER: Final = timedelta(days=30)
"""So long after its end nothing but the register tells of an invitation."""

MOST_OFFICES: Final = 100
ROLES: Final = frozenset({Role.CLERK, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})
WITH_OFFICES: Final = frozenset({Role.CLERK, Role.SUPERVISOR})
"""Who attends to trámites; others have no post."""


ROLE_WORDS: Final[Mapping[Role, str]] = {
    Role.CLERK: "personal de mesa de partes",
    Role.SUPERVISOR: "supervisor",
    Role.ADMINISTRATOR: "administrador",
    Role.AUDITOR: "auditor",
}


class StaffState(StrEnum):
    """How it stands with a member of staff."""

    ACTIVE = "ACTIVE"
    WITHOUT_SECOND_FACTOR = "WITHOUT_SECOND_FACTOR"
    DEACTIVATED = "DEACTIVATED"


class WrongStaffRole(InvalidInput):
    """It is no role of a member of staff."""

    code = "WRONG_STAFF_ROLE"

    def __init__(self) -> None:
        super().__init__(
            "Elija un cargo del personal: mesa de partes, supervisor, administrador o auditor.", path=("role",)
        )


class OfficesMissing(InvalidInput):
    """Who attends to trámites does so in an office."""

    code = "OFFICES_MISSING"

    def __init__(self) -> None:
        super().__init__("Indique al menos una dependencia para quien atiende trámites.", path=("officeCodes",))


class OfficesNotForRole(InvalidInput):
    """The role attends to no trámites."""

    code = "OFFICES_NOT_FOR_ROLE"

    def __init__(self) -> None:
        super().__init__("Ese cargo no atiende trámites: no le indique dependencias.", path=("officeCodes",))


class NoSuchStaff(NotFound):
    """There is no such member of staff."""

    code = "STAFF_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("No encontramos a esa persona entre el personal. Vuelva a abrir la lista.")


class OwnAppointment(NotAllowed):
    """Nobody changes what they are themselves, nor takes their own second factor away."""

    code = "OWN_APPOINTMENT"

    def __init__(self) -> None:
        super().__init__("Nadie cambia su propio cargo ni retira su propia verificación. Pídalo a otra persona.")


class AlreadyDeactivated(Conflict):
    """They are staff no more already."""

    code = "ALREADY_DEACTIVATED"

    def __init__(self) -> None:
        super().__init__("Esa persona ya fue dada de baja.")


class LastAdministrator(Conflict):
    """Nobody else administers, and somebody always does."""

    code = "LAST_ADMINISTRATOR"

    def __init__(self) -> None:
        super().__init__(
            "Es la única persona que administra la mesa de partes. Pida que antes se nombre a otra en el servidor, con "
            "«mesadepartes staff create-administrator --another»; después repita esta decisión."
        )


class AlreadyStaff(Conflict):
    """Whoever is staff is given another role, and not invited."""

    code = "ALREADY_STAFF"

    def __init__(self) -> None:
        super().__init__("Esa cuenta ya es del personal. Para cambiar el cargo, use la lista de personal.")


class NoSuchInvitation(NotFound):
    """No invitation for them has this code: another, another's, used, withdrawn or over; all are answered alike."""

    code = "INVITATION_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__(
            "La invitación no es correcta o ya no sirve. Revise que ingresó con la cuenta cuyo correo recibió la "
            "invitación, y que ese correo está confirmado; si venció, pida otra."
        )


def check_post(role: Role, offices: Collection[str]) -> None:
    """
    Judge whether somebody may be given a role with these offices.

    Raises:
        WrongStaffRole: it is no role of staff.
        OfficesMissing, OfficesNotForRole: the role needs offices, or has none.
        TooManyChoices: they are more than a hundred.
    """
    check_offices(offices)
    if role not in ROLES:
        raise WrongStaffRole
    if role in WITH_OFFICES and not offices:
        raise OfficesMissing
    if role not in WITH_OFFICES and offices:
        raise OfficesNotForRole


def check_offices(codes: Collection[str]) -> None:
    """
    Judge how many offices are named.

    Raises:
        TooManyChoices: more than somebody may serve.
    """
    try:
        check_choices(codes, MOST_OFFICES)
    except TooManyChoices as refusal:
        raise refusal.at("officeCodes") from None


def say_appointment(role: Role, offices: Sequence[str]) -> str:
    """Return in Spanish what somebody is at the counter, and in which offices, by their names."""
    return f"{ROLE_WORDS[role]} en {', '.join(offices)}" if offices else ROLE_WORDS[role]
