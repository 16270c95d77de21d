"""What `verify-receipt` says: one finding for each thing that is checked, in Spanish, and in codes for programs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Outcome(StrEnum):
    """How a check went; UNCHECKED, where something that it needs was not given."""

    IN_ORDER = "IN_ORDER"
    FAULT = "FAULT"
    UNCHECKED = "UNCHECKED"


class Check(StrEnum):
    """What is checked."""

    FILE = "FILE"
    SEAL = "SEAL"
    CERTIFICATE = "CERTIFICATE"
    FACTS = "FACTS"
    DATES = "DATES"
    HEADS = "HEADS"
    GROWTH = "GROWTH"
    TIME_STAMPS = "TIME_STAMPS"
    PRINTED_HEAD = "PRINTED_HEAD"
    ENTRY = "ENTRY"


TITLES = {
    Check.FILE: "Archivo",
    Check.SEAL: "Sello",
    Check.CERTIFICATE: "Certificado",
    Check.FACTS: "Datos",
    Check.DATES: "Fechas",
    Check.HEADS: "Cabezas",
    Check.GROWTH: "Registro",
    Check.TIME_STAMPS: "Sellos de tiempo",
    Check.PRINTED_HEAD: "Cabeza impresa",
    Check.ENTRY: "Entrada",
}
SIGNS = {Outcome.IN_ORDER: "✓", Outcome.FAULT: "✗", Outcome.UNCHECKED: "–"}


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a check, and a Spanish sentence on it without its last stop."""

    check: Check
    outcome: Outcome
    text: str

    def line(self) -> str:
        """Return the finding as people read it, on one line whatever the receipt says."""
        printable = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in self.text)
        return f"{SIGNS[self.outcome]} {TITLES[self.check]}: {printable}."

    def to_json(self) -> dict[str, str]:
        """Return the finding for programs."""
        return {"check": self.check.value, "outcome": self.outcome.value, "text": self.text}

    @classmethod
    def from_json(cls, told: dict[str, str]) -> Finding:
        """Return what `to_json` gave."""
        return cls(Check(told["check"]), Outcome(told["outcome"]), told["text"])


def in_order(check: Check, text: str) -> Finding:
    """Return that it is as it must be."""
    return Finding(check, Outcome.IN_ORDER, text)


def fault(check: Check, text: str) -> Finding:
    """Return that it is not as it must be."""
    return Finding(check, Outcome.FAULT, text)


def unchecked(check: Check, text: str) -> Finding:
    """Return that it could not be checked; *text* says what to give."""
    return Finding(check, Outcome.UNCHECKED, text)


def has_fault(findings: Iterable[Finding]) -> bool:
    """Tell whether something is not as it must be."""
    return any(finding.outcome is Outcome.FAULT for finding in findings)


def told(findings: Iterable[Finding]) -> dict[str, Any]:
    """Return the whole for programs: FAULT if anything is one, UNCHECKED if something could not be checked."""
    listed = list(findings)
    outcomes = {finding.outcome for finding in listed}
    worst = next((each for each in (Outcome.FAULT, Outcome.UNCHECKED) if each in outcomes), Outcome.IN_ORDER)
    return {"outcome": worst.value, "checks": [finding.to_json() for finding in listed]}
