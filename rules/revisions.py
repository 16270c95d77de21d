"""Revisions: of two who change a trámite at once, the second is told what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rules.history import say_act
from rules.refusals import Conflict
from rules.workdays import in_lima

if TYPE_CHECKING:
    from datetime import datetime

    from rules.access import Role
    from rules.register import Act

MOST_TOLD: Final = 20
"""So many of the latest changes are told."""


@dataclass(frozen=True, slots=True)
class Change:
    """One act that changed a trámite."""

    act: Act
    at: datetime
    role: Role


class TramiteChanged(Conflict):
    """The trámite is no longer as the viewer saw it; *changes* are the acts since, the oldest first."""

    code = "TRAMITE_CHANGED"

    def __init__(self, changes: tuple[Change, ...], *, revision: int) -> None:
        told = "; ".join(f"{in_lima(each.at):%d/%m/%Y %H:%M}, {say_act(each.act, each.role)}" for each in changes)
        since = f"Desde entonces: {told}. " if told else ""
        super().__init__(
            f"El trámite cambió mientras usted lo tenía abierto, y no se hizo lo que pidió. {since}"
            "Revise cómo quedó y, si todavía corresponde, vuelva a enviarlo.",
            path=("expectedRevision",),
        )
        self.changes = changes
        self.revision = revision
