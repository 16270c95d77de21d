"""Which fields an operation asks for, whatever their names in the answer: found in one pass over the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    get_named_type,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from graphql import (
        FragmentDefinitionNode,
        GraphQLNamedType,
        GraphQLSchema,
        OperationDefinitionNode,
        SelectionNode,
        SelectionSetNode,
    )


def asked_fields(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    *,
    as_one: Collection[str] = (),
) -> frozenset[tuple[str, str]]:
    """
    Return, by the name of the object type and its own, every field that a valid *operation* could be answered with.

    What is asked of an interface is asked of each type that has it, but of those that are taken *as_one*, which are
    named themselves. What the schema says of itself is left out.
    """
    return frozenset(_Walk(schema, fragments, as_one).fields_of(operation))


class _Walk:
    """Goes through each selection once, and through each fragment once however often it is spread."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], as_one: Collection[str]
    ) -> None:
        self._schema, self._as_one = schema, as_one
        self._fragments = fragments
        self._todo: list[tuple[GraphQLNamedType, SelectionSetNode]] = []

    def fields_of(self, operation: OperationDefinitionNode) -> Iterator[tuple[str, str]]:
        root = self._schema.get_root_type(operation.operation)
        assert root is not None, "the document was validated"
        spread = set[str]()
        self._todo.append((root, operation.selection_set))
        while self._todo:
            parent, selected = self._todo.pop()
            for node in selected.selections:
                yield from self._take(parent, node, spread)

    def _take(self, parent: GraphQLNamedType, node: SelectionNode, spread: set[str]) -> Iterator[tuple[str, str]]:
        match node:
            case FieldNode() if not node.name.value.startswith("__"):
                yield from self._field(parent, node)
            case InlineFragmentNode():
                condition = node.type_condition
                self._todo.append(
                    (self._schema.type_map[condition.name.value] if condition else parent, node.selection_set)
                )
            case FragmentSpreadNode() if node.name.value not in spread:
                spread.add(node.name.value)
                fragment = self._fragments[node.name.value]
                self._todo.append((self._schema.type_map[fragment.type_condition.name.value], fragment.selection_set))
            case _:
                pass

    def _field(self, parent: GraphQLNamedType, node: FieldNode) -> Iterator[tuple[str, str]]:
        assert isinstance(parent, GraphQLObjectType | GraphQLInterfaceType), "the document was validated"
        is_one = isinstance(parent, GraphQLObjectType) or parent.name in self._as_one
        owners = [parent] if is_one else self._schema.get_possible_types(parent)  # pyright: ignore[reportArgumentType]
        yield from ((owner.name, node.name.value) for owner in owners)
        if node.selection_set is not None:
            self._todo.append((get_named_type(parent.fields[node.name.value].type), node.selection_set))
