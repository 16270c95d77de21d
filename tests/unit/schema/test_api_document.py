"""docs/api.md says of every list where it ends, and of every mutation what comes of sending it twice."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path

from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLScalarType, get_named_type

import resolvers
from resolvers.engine.limits import LIMITS, MOST_COST
from resolvers.engine.messages import MESSAGE_BYTES, Close
from resolvers.engine.requests import BODY_BYTES
from resolvers.engine.scanning import TEXT_LIMITS
from rules.operations import BudgetExhausted, TooManyOperations
from rules.service_tokens import Scope
from tests.sdl import published_schema

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text("utf-8")
BUILT = published_schema()


def table_after(heading: str, *, column: int) -> dict[str, list[str]]:
    """Return, by the first cell of each row of the first table after a heading, what a column names as code."""
    lines = PAGE.split(f"\n{heading}\n")[1].splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("| ")]
    return {row[0].strip(): re.findall(r"`([\w.]+)`", row[column]) for row in rows[1 : _end(lines, rows)]}


def _end(lines: list[str], rows: list[list[str]]) -> int:
    """Return how many rows the first table has: it ends with the first line that is none."""
    begin = next(index for index, line in enumerate(lines) if line.startswith("| "))
    return next((index for index, line in enumerate(lines[begin:]) if not line.startswith("|")), len(rows)) - 1


def test_every_list_that_is_no_connection_is_said_to_end() -> None:
    told = [name for names in table_after("## Lists", column=0).values() for name in names if "." in name]
    refusal = BUILT.type_map["Refusal"]
    lists = [
        f"{'Refusal' if refusal in kind.interfaces and name == 'path' else kind.name}.{name}"
        for kind in BUILT.type_map.values()
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")
        for name, field in kind.fields.items()
        if "[" in str(field.type) and name != "edges"
    ]

    assert sorted(told) == sorted(set(lists))


def test_every_mutation_is_said_what_comes_of_sending_it_twice() -> None:
    assert BUILT.mutation_type is not None
    kinds = table_after("### Asked twice", column=1)
    told = Counter(name for names in kinds.values() for name in names)

    assert told == Counter(list(BUILT.mutation_type.fields))


def test_what_makes_something_has_a_key_and_what_has_a_key_makes_something() -> None:
    assert BUILT.mutation_type is not None
    keyed = [
        name
        for name, field in BUILT.mutation_type.fields.items()
        for argument in field.args.values()
        if isinstance(given := get_named_type(argument.type), GraphQLInputObjectType) and "clientKey" in given.fields
    ]

    assert sorted(table_after("### Asked twice", column=1)["makes"]) == sorted(keyed)


def rows_after(heading: str, first_cell: str) -> list[list[str]]:
    """Return the rows of the table after a heading whose first cell is named."""
    lines = PAGE.split(f"\n{heading}\n")[1].splitlines()
    begin = next(index for index, line in enumerate(lines) if line.startswith(f"| {first_cell} |")) + 2
    rows = itertools.takewhile(lambda line: line.startswith("|"), lines[begin:])
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def numbers_in(text: str) -> list[int]:
    """Return the numbers of a cell, as they are written with commas."""
    return [int(each.replace(",", "")) for each in re.findall(r"\d[\d,]*", text)]


def test_the_limits_are_those_that_hold() -> None:
    told = {what: numbers_in(most) for what, most in rows_after("## Limits, costs and time", "What")}

    assert told == {
        "body of a request": [BODY_BYTES // 1024],
        "tokens": [TEXT_LIMITS.tokens, TEXT_LIMITS.arguments],
        "characters in strings and comments": [TEXT_LIMITS.characters],
        "spaces, commas and ends of lines": [TEXT_LIMITS.blanks],
        "brackets open at once": [TEXT_LIMITS.nesting],
        "depth": [LIMITS.depth],
        "fields, fragments expanded": [LIMITS.fields],
        "aliases": [LIMITS.aliases],
        "fragments spread": [LIMITS.fragments],
        "directives": [LIMITS.directives],
        "tokens of a document with a subscription": [LIMITS.followed],
        "values in variables, those in lists and objects too": [LIMITS.values],
        "roots of an operation": [LIMITS.roots],
        "operations in a document": [LIMITS.operations],
        "pairs of equal fields beside each other": [LIMITS.overlaps],
        "fields that try a secret (`signIn`, `publicStatus` …)": [LIMITS.attempts],
        "points of cost": [MOST_COST],
    }


def test_every_status_is_told_with_its_codes() -> None:
    told = {
        (status, code)
        for statuses, codes, _ in rows_after("## HTTP", "status")
        for status, code in zip(*_paired(numbers_in(statuses), re.findall(r"`(\w+)`", codes)), strict=True)
    }
    source = "".join(each.read_text("utf-8") for each in Path(resolvers.__file__).parent.glob("engine/*.py"))
    refused = {(int(status), code) for status, code in re.findall(r'Refused\(\s*(\d+),\s*"(\w+)"', source)}

    hasty = {(429, refusal.code) for refusal in (BudgetExhausted, TooManyOperations)}
    assert told == refused | {(400, "BAD_REQUEST")} | hasty


def _paired(statuses: list[int], codes: list[str]) -> tuple[list[int], list[str]]:
    """Return a status for each code: there is one for each, or one for all."""
    return statuses * len(codes) if len(statuses) == 1 else statuses, codes


def test_every_code_with_which_a_socket_is_closed_is_told() -> None:
    told = rows_after("### graphql-transport-ws", "code")

    assert sorted(number for code, *_ in told for number in numbers_in(code)) == sorted(Close)
    [[_, too_big, _]] = [row for row in told if row[0] == str(int(Close.TOO_BIG))]
    assert numbers_in(too_big) == [MESSAGE_BYTES // 1024]


def test_every_scope_and_every_scalar_is_told() -> None:
    scalars = {name for name, kind in BUILT.type_map.items() if isinstance(kind, GraphQLScalarType)}
    told = {name for cell, *_ in rows_after("## Scalars", "scalar") for name in re.findall(r"`(\w+)`", cell)}

    assert told == scalars - {"Boolean", "Float", "Int", "String"}
    assert [re.findall(r"`(\w+)`", row[0]) for row in rows_after("## Reporting tools", "scope")] == [
        [scope.name] for scope in Scope
    ]
