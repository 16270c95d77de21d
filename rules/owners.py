"""The owner of a trámite (responsable): who of its office has taken it on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.access import Role
from rules.refusals import InvalidInput, NotAllowed

if TYPE_CHECKING:
    from uuid import UUID


class OwnedByOther(NotAllowed):
    """Somebody else has taken it on."""

    code = "OWNED_BY_OTHER"

    def __init__(self) -> None:
        super().__init__(
            "Otra persona de la dependencia ya tiene este trámite a su cargo. Pídale que lo deje, o pida a un "
            "supervisor que lo asigne."
        )


class NotOfItsOffice(InvalidInput):
    """Who shall own it is nobody who may attend to it."""

    code = "NOT_OF_ITS_OFFICE"

    def __init__(self) -> None:
        super().__init__(
            "Elija a una persona que atienda en la dependencia que tiene el trámite y que no lo haya presentado.",
            path=("userId",),
        )


def check_reassigning(role: Role, *, viewer_id: UUID, owner_id: UUID | None) -> None:
    """
    Judge whether a member of the office may say who owns what *owner_id* owns now.

    Raises:
        OwnedByOther: somebody else has it, and they are no supervisor.
    """
    if owner_id not in (None, viewer_id) and role is not Role.SUPERVISOR:
        raise OwnedByOther
