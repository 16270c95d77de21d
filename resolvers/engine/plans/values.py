"""How values are completed in a builder: as the specification tells, by expressions that are written once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any, NoReturn

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLScalarType,
    is_abstract_type,
    is_non_null_type,
)
from orjson import Fragment
from strawberry.types.arguments import convert_argument
from strawberry.types.base import StrawberryOptional
from tortoise import fields as columns

from resolvers.engine.plans.selections import Unplannable

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from graphql import FieldNode
    from strawberry import Schema
    from strawberry.types.field import StrawberryField

    from resolvers.engine.plans.places import Told
    from resolvers.engine.plans.selections import Selected, Selections

INT_BITS = "-2147483648 <= {0} <= 2147483647"
TEXTS = (columns.CharField, columns.TextField)
AS_THEY_ARE: dict[str, tuple[type, ...]] = {
    "Int": (columns.IntField, columns.SmallIntField),
    "Boolean": (columns.BooleanField,),
}
"""Scalars that are answered as the driver gives them, by the columns from which they come."""

NAMING = (columns.UUIDField, columns.IntField, columns.SmallIntField, columns.BigIntField)
"""Columns that an ID is made of by writing it as text."""

INSTANTS = (columns.DatetimeField, columns.DateField)
PLAIN = (*TEXTS, *NAMING, *INSTANTS, columns.BooleanField, columns.BinaryField)
"""Columns that the driver reads as the models do."""


class Unexpected(Exception):
    """A value is not what it must be: the plain way finds out what that means."""


def fail(*_: object) -> NoReturn:
    """Give up."""
    raise Unexpected


@dataclass
class Code:
    """The source of a builder: functions, and what they refer to by name."""

    schema: Schema
    is_ruled: Callable[[str, str], bool]
    native: frozenset[str]
    """Scalars of our own that the encoder of JSON writes as their serializer does, from a column of their kind."""
    names: dict[str, Any] = field(default_factory=lambda: {"fail": fail, "fragment": Fragment})
    functions: list[str] = field(default_factory=list[str])
    _bound: dict[int, str] = field(default_factory=dict[int, str])
    _count: int = 0

    def name(self, kind: str) -> str:
        """Return a name that nothing has yet."""
        self._count += 1
        return f"{kind}{self._count}"

    def bind(self, thing: Any) -> str:
        """Return the name of *thing* in the source."""
        if id(thing) not in self._bound:
            self._bound[id(thing)] = self.name("k")
            self.names[self._bound[id(thing)]] = thing
        return self._bound[id(thing)]

    def define(self, arguments: str, result: str) -> str:
        """Return the name of a new function."""
        name = self.name("f")
        self.functions.append(f"def {name}({arguments}):\n return {result}\n")
        return name

    def function(self, result: str) -> Any:
        """Return the builder, which makes *result* of a part and for a scene."""
        name = self.define("part, scene", result)
        exec("\n".join(self.functions), self.names)  # noqa: S102 - names are ours, what a document says is in literals
        return self.names[name]

    def arguments(self, kind: str, name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """Return what makes of a root field's arguments those that its resolver takes."""
        [own] = [each for each in self._definition(kind).fields if self._public_name(each) == name]
        simple = {each.python_name for each in own.arguments if _is_simple(each.type)}
        others = [each for each in own.arguments if each.python_name not in simple]
        registry, config = self.schema.schema_converter.scalar_registry, self.schema.config

        def convert(given: dict[str, Any]) -> dict[str, Any]:
            for each in others:
                if given.get(each.python_name) is not None:
                    given[each.python_name] = convert_argument(given[each.python_name], each.type, registry, config)
            return given

        return convert

    def column(self, kind: Any, value: str, told: Told, form: Form | None) -> str:
        """Return the expression that completes a *value* that was told by SQL, in that form."""
        is_required, source = is_non_null_type(kind), told.source
        named = kind.of_type if is_required else kind
        if isinstance(named, GraphQLEnumType):
            return f"{self.bind(_names_of(named, may_be_null=not is_required))}[{value}]"
        if form is None:
            return self.value(kind, self.as_row(value, source))
        made = f"({value} if {INT_BITS.format(value)} else fail())" if form is BIG else value
        if not told.may_be_null:
            return made
        return f"({made} if {value} is not None else {'fail()' if is_required else None})"

    def as_row(self, value: str, source: columns.Field[Any] | None) -> str:
        """Return the expression for a column's *value* as a model has it."""
        return value if source is None or type(source) in PLAIN else f"{self.bind(source.to_python_value)}({value})"

    def value(
        self,
        kind: Any,
        value: str,
        selections: Selections | None = None,
        selected: Selected | None = None,
    ) -> str:
        """Return the expression that completes a *value* of Python's."""
        name, is_required = self.name("t"), is_non_null_type(kind)
        made = self._made(kind.of_type if is_required else kind, name, selections, selected)
        return f"({made} if ({name} := {value}) is not None else {'fail()' if is_required else None})"

    def _made(self, kind: Any, value: str, selections: Selections | None, selected: Selected | None) -> str:
        if isinstance(kind, GraphQLList):
            item = self.value(kind.of_type, "each", selections, selected)
            return f"{self.define('values', f'[{item} for each in values]')}({value})"
        if isinstance(kind, GraphQLEnumType):
            return f"{self.bind(_names_of(kind, may_be_null=False))}[{value}]"
        if isinstance(kind, GraphQLScalarType):
            return f"{self.bind(kind.coerce_output_value)}({value})"
        if selections is None or selected is None:
            raise Unplannable("an object without what is selected of it")
        if is_abstract_type(kind):
            return f"{self._any_of(kind, selections, selected.nodes)}({value})"
        return f"{self.object(kind, selections, selected.nodes)}({value})"

    def _any_of(self, kind: Any, selections: Selections, nodes: Iterable[FieldNode]) -> str:
        made = {
            self._definition(each.name).origin: self.object(each, selections, nodes)
            for each in self.schema._schema.get_possible_types(kind)  # pyright: ignore[reportPrivateUsage]
        }
        pairs = ", ".join(f"{self.bind(origin)}: {name}" for origin, name in made.items())
        return self.define("value", f"({{{pairs}}}).get(type(value), fail)(value)")

    def object(self, kind: GraphQLObjectType, selections: Selections, nodes: Iterable[FieldNode]) -> str:
        """Return the name of the function that completes an object of the API."""
        fields = {self._public_name(each): each for each in self._definition(kind.name).fields}
        made = selections.dictionary(kind, nodes, lambda each: self._field(kind, fields, each, selections))
        return self.define("value", made)

    def _field(
        self, kind: GraphQLObjectType, fields: dict[str, StrawberryField], each: Selected, selections: Selections
    ) -> str:
        if each.name not in fields or not self.is_ruled(kind.name, each.name):
            raise Unplannable(each.name)
        own = fields[each.name]
        if own.base_resolver is None:
            return self.value(each.field.type, f"value.{own.python_name}", selections, each)
        call, made = own.base_resolver, own.base_resolver.wrapped_func
        taken = signature(made).parameters  # pyright: ignore[reportArgumentType]
        if own.is_async or own.extensions or call.info_parameter or len(taken) != 1:
            raise Unplannable(each.name)
        return self.value(each.field.type, f"{self.bind(made)}(value)", selections, each)

    def _definition(self, name: str) -> Any:
        return self.schema.get_type_by_name(name)

    def _public_name(self, own: StrawberryField) -> str:
        return self.schema.config.name_converter.get_graphql_name(own)


