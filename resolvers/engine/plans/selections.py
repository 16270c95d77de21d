"""What a document selects, with its fragments, directives and arguments resolved as the specification tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    Undefined,
    VariableNode,
    is_abstract_type,
    value_from_ast,
)
from strawberry.utils.str_converters import to_snake_case

from resolvers.engine.shapes import Asked as AskedField
from resolvers.engine.shapes import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graphql import (
        FragmentDefinitionNode,
        GraphQLArgument,
        GraphQLField,
        GraphQLSchema,
        SelectionNode,
        SelectionSetNode,
    )

SKIPPING = {"skip": True, "include": False}


class Unplannable(Exception):
    """Something is asked for that is not read by a plan, but plainly."""


@dataclass(frozen=True, slots=True)
class Selected:
    """One field of an answer: the name it has there, and all nodes that ask for it."""

    key: str
    name: str
    nodes: tuple[FieldNode, ...]

    @property
    def below(self) -> list[SelectionSetNode]:
        """What is selected below it."""
        return [node.selection_set for node in self.nodes if node.selection_set]


@dataclass(frozen=True, slots=True)
class Given:
    """An argument: a constant, or the value of a variable, or else its default."""

    variable: str | None
    value: Any

    def at(self, variables: Mapping[str, Any]) -> Any:
        """Return its value."""
        return self.value if self.variable is None else variables.get(self.variable, self.value)


class Selections:
    """
    Reads selection sets. Variables that directives or switches go by are looked up once, and noted in `decisive`:
    with other values of those, other things are selected.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
        decisive: set[str],
    ) -> None:
        self.schema = schema
        self._fragments = fragments
        self._variables = variables
        self._decisive = decisive

    def fields(self, parent: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> list[Selected]:
        """Return the fields of *parent* that *sets* select, merged, in the order in which they are answered."""
        grouped: dict[str, list[FieldNode]] = {}
        seen = set[str]()
        for each in sets:
            self._collect(parent, each.selections, grouped, seen)
        return [Selected(key, nodes[0].name.value, tuple(nodes)) for key, nodes in grouped.items()]

    def _collect(
        self,
        parent: GraphQLObjectType,
        selections: Iterable[SelectionNode],
        grouped: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        for node in selections:
            if not self._is_included(node.directives or ()):
                self._refuse_arguments(node)
            elif isinstance(node, FieldNode):
                grouped.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(node.type_condition.name.value, parent):
                    self._collect(parent, node.selection_set.selections, grouped, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self._fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, parent):
                    self._collect(parent, fragment.selection_set.selections, grouped, seen)

    def _applies(self, condition: str, parent: GraphQLObjectType) -> bool:
        kind = self.schema.type_map[condition]
        return kind is parent or (is_abstract_type(kind) and self.schema.is_sub_type(kind, parent))

    def _is_included(self, directives: Iterable[DirectiveNode]) -> bool:
        for directive in directives:
            skipping = SKIPPING.get(directive.name.value)
            if skipping is None:
                raise Unplannable(directive.name.value)
            value = directive.arguments[0].value if directive.arguments else None
            if isinstance(value, VariableNode):
                self._decisive.add(value.name.value)
                is_true = self._variables[value.name.value]
            else:
                is_true = bool(getattr(value, "value", False))
            if is_true is skipping:
                return False
        return True

    def _refuse_arguments(self, node: SelectionNode) -> None:
        """Leave to the plain way what is left out and has arguments: read plainly, they are judged all the same."""
        if isinstance(node, FragmentSpreadNode):
            for each in self._fragments[node.name.value].selection_set.selections:
                self._refuse_arguments(each)
        elif "argument" in set(_kinds(node)) or "fragment_spread" in set(_kinds(node)):
            raise Unplannable("arguments of what is left out")

    def arguments(self, selected: Selected, field: GraphQLField) -> dict[str, Given]:
        """Return by their Python names the arguments that are given or have defaults."""
        given = {argument.name.value: argument.value for argument in selected.nodes[0].arguments or ()}
        found = dict[str, Given]()
        for name, argument in field.args.items():
            default = _default_of(argument)
            node = given.get(name)
            if isinstance(node, VariableNode):
                found[to_snake_case(name)] = Given(node.name.value, default)
            elif node is not None:
                if "variable" in _kinds(node):
                    raise Unplannable("a variable within an argument")
                value = value_from_ast(node, argument.type)
                if value is Undefined:
                    raise Unplannable("a value that its scalar refuses")
                found[to_snake_case(name)] = Given(None, value)
            elif default is not Undefined:
                found[to_snake_case(name)] = Given(None, default)
        return found

    def wanted(self, sets: Iterable[SelectionSetNode]) -> Wanted:
        """Return what *sets* want."""
        return wanted_in(sets, self._fragments)

    def decide(self, given: Given) -> Any:
        """
        Return the value of an argument on which the plan depends.

        Raises:
            Unplannable: it is null, which it may not be: the plain way says so.
        """
        if given.variable is not None:
            self._decisive.add(given.variable)
        if (value := given.at(self._variables)) is None:
            raise Unplannable("null for a switch")
        return value


def wanted_in(sets: Iterable[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]) -> Wanted:
    """Return what *sets* want, whatever directives and conditions say, as `shapes.wanted_of` tells it."""
    wanted = Wanted()
    for node in (node for each in sets for node in each.selections):
        if isinstance(node, FieldNode):
            asked = wanted.fields.setdefault(node.name.value, AskedField())
            below = [node.selection_set] if node.selection_set else []
            _join(asked.below, wanted_in(below, fragments))
        elif isinstance(node, FragmentSpreadNode):
            _join(wanted, wanted_in([fragments[node.name.value].selection_set], fragments))
        elif isinstance(node, InlineFragmentNode):
            _join(wanted, wanted_in([node.selection_set], fragments))
    return wanted


def _join(wanted: Wanted, other: Wanted) -> None:
    for name, asked in other.fields.items():
        _join(wanted.fields.setdefault(name, AskedField()).below, asked.below)


def _default_of(argument: GraphQLArgument) -> Any:
    if argument.default is not None:
        raise Unplannable("a default that is a literal")
    return argument.default_value


def _kinds(node: Any) -> Iterator[str]:
    """Yield the kinds of all nodes below, but for what directives are given."""
    for name in node.keys:
        if name in ("loc", "directives"):
            continue
        value = getattr(node, name)
        for each in value if isinstance(value, list | tuple) else [value] if hasattr(value, "kind") else []:
            yield each.kind
            yield from _kinds(each)
