"""The committed schema is what the code says, and says everything in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
)

import schema
from resolvers.root import print_sdl

COMMITTED = Path(schema.__file__).with_name("schema.graphql")


def test_committed_schema_is_what_the_code_says() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == print_sdl(), "print it anew: python -m mesadepartes sdl"


def parts_of(built: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    for name, kind in built.type_map.items():
        if name.startswith("__") or name in ("Int", "String", "Boolean", "ID", "Float"):
            continue
        yield name, kind
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{name}.{value}", each) for value, each in kind.values.items())
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field
                for argument, each in getattr(field, "args", {}).items():
                    yield f"{name}.{field_name}({argument})", each


def test_everything_is_described() -> None:
    built = build_schema(COMMITTED.read_text(encoding="utf-8"))

    assert [name for name, part in parts_of(built) if not part.description] == []


def test_every_mutation_answers_with_one_success_and_refusals_that_share_the_interface() -> None:
    built = build_schema(COMMITTED.read_text(encoding="utf-8"))
    assert built.mutation_type is not None
    refusal = built.type_map["Refusal"]
    for name, field in built.mutation_type.fields.items():
        union = getattr(field.type, "of_type", field.type)
        assert isinstance(union, GraphQLUnionType), name
        assert union.name == f"{name[0].upper()}{name[1:]}Result"
        others = [member for member in union.types if refusal not in member.interfaces]
        assert [member.name for member in others] == [f"{name[0].upper()}{name[1:]}Success"]


def test_mutations_take_one_input() -> None:
    built = build_schema(COMMITTED.read_text(encoding="utf-8"))
    assert built.mutation_type is not None

    assert {
        name: list(field.args) for name, field in built.mutation_type.fields.items() if list(field.args) != ["input"]
    } == {"signOut": [], "endOtherSessions": [], "stopAccountClosure": [], "retryTexts": []}


def test_what_has_an_id_is_a_node_and_every_id_that_is_told_is_an_id() -> None:
    """Else: two types would be one object to clients that keep objects by their ids (Relay)."""
    built = build_schema(COMMITTED.read_text(encoding="utf-8"))
    node = built.type_map["Node"]
    kinds = [kind for kind in built.type_map.values() if isinstance(kind, GraphQLObjectType)]

    assert [kind.name for kind in kinds if "id" in kind.fields and node not in kind.interfaces] == []
    assert [
        f"{kind.name}.{name}"
        for kind in kinds
        for name, field in kind.fields.items()
        if str(field.type).rstrip("!") == "UUID"
    ] == []
