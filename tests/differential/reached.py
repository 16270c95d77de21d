"""What documents came to, so that nothing is left out unseen: fields, arguments, who asked for what, and refusals."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, get_named_type, is_abstract_type, is_composite_type

from resolvers.planned import ROOTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphql import GraphQLSchema

    from tests.differential.documents import Writer


@dataclass
class Reached:
    """
    What was read by plans and found the same.

    A field counts once it had a value, a list once something was in it; an argument counts where there was no error.
    """

    outcomes: Tally[str] = field(default_factory=Tally[str])
    """How many documents were read by plans or plainly, left traces, or met which error."""
    viewers: Tally[str] = field(default_factory=Tally[str])
    roots: Tally[str] = field(default_factory=Tally[str])
    """By who asked, as `clerk: inbox`."""
    refused: Tally[str] = field(default_factory=Tally[str])
    """By who asked, as `stranger: NOT_SIGNED_IN`."""
    seen: Tally[str] = field(default_factory=Tally[str])
    """Fields and arguments, by how many documents showed them."""

    @property
    def planned(self) -> float:
        """The share of documents without errors that were answered by plans."""
        whole = self.outcomes["planned"] + self.outcomes["plain"]
        return self.outcomes["planned"] / whole if whole else 0.0

    def add(self, other: Reached) -> None:
        """Take in what another has reached."""
        self.outcomes += other.outcomes
        self.viewers += other.viewers
        self.roots += other.roots
        self.refused += other.refused
        self.seen += other.seen

    def note_planned(self, who: str, writer: Writer, data: Mapping[str, Any]) -> None:
        """Note what was read by plans."""
        self.roots.update(f"{who}: {root}" for root in writer.roots)
        schema, seen = writer.chances.schema, set(writer.arguments)
        assert schema.query_type is not None
        _walk(writer, schema.query_type, data, seen)
        self.seen.update(seen)


def _walk(writer: Writer, kind: Any, data: Mapping[str, Any], seen: set[str]) -> None:
    kind = writer.chances.schema.type_map[data["__typename"]] if is_abstract_type(kind) else kind
    for key, value in data.items():
        name = writer.aliases.get(key, key)
        if value is None or value == [] or name not in kind.fields:
            continue
        seen.add(f"{kind.name}.{name}")
        if is_composite_type(below := get_named_type(kind.fields[name].type)):
            for each in value if isinstance(value, list) else [value]:
                _walk(writer, below, each, seen)


def reachable(schema: GraphQLSchema) -> set[str]:
    """Return the fields and arguments below all root fields that are planned, as they are noted."""
    assert schema.query_type is not None
    found = set[str]()
    for name in ROOTS:
        public = schema.query_type.fields[name]
        found |= {f"Query.{name}", *_of_field(f"Query.{name}", public)}
        _collect(schema, get_named_type(public.type), found)
    return found


def _collect(schema: GraphQLSchema, kind: Any, found: set[str]) -> None:
    if is_abstract_type(kind):
        for each in schema.get_possible_types(kind):
            _collect(schema, each, found)
    if not isinstance(kind, GraphQLObjectType):
        return
    for name, public in kind.fields.items():
        if (place := f"{kind.name}.{name}") not in found:
            found |= {place, *_of_field(place, public)}
            _collect(schema, get_named_type(public.type), found)


def _of_field(place: str, public: Any) -> Iterator[str]:
    for name, argument in public.args.items():
        yield f"{place}({name})"
        kind = get_named_type(argument.type)
        yield from (f"{kind.name}.{each}" for each in getattr(kind, "fields", ()))
