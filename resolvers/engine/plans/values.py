"""How values are completed in a builder: as the specification tells, by expressions that are written once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLScalarType,
    get_nullable_type,
    is_non_null_type,
)
from orjson import Fragment
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_argument
from strawberry.types.base import StrawberryOptional
from tortoise import fields as columns

from resolvers.engine.plans.selections import Unplannable

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from strawberry import Schema
    from strawberry.types.field import StrawberryField

    from resolvers.engine.plans.rows import Told
    from resolvers.engine.plans.selections import Selected, Selections

DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF
"""Where the schema keeps what a type or field of it was made of."""

TEXTS = (columns.CharField, columns.TextField)
SMALL = (columns.IntField, columns.SmallIntField)
NAMING = (columns.UUIDField, columns.BigIntField, *SMALL)
"""Columns that an ID is made of by writing it as text."""

INSTANTS = (columns.DatetimeField, columns.DateField)
PLAIN = (*TEXTS, *NAMING, *INSTANTS, columns.BooleanField, columns.BinaryField)
"""Columns that the driver reads as the models do."""


def fail(*_: object) -> NoReturn:
    """Give up: a value is not what it must be, and the plain way finds out what that means."""
    raise Unplannable("a value that was not expected")


@dataclass
class Code:
    """The source of a builder: functions, and what they refer to by name."""

    schema: Schema
    is_ruled: Callable[[str, str], bool]
    native: frozenset[str]
    """Scalars of our own that the encoder of JSON writes as their serializer does, from a column of their kind."""
    selections: Selections
    names: dict[str, Any] = field(default_factory=lambda: {"fail": fail, "fragment": Fragment})
    _count: int = 0

    def name(self, kind: str) -> str:
        """Return a name that nothing has yet."""
        self._count += 1
        return f"{kind}{self._count}"

    def bind(self, thing: Any) -> str:
        """Return the name of *thing* in the source."""
        self.names[name := f"k{id(thing)}"] = thing
        return name

    def function(self, result: str) -> Any:
        """Return the builder, which makes *result* of a part and for a scene."""
        return eval(f"lambda part, scene: {result}", self.names)  # noqa: S307 - names are ours, what a document says is in literals

    def arguments(self, selected: Selected) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """Return what makes of a root field's arguments those that its resolver takes."""
        own = selected.field.extensions[DEFINITION].arguments
        kinds = {each.python_name: each.type for each in own if not _is_simple(each.type)}
        more = self.schema.schema_converter.scalar_registry, self.schema.config

        def convert(given: dict[str, Any]) -> dict[str, Any]:
            for name, kind in kinds.items():
                if given.get(name) is not None:
                    given[name] = convert_argument(given[name], kind, *more)
            return given

        return convert

    def column(self, kind: Any, value: str, told: Told, form: Form | None) -> str:
        """Return the expression that completes a *value* that was told by SQL, in that form."""
        is_required, source, named = is_non_null_type(kind), told.source, get_nullable_type(kind)
        if isinstance(named, GraphQLEnumType):
            return f"{self.bind(_names_of(named, may_be_null=not is_required))}[{value}]"
        if form is None:
            return self.value(kind, self.as_row(value, source))
        made = f"({value} if -2147483648 <= {value} <= 2147483647 else fail())" if form is BIG else value
        if not told.may_be_null:
            return made
        return f"({made} if {value} is not None else {'fail()' if is_required else None})"

    def as_row(self, value: str, source: columns.Field[Any] | None) -> str:
        """Return the expression for a column's *value* as a model has it."""
        return value if source is None or type(source) in PLAIN else f"{self.bind(source.to_python_value)}({value})"

    def value(self, kind: Any, value: str, selected: Selected | None = None) -> str:
        """Return the expression that completes a *value* of Python's."""
        name, is_required = self.name("t"), is_non_null_type(kind)
        made = self._made(get_nullable_type(kind), name, selected)
        return f"({made} if ({name} := {value}) is not None else {'fail()' if is_required else None})"

    def _made(self, kind: Any, value: str, selected: Selected | None) -> str:
        if isinstance(kind, GraphQLList):
            each = self.name("e")
            return f"[{self.value(kind.of_type, each, selected)} for {each} in {value}]"
        if isinstance(kind, GraphQLEnumType):
            return f"{self.bind(_names_of(kind, may_be_null=False))}[{value}]"
        if isinstance(kind, GraphQLScalarType):
            return f"{self.bind(kind.coerce_output_value)}({value})"
        if selected is None or not isinstance(kind, GraphQLObjectType):
            raise Unplannable("an object of a kind that is not known before")
        return self.selections.dictionary(kind, selected.nodes, lambda each: self._field(kind, value, each))

    def _field(self, kind: GraphQLObjectType, value: str, each: Selected) -> str:
        own: StrawberryField = each.field.extensions[DEFINITION]
        if not self.is_ruled(kind.name, each.name):
            raise Unplannable(each.name)
        if (call := own.base_resolver) is None:
            return self.value(each.field.type, f"{value}.{own.python_name}", each)
        taken = signature(call.wrapped_func).parameters  # pyright: ignore[reportArgumentType]
        if own.is_async or own.extensions or call.info_parameter or len(taken) != 1:
            raise Unplannable(each.name)
        return self.value(each.field.type, f"{self.bind(call.wrapped_func)}({value})", each)


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


class Form(NamedTuple):
    """How the database tells a value so that it is answered as it is: as a value, and as JSON without its quotes."""

    text: str
    json: str
    is_quoted: bool = False


_INSTANT = """replace(to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), '.000000', '')"""
# Written faster, and the same unless the microseconds end in a zero, which is left out. Connections are in UTC.
_IN_SHORT = "WHEN date_part('microseconds', {0})::integer % 10 <> 0 THEN to_json({0})::text"
KEY = Form("{0}::text", "{0}", is_quoted=True)
INSTANT = Form(_INSTANT, f"CASE {_IN_SHORT} ELSE to_json({_INSTANT})::text END")
TEXT = Form("{0}", "to_json({0}::text)")
DAY = Form("{0}", "to_json({0})")
PLAINLY = Form("{0}", "{0}::text")
BIG = Form("{0}", "{0}::integer")


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
    if (kind.name == "Int" and column in SMALL) or (kind.name == "Boolean" and column is columns.BooleanField):
        return PLAINLY
    return BIG if kind.name == "Int" and column is columns.BigIntField else None


def _is_simple(kind: Any) -> bool:
    return (kind.of_type if isinstance(kind, StrawberryOptional) else kind) in (int, str, bool, uuid.UUID)
