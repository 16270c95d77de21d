"""Taxpayers as SUNAT publishes them (padrón reducido del RUC), and what may be said of a RUC."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rules.people import InvalidRuc, clean_ruc

if TYPE_CHECKING:
    from datetime import date

ENCODING: Final = "latin-1"
ACTIVE: Final = "ACTIVO"
COLUMNS: Final = ("RUC", "NOMBRE", "ESTADO", "CONDICI")
"""How the names of the columns that are kept begin; they are the first four."""

TEXT_MAX_LENGTH: Final = 200
"""Of each column but the RUC; what is longer is cut."""

INVISIBLE: Final = bytes([*range(0x20), *range(0x7F, 0xA0), 0xAD])
"""Control characters and the soft hyphen, in latin-1: in no name, and PostgreSQL cannot keep the first of them."""

_SPACES = re.compile(r"[ \xa0]+")


@dataclass(frozen=True, slots=True)
class Taxpayer:
    """Whom a RUC belongs to; *state* and *condition* are SUNAT's own words (ACTIVO, HABIDO ...)."""

    ruc: str
    name: str
    state: str
    condition: str

    @property
    def is_active(self) -> bool:
        """Whether SUNAT has neither closed nor suspended it."""
        return self.state == ACTIVE


class Fault(StrEnum):
    """Why a line of the published register cannot be used."""

    COLUMNS = "COLUMNS"
    RUC = "RUC"
    NAME = "NAME"
    LENGTH = "LENGTH"

    @property
    def label(self) -> str:
        """What is wrong, for whoever loads the register."""
        return _FAULT_LABELS[self]


_FAULT_LABELS: Mapping[Fault, str] = {
    Fault.COLUMNS: "too few or too many columns",
    Fault.RUC: "no RUC, or one with a wrong check digit",
    Fault.NAME: "no name",
    Fault.LENGTH: "no end of the line for very long",
}


class BadLine(Exception):
    """A line of the published register cannot be used."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.label)
        self.fault = fault


class NotTheRegister(Exception):
    """A file is not the register as SUNAT publishes it."""


def count_columns(header: bytes) -> int:
    """
    Return how many columns the header line announces; one more `|` at its end announces none.

    Raises:
        NotTheRegister: its first columns are not those of the padrón reducido, or it is not in latin-1.
    """
    if header.startswith(b"\xef\xbb\xbf") or b"RAZ\xc3\x93N" in header:
        raise NotTheRegister("The file is in UTF-8; SUNAT publishes the register in latin-1. Load it as published.")
    names = header.decode(ENCODING).strip("\r\n|").split("|")
    if len(names) < len(COLUMNS) or not all(
        name.strip().upper().startswith(begin) for name, begin in zip(names, COLUMNS, strict=False)
    ):
        raise NotTheRegister("The first line is not that of the padrón reducido: RUC|NOMBRE O RAZÓN SOCIAL|ESTADO …")
    return len(names)


def parse_line(line: bytes, *, columns: int) -> Taxpayer:
    """
    Return the taxpayer of one line; columns after the fourth, mostly the address, are not kept.

    Missing columns at the end are no fault, one more empty one at the end is usual. With more than that a name holds
    the separator, so that nobody can tell which column is which.

    Raises:
        BadLine: it cannot be used.
    """
    cells = line.translate(None, INVISIBLE).decode(ENCODING).split("|")
    if not len(COLUMNS) <= len(cells) <= columns + 1 or any(cells[columns:]):
        raise BadLine(Fault.COLUMNS)
    number, name, state, condition = (_SPACES.sub(" ", cell).strip(" ")[:TEXT_MAX_LENGTH] for cell in cells[:4])
    try:
        ruc = clean_ruc(number)
    except InvalidRuc:
        raise BadLine(Fault.RUC) from None
    if not name:
        raise BadLine(Fault.NAME)
    return Taxpayer(ruc, name, state, condition)


def doubt_about(taxpayer: Taxpayer | None, *, registered_on: date) -> str | None:
    """
    Return what somebody who files for a RUC should look at again, None if nothing; a warning, never a refusal.

    The register is a copy of a past day, and the law has what is handed in be received.
    """
    day = f"{registered_on:%d/%m/%Y}"
    if taxpayer is None:
        return f"El RUC no figura en el padrón de SUNAT del {day}. Revíselo; si es correcto, puede continuar."
    if not taxpayer.is_active:
        return (
            f"En el padrón de SUNAT del {day} el RUC no está activo: «{taxpayer.state}». "
            "Revíselo; si es correcto, puede continuar."
        )
    return None
