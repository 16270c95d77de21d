"""For how long what is kept of people is kept: the periods that administrators set, within what the law requires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rules.kept_kinds import KEPT, RetentionKind
from rules.refusals import InvalidInput

LONGEST_DAYS: Final = 36_500
_TOGETHER: Final = (
    (RetentionKind.RESOLVED_FILES, RetentionKind.RESOLVED_TRAMITES),
    (RetentionKind.UNDONE_FILES, RetentionKind.UNDONE_TRAMITES),
)


class PeriodNotAllowed(InvalidInput):
    """The period is none that may be set for this kind."""

    code = "PERIOD_NOT_ALLOWED"


class PeriodsOutOfOrder(InvalidInput):
    """The data of trámites would be erased before their files."""

    code = "PERIODS_OUT_OF_ORDER"

    def __init__(self) -> None:
        super().__init__(
            "Los datos de un trámite no pueden borrarse antes que sus archivos. Cambie primero el otro plazo.",
            path=("days",),
        )


@dataclass(frozen=True)
class Retention:
    """The periods in force, their version (0 before any change), and whether they are applied by themselves."""

    version: int = 0
    days: Mapping[str, int | None] = field(default_factory=dict[str, "int | None"])
    is_applied: bool = False

    def days_of(self, kind: RetentionKind) -> int | None:
        """Return for how many days a kind is kept; None for always, or as its rule says."""
        return self.days.get(kind.value, KEPT[kind].days) if KEPT[kind].is_changeable else KEPT[kind].days

    def changed(self, kind: RetentionKind, days: int | None) -> Mapping[str, int | None]:
        """
        Return all periods that were set, with another one for *kind*.

        Raises:
            PeriodNotAllowed: the kind has a fixed period, or none so short or so long.
            PeriodsOutOfOrder: data of trámites would go before their files.
        """
        check_period(kind, days)
        changed = {**self.days, kind.value: days}
        asked = Retention(self.version, changed, self.is_applied)
        if any(_is_sooner(asked.days_of(data), asked.days_of(files)) for files, data in _TOGETHER):
            raise PeriodsOutOfOrder
        return changed


def check_period(kind: RetentionKind, days: int | None) -> None:
    """
    Judge a period of *days*, None for always.

    Raises:
        PeriodNotAllowed: the kind has a fixed period, or none so short or so long.
    """
    rule, path = KEPT[kind], ("days",)
    if rule.least_days is None:
        raise PeriodNotAllowed(f"El plazo de «{rule.label}» es fijo y no se puede cambiar.", path=("kind",))
    if days is None and not rule.may_be_always:
        raise PeriodNotAllowed(f"Indique cuántos días se conserva: «{rule.label}» no se guarda siempre.", path=path)
    if days is not None and not rule.least_days <= days <= LONGEST_DAYS:
        raise PeriodNotAllowed(f"Indique de {rule.least_days} a {LONGEST_DAYS} días.", path=path)


def _is_sooner(days: int | None, other: int | None) -> bool:
    return days is not None and (other is None or days < other)


GONE: Final = "(ya no se conserva)"
"""What stands where a text was that must not be empty."""
