"""What staff decide about accounts: who sees which requests, and who decides them. Absent means no."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from rules.access import Role
from rules.refusals import InvalidInput, NotAllowed, NotFound
from rules.words import clean_paragraph

if TYPE_CHECKING:
    from uuid import UUID

REASON_MAX_LENGTH = 1000


class DeskRight(StrEnum):
    """What a member of staff may do with requests about accounts."""

    SEE_RECOVERIES = "SEE_RECOVERIES"
    DECIDE_RECOVERIES = "DECIDE_RECOVERIES"
    DECIDE_RECOVERIES_OF_STAFF = "DECIDE_RECOVERIES_OF_STAFF"
    SEE_CLAIMS = "SEE_CLAIMS"
    DECIDE_CLAIMS = "DECIDE_CLAIMS"


DESK_RIGHTS: Mapping[Role, frozenset[DeskRight]] = {
    Role.CLERK: frozenset({DeskRight.SEE_RECOVERIES, DeskRight.DECIDE_RECOVERIES}),
    Role.SUPERVISOR: frozenset(DeskRight),
    Role.AUDITOR: frozenset({DeskRight.SEE_RECOVERIES, DeskRight.SEE_CLAIMS}),
}
"""Rights by role; the recovery of a member of staff is decided by a supervisor, who is another person."""


class NoSuchRequest(NotFound):
    """There is no such request, or the viewer may not know of it: both are answered alike."""

    code = "REQUEST_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("No encontramos ese pedido. Vuelva a abrir la lista de pedidos en espera.")


class NotForYou(NotAllowed):
    """The request may be seen but not decided by this role."""

    code = "NOT_FOR_YOU"

    def __init__(self) -> None:
        super().__init__(
            "Puede ver este pedido, pero no resolverlo: le corresponde a otra persona de la mesa de partes."
        )


class OwnRequest(NotAllowed):
    """The request is about the account of the one who would decide."""

    code = "OWN_REQUEST"

    def __init__(self) -> None:
        super().__init__("Nadie resuelve un pedido sobre su propia cuenta. Pida a otra persona que lo haga.")


class WrongReference(InvalidInput):
    """The code is not the one that was given to who made the request."""

    code = "WRONG_REFERENCE"

    def __init__(self) -> None:
        super().__init__(
            "El código de referencia no corresponde a este pedido. Pida a la persona el que recibió al hacerlo. Si no "
            "lo tiene, quizás el pedido lo hizo otra: rechácelo, y que la persona haga uno nuevo.",
            path=("reference",),
        )


def has_right(role: Role, right: DeskRight) -> bool:
    """Say whether *role* has *right*; what the table does not grant is denied."""
    return right in DESK_RIGHTS.get(role, frozenset())


def check_decider(role: Role, right: DeskRight, *, decider_id: UUID, account_id: UUID | None) -> None:
    """
    Judge whether who may see a request may decide it.

    Raises:
        NotForYou: their role may not.
        OwnRequest: it is about their own account.
    """
    if not has_right(role, right):
        raise NotForYou
    if decider_id == account_id:
        raise OwnRequest


def clean_reason(text: str | None) -> str:
    """
    Return why staff decide as they do, 1 to 1,000 characters.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `rules.words.clean_paragraph`.
    """
    return clean_paragraph(text, max_length=REASON_MAX_LENGTH)
