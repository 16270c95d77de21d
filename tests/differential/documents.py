"""Documents made up from the schema by chance: sound ones, odd ones and wrong ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from resolvers.engine.execution import Asked

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from graphql import GraphQLField, GraphQLSchema

MOST_FIELDS = 60
DEEPEST = 5
SELDOM = 0.03


@dataclass
class Chances:
    """What documents are made of: roots by how often, fields that are asked for seldom, and values that exist."""

    schema: GraphQLSchema
    roots: Sequence[str]
    others: Sequence[str]
    """Roots without arguments that are asked for now and then beside them."""
    seldom: frozenset[str]
    """Fields, as `Type.field`, that are not read by plans yet."""
    values: Mapping[str, Sequence[Any]]
    """By the names of arguments and input fields: values that mean something, and values that do not."""


@dataclass
class Writer:
    """Writes one document."""

    chances: Chances
    chance: random.Random
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    definitions: list[str] = field(default_factory=list[str])
    fragments: list[str] = field(default_factory=list[str])
    _fields: int = 0
    _aliases: int = 0
    _directives: int = 0

    def asked(self) -> Asked:
        """Return a document with its variables."""
        query = self.chances.schema.query_type
        assert query is not None
        count = 1 if self._is(0.9) else 2
        roots = [self._field("Query", self.chance.choice(self.chances.roots), query, 0) for _ in range(count)]
        if self._is(SELDOM):
            roots.append(self.chance.choice(self.chances.others))
        if self._is(SELDOM):
            roots.append("__typename")
        given = f"({', '.join(self.definitions)})" if self.definitions else ""
        text = f"query Q{given} {{ {' '.join(roots)} }} {' '.join(self.fragments)}"
        return Asked(text, variables=self.variables or None)

    def _is(self, likelihood: float) -> bool:
        return self.chance.random() < likelihood

    def _field(self, parent: str, name: str, kind: GraphQLObjectType, depth: int) -> str:
        self._fields += 1
        public = kind.fields[name]
        alias = ""
        if self._aliases < 25 and self._is(0.15 if depth else 0.4):
            self._aliases += 1
            alias = f"a{self._aliases}: "
        below = get_named_type(public.type)
        selected = self._selected(below, depth + 1) if is_composite_type(below) else ""
        return f"{alias}{name}{self._arguments(public)}{self._directive()} {selected}"

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
            names = list[str]()
            kinds = self.chances.schema.get_possible_types(kind)
            parts = ["__typename", *(f"... on {each.name} {self._selected(each, depth)}" for each in kinds)]
            return f"{{ {' '.join(parts + names)} }}"
        names = [name for name in kind.fields if self._may_ask(kind, name, depth)]
        chosen = self.chance.sample(names, self.chance.randint(1, min(len(names), 9))) if names else []
        if "edges" in kind.fields and "edges" not in chosen and self._is(0.9):
            chosen.append("edges")
        if "node" in kind.fields and "node" not in chosen and self._is(0.9):
            chosen.append("node")
        parts = [self._field(kind.name, name, kind, depth) for name in chosen]
        if not parts or self._is(0.1):
            parts.append("__typename")
        if self._is(0.1):
            parts.append(self.chance.choice(parts))
        return f"{{ {' '.join(self._wrapped(kind, part) for part in parts)} }}"

    def _may_ask(self, kind: GraphQLObjectType, name: str, depth: int) -> bool:
        if f"{kind.name}.{name}" in self.chances.seldom and not self._is(SELDOM / 3):
            return False
        is_deeper = is_composite_type(get_named_type(kind.fields[name].type))
        return self._fields < MOST_FIELDS and (depth < DEEPEST or not is_deeper)

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
        return f"... on {within}{self._directive()} {{ id }}"

    def _arguments(self, public: GraphQLField) -> str:
        given = list[str]()
        for name, argument in public.args.items():
            is_required = isinstance(argument.type, GraphQLNonNull) and argument.default_value is None
            if is_required or self._is(0.35 if name in ("first", "last", "number", "order") else 0.12):
                given.append(f"{name}: {self._value(name, argument.type)}")
        if not given and "number" in public.args:
            given.append(f"number: {self._value('number', public.args['number'].type)}")
        return f"({', '.join(given)})" if given else ""

    def _value(self, name: str, kind: Any) -> str:
        value = self._made(name, kind)
        if value is None and isinstance(kind, GraphQLNonNull):
            value = 1
        if self._is(0.3):
            return f"${self._variable(str(kind), value, has_default=self._is(0.2))}"
        return self._literal(value, kind)

    def _variable(self, kind: str, value: Any, *, has_default: bool) -> str:
        name = f"v{len(self.definitions)}"
        plain: Any = None
        if has_default and isinstance(value, bool | int):
            self.definitions.append(f"${name}: {kind} = {str(value).lower()}")
            if self._is(0.5):
                return name
        else:
            self.definitions.append(f"${name}: {kind}")
        if plain is None and (kind.endswith("!") or self._is(0.95)):
            self.variables[name] = value
        return name

    def _made(self, name: str, kind: Any) -> Any:
        kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if isinstance(kind, GraphQLList):
            return [self._made(name, kind.of_type) for _ in range(self.chance.randint(0, 2))]
        if name in self.chances.values:
            return self.chance.choice(self.chances.values[name])
        if isinstance(kind, GraphQLEnumType):
            return self.chance.choice(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            names = self.chance.sample(list(kind.fields), self.chance.randint(0, 2))
            return {each: self._made(each, kind.fields[each].type) for each in names}
        return {"Boolean": self._is(0.5), "Int": self.chance.randint(0, 5)}.get(kind.name, "nada")

    def _literal(self, value: Any, kind: Any) -> str:
        kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if value is None:
            return "null"
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, dict):
            fields: dict[str, Any] = value
            parts = [f"{name}: {self._literal(each, kind.fields[name].type)}" for name, each in fields.items()]
            return f"{{{', '.join(parts)}}}"
        if isinstance(value, list):
            return f"[{', '.join(self._literal(each, kind.of_type) for each in value)}]"  # pyright: ignore[reportUnknownVariableType]
        if isinstance(kind, GraphQLEnumType):
            return str(value)
        return str(value) if isinstance(value, int) else '"' + value.replace('"', "") + '"'
