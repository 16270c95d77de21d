"""How large a document may be, and what it costs: judged in one walk that ends at the first limit it meets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    value_from_ast_untyped,
)

from resolvers.engine.costs import (
    CEILING,
    UNKNOWN_LENGTH,
    Cost,
    Factor,
    FieldCost,
    Length,
    Page,
    SchemaCosts,
    given_in,
    length_asked,
)
from resolvers.engine.scanning import too_complex


@dataclass(frozen=True)
class Limits:
    """
    How much there may be in a document.

    Depth, roots and attempts are those of each operation; the others of all together, and of fragments that nothing
    spreads besides. A fragment counts each time that it is spread: whoever looks ahead expands it as often.
    """

    depth: int = 16
    fields: int = 500
    aliases: int = 30
    fragments: int = 60
    directives: int = 20
    roots: int = 10
    operations: int = 20
    overlaps: int = 500
    """Pairs of fields that give one field of the answer; whether both ask for the same is compared pair by pair."""
    attempts: int = 1
    """Secrets tried by one operation: who guesses passwords is slowed down by requests."""
    followed: int = 300
    """Tokens of a document with a subscription: parsed it takes half a kilobyte for each, as long as it is followed."""
    values: int = 2_000
    """In all variables together, in lists and objects too: each is looked at several times, and wrong ones told of."""


LIMITS: Final = Limits()
"""The standard introspection document (depth 15) is within them; nothing else in this API is deeper than six."""

MOST_COST: Final = 30_000
"""Points that one operation may cost."""

Sibling: TypeAlias = tuple[Sequence[SelectionNode], str]
"""Selections, and the type whose fields they are."""


class _Excess(Exception):
    """A limit was met."""


def measure(
    document: DocumentNode, costs: SchemaCosts, limits: Limits = LIMITS
) -> dict[str | None, Cost] | GraphQLError:
    """Return what each operation of a parsed document costs, by its name; an error if the document is too large."""
    try:
        return _Walk(document, costs, limits).whole()
    except _Excess as excess:
        return too_complex(str(excess))


def find_excess_in_values(variables: Mapping[str, Any], limits: Limits = LIMITS) -> GraphQLError | None:
    """Return an error if there are more values in *variables* than may be."""
    count, todo = 0, list[Any]([variables])
    while todo:
        value = todo.pop()
        if isinstance(value, dict | list):
            count += len(value)  # pyright: ignore[reportUnknownArgumentType]
            if count > limits.values:
                return too_complex(f"{limits.values} values in variables")
            todo += value.values() if isinstance(value, dict) else value  # pyright: ignore[reportUnknownArgumentType]
    return None


@dataclass(frozen=True)
class _Weight:
    """How often a level may be answered: a factor, and lengths that variables say; and what the next list may be."""

    factor: int = 1
    lengths: tuple[Length, ...] = ()
    page: Length | None = None


class _Walk:
    """Goes down the document as it would be executed: fields with one name in the answer are one."""

    def __init__(self, document: DocumentNode, costs: SchemaCosts, limits: Limits) -> None:
        self._costs, self._limits = costs, limits
        self._operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._spread = set[str]()
        self._counts = defaultdict[str, int](int)
        self._points = dict[tuple[Factor, ...], int]()

    def whole(self) -> dict[str | None, Cost]:
        """Return what the operations cost, by their names."""
        self._check("operations", len(self._operations))
        found = {each.name.value if each.name else None: self._operation(each) for each in self._operations}
        self._unspread()
        return found

    def _operation(self, node: OperationDefinitionNode) -> Cost:
        self._points = {}
        self._count("directives", len(node.directives or ()))
        top = [(node.selection_set.selections, self._costs.roots.get(node.operation.value, ""))]
        fields = self._fields(top)
        self._check("roots", sum(map(len, fields.values())))
        costs = [self._costs.of(kind, each.name.value) for nodes in fields.values() for each, kind in nodes]
        self._check("attempts", sum(each.is_attempt for each in costs))
        self._below(fields, _Weight(), depth=1)
        fixed = min(self._points.pop((), 0), CEILING)
        return Cost(fixed, tuple((points, lengths) for lengths, points in self._points.items()), _defaults(node))

    def _unspread(self) -> None:
        """Measure the fragments that no operation spreads: what validation costs does not ask for that."""
        for name, fragment in self._fragments.items():
            if name not in self._spread:
                self._spread.add(name)
                self._count("fragments", 1)
                below = (fragment.selection_set.selections, fragment.type_condition.name.value)
                self._below(self._fields([below]), _Weight(), depth=1)

    def _below(self, fields: Mapping[str, list[tuple[FieldNode, str]]], weight: _Weight, *, depth: int) -> None:
        self._check("depth", depth)
        for nodes in fields.values():
            self._count("overlaps", len(nodes) * (len(nodes) - 1) // 2)
            costs = [self._costs.of(kind, node.name.value) for node, kind in nodes]
            own = max(each.own for each in costs) * weight.factor
            self._add(own, weight.lengths)
            for path, points in costs[0].given:
                found = given_in(nodes[0][0], path)
                if found is not False:
                    self._add(points * weight.factor, weight.lengths if found is True else (*weight.lengths, found))
            siblings = [
                (node.selection_set.selections, cost.kind)
                for (node, _), cost in zip(nodes, costs, strict=True)
                if node.selection_set
            ]
            if siblings:
                self._below(self._fields(siblings), _heavier(weight, nodes, costs), depth=depth + 1)

    def _add(self, points: int, factors: tuple[Factor, ...]) -> None:
        self._points[factors] = self._points.get(factors, 0) + points

    def _fields(self, siblings: Sequence[Sibling]) -> dict[str, list[tuple[FieldNode, str]]]:
        """Return the fields of all siblings, by their names in the answer, each with its type."""
        found = dict[str, list[tuple[FieldNode, str]]]()
        for node, kind in self._flat(siblings, ()):
            self._count("fields", 1)
            if node.alias:
                self._count("aliases", 1)
            found.setdefault(node.alias.value if node.alias else node.name.value, []).append((node, kind))
        return found

    def _flat(self, siblings: Sequence[Sibling], within: tuple[str, ...]) -> Iterator[tuple[FieldNode, str]]:
        for selections, kind in siblings:
            for node in selections:
                if node.directives:
                    self._count("directives", len(node.directives))
                if isinstance(node, FieldNode):
                    yield node, kind
                else:
                    self._count("fragments", 1)
                    yield from self._inside(node, kind, within)

    def _inside(self, node: Any, kind: str, within: tuple[str, ...]) -> Iterator[tuple[FieldNode, str]]:
        """Yield the fields of a fragment; none of one that spreads itself, validation refuses it."""
        if isinstance(node, InlineFragmentNode):
            kind = node.type_condition.name.value if node.type_condition else kind
            yield from self._flat([(node.selection_set.selections, kind)], within)
            return
        assert isinstance(node, FragmentSpreadNode)
        name = node.name.value
        fragment = self._fragments.get(name)
        if fragment is not None and name not in within:
            self._spread.add(name)
            below = (fragment.selection_set.selections, fragment.type_condition.name.value)
            yield from self._flat([below], (*within, name))

    def _count(self, what: str, more: int) -> None:
        self._counts[what] += more
        self._check(what, self._counts[what])

    def _check(self, what: str, found: int) -> None:
        most: int = getattr(self._limits, what)
        if found > most:
            raise _Excess(f"{most} {_CALLED.get(what, what)}")


_CALLED = {
    "attempts": "field that tries a secret, for each operation",
    "depth": "levels of depth",
    "overlaps": "pairs of equal fields",
}


def _heavier(weight: _Weight, nodes: Sequence[tuple[FieldNode, str]], costs: Sequence[FieldCost]) -> _Weight:
    """Return how often what is below a field may be answered."""
    cost = next((each for each in costs if each.is_list), costs[0])
    asked = _asked(nodes, cost.page) if cost.page else weight.page
    if not cost.is_list:
        return _Weight(weight.factor, weight.lengths, asked)
    if cost.length is not None:
        return _Weight(_times(weight.factor, max(each.length or 1 for each in costs)), weight.lengths)
    if asked is None:
        return _Weight(_times(weight.factor, UNKNOWN_LENGTH), weight.lengths)
    if asked.names:
        return _Weight(weight.factor, (*weight.lengths, asked))
    return _Weight(_times(weight.factor, asked.most), weight.lengths)


def _asked(nodes: Sequence[tuple[FieldNode, str]], page: Page) -> Length:
    """Return what the fields ask for; should they differ, what is most."""
    asked = {length_asked(node, page) for node, _ in nodes}
    return asked.pop() if len(asked) == 1 else Length(max(each.most for each in asked), page)


def _times(factor: int, length: int) -> int:
    return min(CEILING, factor * length)


def _defaults(node: OperationDefinitionNode) -> dict[str, Any]:
    return {
        each.variable.name.value: value_from_ast_untyped(each.default_value)
        for each in node.variable_definitions or ()
        if each.default_value is not None
    }