@cache
def _names_of(kind: GraphQLEnumType, *, may_be_null: bool) -> dict[Any, Any]:
    """Return the names of an enum's values, by their members and by what columns hold of them."""
    names = dict[Any, Any]({None: None} if may_be_null else {})
    for name, value in kind.values.items():
        member: Any = value.value
        told = getattr(member, "value", member)
        names[member] = names[told] = name
        names |= {each: name for each in getattr(kind, "wrapped_cls", None) or () if each.value == told}
    return names


@dataclass(frozen=True)
class Form:
    """How the database tells a value so that it is answered as it is: as a value, and as JSON without its quotes."""

    text: str
    json: str
    is_quoted: bool = False


_INSTANT = """replace(to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), '.000000', '')"""
KEY = Form("{0}::text", "{0}::text", is_quoted=True)
INSTANT = Form(_INSTANT, _INSTANT, is_quoted=True)
TEXT = Form("{0}", "to_json({0}::text)::text")
DAY = Form("{0}", "to_json({0})::text")
PLAINLY = Form("{0}", "{0}::text")
BIG = Form("{0}", "{0}::integer::text")


def form_of(kind: Any, source: columns.Field[Any] | None, native: Container[str]) -> Form | None:
    """Return how the database tells what a scalar shows of a column, or of SQL without one; None if Python makes it."""
    if not isinstance(kind, GraphQLScalarType):
        return None
    column, is_text = type(source), kind.coerce_output_value is str
    if source is None or column in TEXTS:
        return TEXT if is_text or kind.name == "String" or (source is not None and kind.name == "ID") else None
    if (kind.name == "ID" and column in NAMING) or (is_text and column is columns.UUIDField):
        return KEY
    if kind.name in native and column in INSTANTS:
        return DAY if column is columns.DateField else INSTANT
    if column in AS_THEY_ARE.get(kind.name, ()):
        return PLAINLY
    return BIG if kind.name == "Int" and column is columns.BigIntField else None


def _is_simple(kind: Any) -> bool:
    return (kind.of_type if isinstance(kind, StrawberryOptional) else kind) in (int, str, bool, uuid.UUID)
