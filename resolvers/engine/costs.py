"""
What a document may cost, declared: one point for each field, as often as the lists above it may be long.

How long a list may be is what the client asks for by `first` or `last`, or what the table of costs knows of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)

CEILING: Final = 10**9
PAGING: Final = ("first", "last")
PAGED: Final = ("Connection", "Content")
"""How the names of types end whose lists are as long as the field that gives them was asked for."""

PAGE_LENGTH: Final = 20
PAGE_MOST: Final = 100
UNKNOWN_LENGTH: Final = 100
"""How long a list is taken to be of which nobody knows; a test finds those."""

DESCRIPTION: Final = 1_000
DESCRIBED_LENGTH: Final = 1
"""The schema describes itself for a fixed price, where it does at all: not in production."""


@dataclass(frozen=True)
class CostTable:
    """What the schema does not say of itself, by `Type.field`."""

    lists: Mapping[str, int] = field(default_factory=dict[str, int])
    """How long lists without `first` or `last` may be, and how many events of a subscription are read at once."""
    counted: Mapping[str, str] = field(default_factory=dict[str, str])
    """Lists that are as long as what one argument holds, and its name."""
    pages: Mapping[str, int] = field(default_factory=dict[str, int])
    """What `first` and `last` may be, or such an argument may hold, at most where that is not 100."""
    own: Mapping[str, int] = field(default_factory=dict[str, int])
    """What fields cost themselves that cost more than one point."""
    given: Mapping[str, int] = field(default_factory=dict[str, int])
    """What is paid besides for what a field is given, by `Type.field.argument`, or `.field` of an argument further."""
    attempts: frozenset[str] = frozenset()
    """Fields that try something secret: a password, a code, a key."""


@dataclass(frozen=True)
class Page:
    """How much can be asked for, and by which arguments: numbers, or a list."""

    default: int
    most: int
    arguments: tuple[str, ...] = PAGING


@dataclass(frozen=True)
class FieldCost:
    """What is known of one field of the schema."""

    kind: str
    """The name of the type of what it gives."""
    own: int = 1
    is_list: bool = False
    length: int | None = None
    page: Page | None = None
    is_attempt: bool = False
    given: tuple[tuple[tuple[str, ...], int], ...] = ()
    """What is paid besides for what it is given, by the names that lead there."""


UNKNOWN: Final = FieldCost("")


@dataclass(frozen=True)
class Length:
    """How long a list may be, given the variables."""

    fixed: int
    page: Page
    names: tuple[str, ...] = ()
    """Variables that say so."""

    def at(self, variables: Mapping[str, Any]) -> int:
        """Return it for these values; for one that is neither a number nor null, the most."""
        if len(self.names) == 1 and type(number := variables.get(self.names[0])) is int:
            return max(1, min(self.fixed + max(0, number), self.page.most))
        given = [_count(variables[name]) for name in self.names if variables.get(name) is not None]
        if not given and not self.fixed:
            return self.page.default
        numbers = [max(0, each) for each in given if isinstance(each, int)]
        if len(numbers) < len(given):
            return self.page.most
        return max(1, min(self.fixed + sum(numbers), self.page.most))

    @property
    def most(self) -> int:
        """How long it may be whatever the variables are."""
        return self.page.most if self.names else self.at({})


@dataclass(frozen=True)
class Given:
    """Whether something is given that is paid for: once, or not at all."""

    variable: str
    path: tuple[str, ...]
    """Where in the variable it stands."""
    most: int = 1

    def at(self, variables: Mapping[str, Any]) -> int:
        """Return it for these values."""
        value: Any = variables.get(self.variable)
        for name in self.path:
            value = value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return int(value is not None)


Factor: TypeAlias = Length | Given


@dataclass(frozen=True)
class Cost:
    """What one operation costs: some points, and more with some variables."""

    fixed: int = 0
    varying: tuple[tuple[int, tuple[Factor, ...]], ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The values of variables that are not given."""

    def at(self, variables: Mapping[str, Any] | None) -> int:
        """Return the points with these variables."""
        if not self.varying:
            return self.fixed
        return self._sum({**self.defaults, **(variables or {})})

    @property
    def most(self) -> int:
        """The points whatever the variables are."""
        return self._sum(None)

    def _sum(self, variables: Mapping[str, Any] | None) -> int:
        points = self.fixed
        for each, lengths in self.varying:
            product = each
            for length in lengths:
                product *= length.most if variables is None else length.at(variables)
            points += product
        return min(points, CEILING)


