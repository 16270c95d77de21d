"""Recovery by personal data: it proves nothing, so it only asks; when it takes effect, and whether data match."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rules.access import Role
from rules.refusals import Conflict, NotFound

if TYPE_CHECKING:
    from datetime import datetime

WARY_FOR: Final = timedelta(days=30)
"""For so long after a request was stopped or rejected, further ones of that account wait for a person."""


class RecoveryState(StrEnum):
    """What became of a request; all but WAITING are final."""

    WAITING = "WAITING"
    APPLIED = "APPLIED"
    STOPPED = "STOPPED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    IGNORED = "IGNORED"


class RecoveryDecision(StrEnum):
    """How a member of staff decides a request."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"


@dataclass(frozen=True)
class RecoveryPolicy:
    """Whether requests take effect by themselves, and how long after the person was told."""

    is_delayed: bool = True
    delay: timedelta = timedelta(hours=24)

    def due_at(self, asked_at: datetime, role: Role, *, was_stopped: bool) -> datetime | None:
        """
        Return when a request takes effect by itself; None when only a person may decide it.

        That is so for staff, and for an account of which a request was stopped or rejected lately: who tries again
        and again must not win the first time that nobody looks.
        """
        if not self.is_delayed or role is not Role.APPLICANT or was_stopped:
            return None
        return asked_at + self.delay


DEFAULT_POLICY: Final = RecoveryPolicy()


class RecoverySettled(Conflict):
    """Somebody was quicker: the request was applied, stopped, rejected or cancelled."""

    code = "RECOVERY_SETTLED"

    def __init__(self) -> None:
        super().__init__(
            "Este pedido ya no está en espera: se aplicó, se detuvo, se rechazó o quedó sin efecto. Si no puede "
            "ingresar a su cuenta, recupere su contraseña por correo o acérquese a la mesa de partes."
        )


class NoSuchStop(NotFound):
    """The link stops nothing: it is incomplete or none that this counter gave."""

    code = "STOP_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("El enlace no es correcto. Ábralo de nuevo, completo, desde el correo que recibió.")


def match_key(name: str) -> str:
    """Return a name as it is compared: without accents, case, spaces, hyphens and apostrophes."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalpha())
