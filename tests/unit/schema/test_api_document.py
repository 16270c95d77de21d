"""docs/api.md says of every list where it ends, and of every mutation what comes of sending it twice."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from graphql import GraphQLInputObjectType, GraphQLObjectType, build_schema, get_named_type

import schema

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text("utf-8")
BUILT = build_schema(Path(schema.__file__).with_name("schema.graphql").read_text("utf-8"))


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
