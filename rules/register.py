"""The register: what kinds of acts are recorded in it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Act(StrEnum):
    """An act as it stands in the register, and so in the history of a trámite. Members are added, never removed."""

    FILED = "FILED"
    UPDATED = "UPDATED"
    COMPLETED = "COMPLETED"
    VOIDED = "VOIDED"
    OBSERVED = "OBSERVED"
    CORRECTED = "CORRECTED"
    LAPSED = "LAPSED"
    REFERRED = "REFERRED"
    RESOLVED = "RESOLVED"
    FOLIOS_CORRECTED = "FOLIOS_CORRECTED"
    REOPENED = "REOPENED"
    REGISTERED = "REGISTERED"

    @property
    def label(self) -> str:
        """The Spanish words for people, as the history shows them."""
        return _ACT_LABELS[self]


_ACT_LABELS: Mapping[Act, str] = {
    Act.FILED: "Presentado",
    Act.UPDATED: "Datos actualizados",
    Act.COMPLETED: "Datos completados",
    Act.VOIDED: "Anulado",
    Act.OBSERVED: "Observado",
    Act.CORRECTED: "Subsanado",
    Act.LAPSED: "Tenido por no presentado",
    Act.REFERRED: "Derivado",
    Act.RESOLVED: "Atendido",
    Act.FOLIOS_CORRECTED: "Folios corregidos",
    Act.REOPENED: "Reabierto",
    Act.REGISTERED: "Cuenta registrada",
}
