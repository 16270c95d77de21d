"""The history of a trámite: which of its acts are shown to whom, and how they are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from rules.access import Right, Role, may
from rules.register import Act

if TYPE_CHECKING:
    from rules.access import Relation

HIDDEN: Final[Mapping[Act, Right]] = {Act.OWNER_CHANGED: Right.SEE_OWNER, Act.NOTE_ADDED: Right.READ_NOTES}
"""Acts that are shown only to those who have a right besides that of seeing the trámite."""

UNCHANGING: Final = frozenset({Act.NOTE_ADDED, Act.RECEIPT_SENT_AGAIN})
"""Acts about a trámite that leave it as it is, so that its revision stays."""

_DONE: Final[Mapping[Act, str]] = {
    Act.UPDATED: "se actualizaron sus datos",
    Act.COMPLETED: "se completó la presentación",
    Act.CONFIRMED: "se confirmó quién lo envió por correo",
    Act.VOIDED: "se anuló",
    Act.OBSERVED: "se observó",
    Act.CORRECTED: "se subsanó",
    Act.LAPSED: "se tuvo por no presentado",
    Act.REFERRED: "se derivó",
    Act.RESOLVED: "se atendió",
    Act.FOLIOS_CORRECTED: "se corrigieron los folios",
    Act.REOPENED: "se reabrió",
    Act.RECEIVED: "se recepcionó",
    Act.OWNER_CHANGED: "cambió de responsable",
    Act.RECEIPT_SENT_AGAIN: "se envió otra vez una constancia",
    Act.ERASED: "se borró lo que ya no se conserva",
}

_DOERS: Final[Mapping[Role, str]] = {
    Role.APPLICANT: "quien lo presentó",
    Role.CLERK: "personal de mesa de partes",
    Role.SUPERVISOR: "un supervisor",
    Role.SYSTEM: "el propio sistema",
}


def hidden_acts(role: Role, relation: Relation) -> frozenset[Act]:
    """Return the acts in a trámite's history that who stands so to it does not see."""
    return frozenset(act for act, right in HIDDEN.items() if not may(role, right, relation))


def say_act(act: Act, role: Role) -> str:
    """Return in Spanish what was done to a trámite, and in which role; names are not told."""
    done = _DONE.get(act, "cambió")
    return f"{done} ({_DOERS[role]})" if role in _DOERS else done
