"""What a document selects, with its fragments, directives and arguments resolved as the specification tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    ArgumentNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    Undefined,
    VariableNode,
    VariableValues,
    get_directive_values,
    get_named_type,
    value_from_ast,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from strawberry.utils.str_converters import to_snake_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from graphql import FieldNode, GraphQLSchema

    from resolvers.engine.plans.planning import Readable


class Unplannable(Exception):
    """Something is asked for that is not read by a plan, but plainly."""


@dataclass(frozen=True, slots=True)
class Selected:
    """One field of an answer: the name it has there, and all nodes that ask for it."""

    key: str
    name: str
    field: Any
    """As the schema has it; nothing for the name of a type."""
    nodes: Sequence[FieldNode]

    @property
    def named(self) -> Any:
        """The type of what is below it."""
        return get_named_type(self.field.type)


@dataclass(frozen=True, slots=True)
class Given:
    """An argument: a constant, or the value of a variable, or else its default."""

    variable: str | None
    value: Any

    def at(self, variables: Mapping[str, Any]) -> Any:
        """Return its value."""
        return self.value if self.variable is None else variables.get(self.variable, self.value)


class Selections:
    """What an operation selects if its variables have these values: those of directives and switches count."""

    def __init__(self, schema: GraphQLSchema, readable: Readable, variables: Mapping[str, Any]) -> None:
        """
        Resolve directives.

        Raises:
            Unplannable: what they leave out has arguments, which are judged all the same where it is read plainly.
        """
        self.schema, self.variables = schema, variables
        self._operation, self.fragments = operation, fragments = readable.operation, readable.fragments
        self._details = {name: FragmentDetails(each) for name, each in fragments.items()}
        self._values = VariableValues({}, dict(variables))
        for node in (node for each in (operation, *fragments.values()) for node in _below(each)):
            if getattr(node, "directives", ()) and self._is_left_out(node):
                left = fragments[node.name.value].selection_set if isinstance(node, FragmentSpreadNode) else node
                if any(isinstance(each, ArgumentNode | FragmentSpreadNode) for each in _below(left)):
                    raise Unplannable("arguments of what is left out")

    def _is_left_out(self, node: Any) -> bool:
        skipped = get_directive_values(GraphQLSkipDirective, node, self._values) or {"if": False}
        included = get_directive_values(GraphQLIncludeDirective, node, self._values) or {"if": True}
        return skipped["if"] or not included["if"]

    def fields(self, parent: Any, nodes: Iterable[Any]) -> list[Selected]:
        """Return the fields of *parent* that are selected below *nodes*, in the order in which they are answered."""
        details = [FieldDetails(node, None) for node in nodes]
        found = collect_subfields(self.schema, self._details, self._values, self._operation, parent, details)
        return [
            Selected(key, name := group[0].node.name.value, parent.fields.get(name), [each.node for each in group])
            for key, group in found.grouped_field_set.items()
        ]

    def dictionary(self, parent: Any, nodes: Iterable[Any], value: Callable[[Selected], str]) -> str:
        """Return the expression of a dictionary of what is selected below *nodes*."""
        parts = [
            f"{each.key!r}: {repr(parent.name) if each.name == '__typename' else value(each)}"
            for each in self.fields(parent, nodes)
        ]
        return f"{{{', '.join(parts)}}}"

    def arguments(self, selected: Selected) -> dict[str, Given]:
        """Return by their Python names the arguments that are given or have defaults."""
        given = {argument.name.value: argument.value for argument in selected.nodes[0].arguments or ()}
        found = dict[str, Given]()
        for name, argument in selected.field.args.items():
            node, default = given.get(name), argument.default_value
            if argument.default is not None:
                raise Unplannable("a default that is a literal")
            if isinstance(node, VariableNode):
                found[to_snake_case(name)] = Given(node.name.value, default)
                continue
            if node is not None and any(isinstance(each, VariableNode) for each in _below(node)):
                raise Unplannable("a variable within an argument")
            value = default if node is None else value_from_ast(node, argument.type)
            if value is not Undefined:
                found[to_snake_case(name)] = Given(None, value)
            elif node is not None:
                raise Unplannable("a value that its scalar refuses")
        return found


def _below(node: Any) -> Iterator[Any]:
    """Yield all nodes below, but for what directives are given."""
    for name in node.keys:
        value = getattr(node, name)
        for each in value if isinstance(value, list | tuple) else [value] if hasattr(value, "kind") else []:
            if name != "directives":
                yield each
                yield from _below(each)
