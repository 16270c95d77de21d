"""The table of docs/authorization.md: the one place that says what is expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "authorization.md"

ROLES = ("nobody", "applicant", "clerk", "supervisor", "administrator", "auditor")
SHOWN, ABSENT, EMPTY = "yes", "—", "null"
FOR_PROGRAMS = "## What programs read"
RELATIONS = "Relations: "
BETWEEN = " · "
OWN = 0
"""The relation that each section names first: what is one's own."""

PROGRAM = "program"
"""Who comes with a service token. They have a table of their own, for nearly all is shut to them."""


@dataclass(frozen=True)
class Row:
    """One operation: what is expected by role, for each relation in the order of its section."""

    operation: str
    relations: int
    expected: Mapping[str, tuple[str, ...]]


def read_table(text: str) -> dict[str, Row]:
    """Return all rows by operation; a cell of the wrong number of values is an error."""
    rows, open_ = list(_rows(text)), dict(_open_to_programs(text))
    assert len({row.operation for row in rows}) == len(rows), "an operation stands there twice"
    assert open_.keys() <= {row.operation for row in rows}, "a program may do what stands nowhere else"
    return {row.operation: _with_programs(row, open_.get(row.operation)) for row in rows}


def _with_programs(row: Row, cell: str | None) -> Row:
    shut = "PROGRAMS_ONLY_READ" if row.operation.startswith("Mutation.") else "OUT_OF_SCOPE"
    return replace(row, expected={**row.expected, PROGRAM: _values(cell or shut, row.relations)})


def _open_to_programs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split(FOR_PROGRAMS)[1].split("\n## ")[0].splitlines():
        if line.startswith("| `"):
            operation, cell = (each.strip() for each in line.strip("|").split("|"))
            yield operation.replace("`", ""), cell


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
        elif line.startswith("| read by programs"):
            is_table = False
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
