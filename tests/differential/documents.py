"""Documents made up from the schema by chance: sound ones, odd ones and wrong ones."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from resolvers.engine.execution import Asked

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from graphql import GraphQLField, GraphQLSchema

SIZES, OFTEN = (6, 10, 20, 60), (30, 42, 22, 6)
"""How many fields a document has at most, and how often: what is wrong is found with few, or takes many."""

DEEPEST = 7
SELDOM = 0.03
ODD = "nada"
"""Stands for an id or a field that cannot be: a document that holds it may be in no order."""

GIVEN = {"first": 0.45, "last": 0.45, "number": 0.35, "order": 0.35, "filter": 0.35, "before": 0.2, "withRetired": 0.4}
"""How often an argument is given, if not as often as others."""


@dataclass
class Chances:
    """What documents are made of: roots by how often, and values that exist."""

    schema: GraphQLSchema
    roots: Sequence[str]
    others: Sequence[str]
    """Roots without arguments that are asked for now and then beside them."""
    values: Mapping[str, Sequence[Any]]
    """By the names of arguments and input fields, or of a root and one: values that mean something, and others."""
    asked: Tally[str] = field(default_factory=Tally[str])
    """Fields that were asked for or given, as `Type.field`."""

    def times_asked(self, kind: Any, name: str) -> int:
        """Tell how often a field was asked for, or that field right below it that was asked for least."""
        below = get_named_type(kind.fields[name].type)
        if isinstance(below, GraphQLObjectType):
            return min(self.asked[f"{below.name}.{each}"] for each in below.fields)
        return self.asked[f"{kind.name}.{name}"]


@dataclass
class Writer:
    """Writes one document."""

    chances: Chances
    chance: random.Random
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    definitions: list[str] = field(default_factory=list[str])
    fragments: list[str] = field(default_factory=list[str])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    """Of which field each is; no two are alike."""
    arguments: set[str] = field(default_factory=set[str])
    """What is given, as `Type.field(argument)` and `Input.field`."""
    roots: list[str] = field(default_factory=list[str])
    _fields: int = 0
    _most: int = 0
    _directives: int = 0

    def asked(self) -> Asked:
        """Return a document with its variables."""
        query = self.chances.schema.query_type
        assert query is not None
        [self._most] = self.chance.choices(SIZES, OFTEN)
        self.roots = [self.chance.choice(self.chances.roots) for _ in range(1 if self._is(0.9) else 2)]
        written = [self._field(name, query, 0) for name in self.roots]
        written += [self.chance.choice(self.chances.others)] if self._is(SELDOM) else []
        written += ["__typename"] if self._is(SELDOM) else []
        written += [ODD] if self._is(SELDOM / 3) else []
        given = f"({', '.join(self.definitions)})" if self.definitions else ""
        text = f"query Q{given} {{ {' '.join(written)} }} {' '.join(self.fragments)}"
        return Asked(text, variables=self.variables or None)

    def _is(self, likelihood: float) -> bool:
        return self.chance.random() < likelihood

    def _field(self, name: str, kind: GraphQLObjectType, depth: int) -> str:
        self._fields += 1
        self.chances.asked[f"{kind.name}.{name}"] += 1
        public = kind.fields[name]
        below = get_named_type(public.type)
        is_twice = not depth and self.roots.count(name) > 1
        alias = self._alias(name) if self._is(0.15 if depth else 0.4) or is_twice else ""
        arguments = self._arguments(f"{kind.name}.{name}", public)
        selected = self._selected(below, depth + 1) if is_composite_type(below) else ""
        return f"{alias}{name}{arguments}{self._directive()} {selected}"

    def _alias(self, name: str) -> str:
        if len(self.aliases) >= 25:
            return ""
        alias = f"a{len(self.aliases) + 1}"
        self.aliases[alias] = name
        return f"{alias}: "

    def _directive(self) -> str:
        if self._directives >= 15 or not self._is(0.06):
            return ""
        self._directives += 1
        name = self.chance.choice(("skip", "include"))
        if self._is(0.5):
            return f" @{name}(if: {self.chance.choice(('true', 'false'))})"
        return f" @{name}(if: ${self._variable('Boolean!', self._is(0.5), has_default=self._is(0.3))})"

    def _selected(self, kind: Any, depth: int) -> str:
        if is_abstract_type(kind):
            kinds = self.chances.schema.get_possible_types(kind)
            parts = ["__typename", *(f"... on {each.name} {self._selected(each, depth)}" for each in kinds)]
            return f"{{ {' '.join(parts)} }}"
        names = [name for name in kind.fields if self._may_ask(kind, name, depth)]
        chosen = self._seldom_asked(kind, names)[: self.chance.randint(1, 9)]
        chosen += [name for name in ("edges", "node") if name in names and name not in chosen and self._is(0.9)]
        parts = [self._field(name, kind, depth) for name in chosen]
        if not parts or self._is(0.1):
            parts.append("__typename")
        if self._is(0.1):
            parts.append(self.chance.choice(parts))
        return f"{{ {' '.join(self._wrapped(kind, part) for part in parts)} }}"

    def _seldom_asked(self, kind: Any, names: Sequence[str]) -> list[str]:
        """Return them by chance, what was asked for seldom before what was often."""
        return sorted(names, key=lambda name: self.chance.random() * (1 + self.chances.times_asked(kind, name)))

    def _may_ask(self, kind: GraphQLObjectType, name: str, depth: int) -> bool:
        is_deeper = is_composite_type(get_named_type(kind.fields[name].type))
        return self._fields < self._most and (depth < DEEPEST or not is_deeper)

    def _wrapped(self, kind: GraphQLObjectType, part: str) -> str:
        if not self._is(0.08):
            return part
        within = self.chance.choice((kind.name, "", "fragment", *(each.name for each in kind.interfaces)))
        if within == "fragment":
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {kind.name} {{ {part} }}")
            return f"...{name}{self._directive()}"
        if within in (kind.name, ""):
            return f"... {f'on {within}' if within else ''}{self._directive()} {{ {part} }}"
        return f"{part} ... on {within}{self._directive()} {{ id }}"

    def _arguments(self, where: str, public: GraphQLField) -> str:
        given = dict[str, str]()
        for name, argument in public.args.items():
            is_required = isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined
            likelihood = 0.06 if name == "last" and "first" in given else GIVEN.get(name, 0.12)
            if is_required or self._is(likelihood):
                given[name] = self._value(name, argument.type)
                self.arguments.add(f"{where}({name})")
        told = ", ".join(f"{name}: {value}" for name, value in given.items())
        return f"({told})" if told else ""

    def _value(self, name: str, kind: Any) -> str:
        value = self._made(name, kind)
        if value is None and isinstance(kind, GraphQLNonNull):
            value = 1
        if self._is(0.3):
            return f"${self._variable(str(kind), value, has_default=self._is(0.2))}"
        return self._literal(value, kind)

    def _variable(self, kind: str, value: Any, *, has_default: bool) -> str:
        name = f"v{len(self.definitions)}"
        if has_default and isinstance(value, bool | int):
            self.definitions.append(f"${name}: {kind} = {str(value).lower()}")
            if self._is(0.5):
                return name
        else:
            self.definitions.append(f"${name}: {kind}")
        if kind.endswith("!") or self._is(0.95):
            self.variables[name] = value
        return name

    def _made(self, name: str, kind: Any) -> Any:
        kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if isinstance(kind, GraphQLList):
            return [self._made(name, kind.of_type) for _ in range(self.chance.randint(0, 2))]
        values = self.chances.values
        if (named := f"{self.roots[0]}.{name}") in values and self._is(0.85):
            return self.chance.choice(values[named])
        if name in values:
            return self.chance.choice(values[name])
        if isinstance(kind, GraphQLEnumType):
            return self.chance.choice(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            names = self._seldom_asked(kind, list(kind.fields))[: self.chance.randint(0, 3)]
            self.arguments |= (given := {f"{kind.name}.{each}" for each in names})
            self.chances.asked.update(given)
            return {each: self._made(each, kind.fields[each].type) for each in names}
        return {"Boolean": self._is(0.5), "Int": self.chance.randint(0, 5)}.get(kind.name, ODD)

    def _within(self, value: Any, kind: Any) -> str:
        return (
            f"${self._variable(str(kind), value, has_default=False)}" if self._is(0.05) else self._literal(value, kind)
        )

    def _literal(self, value: Any, kind: Any) -> str:
        kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if value is None:
            return "null"
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, dict):
            fields: dict[str, Any] = value
            parts = [f"{name}: {self._within(each, kind.fields[name].type)}" for name, each in fields.items()]
            return f"{{{', '.join(parts)}}}"
        if isinstance(value, list):
            return f"[{', '.join(self._literal(each, kind.of_type) for each in value)}]"  # pyright: ignore[reportUnknownVariableType]
        if isinstance(kind, GraphQLEnumType):
            return str(value)
        return str(value) if isinstance(value, int) else '"' + value.replace('"', "") + '"'
