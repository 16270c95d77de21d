"""Accounts that are closed at the wish of their holder: asked for, stoppable for a while, then for good."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from rules.refusals import Conflict, NotAllowed, NotFound

CLOSES_AFTER: Final = timedelta(days=7)
"""So long after it was asked for a closing may be stopped: whoever did not ask for it is told at once by mail."""


class ClosureState(StrEnum):
    """What became of the wish to close an account; all but WAITING are final."""

    WAITING = "WAITING"
    STOPPED = "STOPPED"
    CLOSED = "CLOSED"


class StaffStay(NotAllowed):
    """The account is one of staff, who must first be deactivated."""

    code = "STAFF_ACCOUNT"

    def __init__(self) -> None:
        super().__init__(
            "Su cuenta es del personal de la institución. Pida primero a quien administra la mesa de partes que dé de "
            "baja su cargo; después podrá cerrarla."
        )


class ClosureWaits(Conflict):
    """The closing was asked for already and waits."""

    code = "CLOSURE_WAITS"

    def __init__(self) -> None:
        super().__init__("Ya pidió cerrar su cuenta y el pedido está en espera. Puede detenerlo mientras tanto.")


class NoClosure(NotFound):
    """No closing of the account waits."""

    code = "CLOSURE_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("No hay ningún pedido en espera de cerrar su cuenta.")
