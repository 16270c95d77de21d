"""The table of docs/authorization.md: the one place that says what is expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "authorization.md"

ROLES = ("nobody", "applicant", "clerk", "supervisor", "administrator", "auditor")
SHOWN, ABSENT, EMPTY = "yes", "—", "null"
RELATIONS = "Relations: "
BETWEEN = " · "
OWN = 0
"""The relation that each section names first: what is one's own."""


@dataclass(frozen=True)
class Row:
    """One operation: what is expected by role, for each relation in the order of its section."""

    operation: str
    relations: int
    expected: Mapping[str, tuple[str, ...]]


def read_table(text: str) -> dict[str, Row]:
    """Return all rows by operation; a cell of the wrong number of values is an error."""
    rows = list(_rows(text))
    assert len({row.operation for row in rows}) == len(rows), "an operation stands there twice"
    return {row.operation: row for row in rows}


def _rows(text: str) -> Iterator[Row]:
    relations, is_table = 1, False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("#"):
            relations, is_table = 1, False
        elif line.startswith(RELATIONS):
            relations = line.count(BETWEEN) + 1
        elif line.startswith("| operation"):
            assert tuple(cells[1:]) == ROLES, line
            is_table = True
        elif is_table and line.startswith("| `"):
            values = [_values(cell, relations) for cell in cells[1:]]
            yield Row(cells[0].replace("`", ""), relations, dict(zip(ROLES, values, strict=True)))


def _values(cell: str, relations: int) -> tuple[str, ...]:
    match cell.split(BETWEEN):
        case [alone]:
            return (alone,) * relations
        case [own, others]:
            return (own, *(others,) * (relations - 1))
        case values:
            assert len(values) == relations, cell
            return tuple(values)
