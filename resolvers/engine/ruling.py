"""Deny by default: a field of the schema that nobody ruled is refused to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from graphql import GraphQLError, GraphQLField, GraphQLObjectType, GraphQLSchema

FIELD_WITHOUT_RULE = "FIELD_WITHOUT_RULE"


class Ruling(Protocol):
    """Says whether it is told for whom a field is."""

    def __call__(self, type_name: str, field_name: str, *, interfaces: frozenset[str] = frozenset()) -> bool: ...


def find_unruled(schema: GraphQLSchema, is_ruled: Ruling) -> dict[str, GraphQLField]:
    """Return, by `Type.field`, all fields of roots and other object types about which *is_ruled* says no."""
    return {
        f"{kind.name}.{name}": field
        for kind in object_types(schema)
        for name, field in kind.fields.items()
        if not is_ruled(kind.name, name, interfaces=frozenset(each.name for each in kind.interfaces))
    }


def object_types(schema: GraphQLSchema) -> Iterator[GraphQLObjectType]:
    """Yield the roots and every object type of the schema, but those by which it describes itself."""
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            yield kind


def shut_unruled(schema: GraphQLSchema, is_ruled: Ruling) -> None:
    """Let every field that nobody ruled answer with an error, whatever it would have shown or done."""
    for name, field in find_unruled(schema, is_ruled).items():
        field.resolve = field.subscribe = _refusal(name)


def _refusal(name: str) -> Any:
    def refuse(_source: Any, _info: Any, **_arguments: Any) -> Any:
        raise GraphQLError(f"Nobody may ask for {name} yet.", extensions={"code": FIELD_WITHOUT_RULE})

    return refuse