class SchemaCosts:
    """What the fields of a schema cost, looked up by type and name."""

    def __init__(self, schema: GraphQLSchema, table: CostTable) -> None:
        self._table = table
        self._given = defaultdict[str, list[tuple[tuple[str, ...], int]]](list)
        for key, points in table.given.items():
            kind, name, *path = key.split(".")
            self._given[f"{kind}.{name}"].append((tuple(path), points))
        self._fields = {
            name: {each: self._of(name, each, found) for each, found in kind.fields.items()}
            for name, kind in schema.type_map.items()
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        }
        self.roots = {
            operation: kind.name
            for operation, kind in (
                ("query", schema.query_type),
                ("mutation", schema.mutation_type),
                ("subscription", schema.subscription_type),
            )
            if kind is not None
        }
        for name, costs in _MEANS_OF_DESCRIPTION.items():
            self._fields.setdefault(self.roots.get("query", ""), {})[name] = costs

    def of(self, kind: str, name: str) -> FieldCost:
        """Return what is known of a field; of one that does not exist nothing, validation refuses it."""
        return self._fields.get(kind, _NONE).get(name, UNKNOWN)

    def unknown_lengths(self) -> list[str]:
        """Return, as `Type.field`, the lists of objects of which nobody knows how long they may be."""
        return [
            f"{kind}.{name}"
            for kind, fields in self._fields.items()
            for name, each in fields.items()
            if each.is_list and each.length is None and each.page is None and not kind.endswith(PAGED)
        ]

    def _of(self, kind: str, name: str, found: GraphQLField) -> FieldCost:
        key, gives = f"{kind}.{name}", get_named_type(found.type)
        is_list = isinstance(get_nullable_type(found.type), GraphQLList) and not is_leaf_type(gives)
        is_list = is_list or key in self._table.lists
        return FieldCost(
            kind=gives.name,
            own=self._table.own.get(key, 1),
            is_list=is_list,
            length=self._table.lists.get(key, DESCRIBED_LENGTH if kind.startswith("__") else None),
            page=self._page(key, found),
            is_attempt=key in self._table.attempts,
            given=tuple(self._given.get(key, ())),
        )

    def _page(self, key: str, found: GraphQLField) -> Page | None:
        if (counted := self._table.counted.get(key)) is not None:
            return Page(PAGE_MOST, self._table.pages.get(key, PAGE_MOST), (counted,))
        if not any(name in found.args for name in PAGING):
            return None
        defaults = [_default_of(found.args[name]) for name in PAGING if name in found.args]
        default = next((each for each in defaults if isinstance(each, int)), PAGE_LENGTH)
        return Page(default, self._table.pages.get(key, PAGE_MOST))


_NONE: Final[dict[str, FieldCost]] = {}
_MEANS_OF_DESCRIPTION = {"__schema": FieldCost("__Schema", DESCRIPTION), "__type": FieldCost("__Type", DESCRIPTION)}


def _default_of(argument: GraphQLArgument) -> object:
    """Return what an argument is if it is left out, whether the schema was built from types or from text."""
    literal = argument.default.literal if argument.default else None
    return int(literal.value) if isinstance(literal, IntValueNode) else argument.default_value


def length_asked(node: FieldNode, page: Page) -> Length:
    """Return how much a field asks for."""
    fixed, names = 0, list[str]()
    for argument in node.arguments or ():
        if argument.name.value in page.arguments:
            value = argument.value
            if isinstance(value, VariableNode):
                names.append(value.name.value)
            elif isinstance(value, IntValueNode):
                fixed += page.most if len(value.value) > len(str(CEILING)) else max(1, int(value.value))
            elif isinstance(value, ListValueNode):
                fixed += max(1, len(value.values))
    return Length(fixed, page, tuple(names))


def given_in(node: FieldNode, path: tuple[str, ...]) -> Given | bool:
    """Return whether a field is given what the names lead to, or by which variable it may be."""
    first, *further = path
    value: object = next((each.value for each in node.arguments or () if each.name.value == first), None)
    while not isinstance(value, VariableNode) and further:
        name, *further = further
        fields = value.fields if isinstance(value, ObjectValueNode) else ()
        value = next((each.value for each in fields if each.name.value == name), None)
    if isinstance(value, VariableNode):
        return Given(value.name.value, tuple(further))
    return not isinstance(value, NullValueNode | None)


def _count(value: object) -> object:
    return len(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType]
