"""Exports (exportaciones): their columns, and how a value stands in a cell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypeAlias

from rules.workdays import in_lima

Value: TypeAlias = str | int | bool | date | datetime | None
Cells: TypeAlias = tuple[Value, ...]


class ExportFormat(StrEnum):
    """In which form a list is fetched."""

    CSV = "CSV"
    XLSX = "XLSX"

    @property
    def extension(self) -> str:
        """The ending of the file's name."""
        return self.value.lower()


class CellKind(StrEnum):
    """What a column of an export holds."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    DAY = "DAY"
    INSTANT = "INSTANT"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head in Spanish, what it holds, and its width in characters."""

    head: str
    kind: CellKind = CellKind.TEXT
    width: int = 16


COLUMNS: Final = (
    Column("Número de trámite", width=20),
    Column("Estado", width=24),
    Column("Enviado (hora de Lima)", CellKind.INSTANT, 20),
    Column("Fecha de presentación", CellKind.DAY),
    Column("Vence", CellKind.DAY),
    Column("Atrasado", width=10),
    Column("Dependencia", width=32),
    Column("Canal", width=24),
    Column("Tipo de documento"),
    Column("Número de documento", width=20),
    Column("Asunto", width=60),
    Column("Folios", CellKind.NUMBER, 8),
    Column("Remitente", width=36),
    Column("RUC", width=14),
    Column("Razón social", width=36),
    Column("Responsable", width=32),
    Column("Archivo recibido antes", width=14),
    Column("Falta", width=40),
)
"""What a list tells of each trámite: what a desk works with. No identity number, address or mobile leaves this way."""

YES: Final = "sí"
NO: Final = "no"

_COMMANDS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
"""What a cell may begin with to be taken for a formula, in half and full width; and the sign that says it is none."""


def said(value: Value) -> str:
    """Return a value as a text: instants as Lima's clock shows them, days as ISO 8601 writes them."""
    match value:
        case None:
            return ""
        case bool():
            return YES if value else NO
        case datetime():
            return in_lima(value).strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def harmless(text: str) -> str:
    """
    Return a text that no spreadsheet takes for a formula (CWE-1236).

    What begins like one, even after spaces, gets the apostrophe with which spreadsheets mark texts; what begins with
    an apostrophe gets another, so that it can be told from ours and taken off again.
    """
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(_COMMANDS) else text
