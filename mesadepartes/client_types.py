"""TypeScript types of operations, for the editor: what is sent with each, and what comes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    InlineFragmentNode,
    is_abstract_type,
    is_required_input_field,
    type_from_ast,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, SelectionNode, SelectionSetNode
    from graphql.type import GraphQLNamedType, GraphQLType

SCALARS = {"Int": "number", "Float": "number", "Boolean": "boolean"}
"""Those that are not strings in JSON."""

Fields: TypeAlias = "dict[str, tuple[GraphQLType | None, list[SelectionSetNode]]]"
"""By the name in the answer: its type, none for `__typename`, and what is selected of it."""


class Types:
    """The types of one document's operations; enumerations and inputs are named when they are first met."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._named = dict[str, str]()

    def named(self) -> list[str]:
        """Return the declarations that all share, of those operations asked about so far."""
        return [self._named[name] for name in sorted(self._named)]

    def declaration_of(self, operation: OperationDefinitionNode) -> str:
        """Return the declaration of an operation's call."""
        assert operation.name is not None
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        answer = self._object(root, [operation.selection_set])
        variables = "; ".join(self._variables(operation)) or ""
        return f"export declare const {operation.name.value}: Operation<{{ {variables} }}, {answer}>;\n"

    def _variables(self, operation: OperationDefinitionNode) -> Iterable[str]:
        for each in operation.variable_definitions or ():
            kind = type_from_ast(self._schema, each.type)
            assert kind is not None
            may_lack = not isinstance(kind, GraphQLNonNull) or each.default_value is not None
            yield f"{each.variable.name.value}{'?' if may_lack else ''}: {self._text(kind)}"

    def _text(self, kind: GraphQLType, selected: list[SelectionSetNode] | None = None) -> str:
        if isinstance(kind, GraphQLNonNull):
            return self._present(kind.of_type, selected or [])
        return f"{self._present(kind, selected or [])} | null"

    def _present(self, kind: GraphQLType, selected: list[SelectionSetNode]) -> str:
        """Return the type of a value that is not null."""
        match kind:
            case GraphQLList():
                return f"Array<{self._text(kind.of_type, selected)}>"
            case GraphQLScalarType():
                return SCALARS.get(kind.name, "string")
            case GraphQLEnumType():
                self._named.setdefault(
                    kind.name, f"export type {kind.name} = {' | '.join(map(json.dumps, kind.values))};\n"
                )
                return kind.name
            case GraphQLInputObjectType():
                return self._input(kind)
            case GraphQLObjectType() | GraphQLInterfaceType() | GraphQLUnionType():
                return self._composite(kind, selected)
            case _:
                raise AssertionError(kind)

    def _input(self, kind: GraphQLInputObjectType) -> str:
        if kind.name not in self._named:
            self._named[kind.name] = ""  # An input may contain itself.
            fields = "; ".join(
                f"{name}{'' if is_required_input_field(field) else '?'}: {self._text(field.type)}"
                for name, field in kind.fields.items()
            )
            self._named[kind.name] = f"export interface {kind.name} {{ {fields} }}\n"
        return kind.name

    def _composite(
        self, kind: GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType, selected: list[SelectionSetNode]
    ) -> str:
        if isinstance(kind, GraphQLObjectType):
            return self._object(kind, selected)
        alike = dict[str, list[str]]()
        for member in self._schema.get_possible_types(kind):
            alike.setdefault(self._object(member, selected, typename="\0"), []).append(json.dumps(member.name))
        return " | ".join(text.replace("\0", " | ".join(names)) for text, names in alike.items())

    def _object(self, kind: GraphQLObjectType, selected: list[SelectionSetNode], *, typename: str = "") -> str:
        said = typename or json.dumps(kind.name)
        fields = self._fields(kind, selected)
        parts = [
            f"{name}: {said if field is None else self._text(field, inner)}" for name, (field, inner) in fields.items()
        ]
        return "{ " + "; ".join(parts) + " }"

    def _fields(self, kind: GraphQLObjectType, selected: list[SelectionSetNode]) -> Fields:
        found: Fields = {}
        for each in (selection for one in selected for selection in one.selections):
            if isinstance(each, FieldNode):
                self._add(found, kind, each)
            elif (inner := self._condition(each, kind)) is not None:
                for name, (field, sets) in self._fields(kind, [inner]).items():
                    found.setdefault(name, (field, []))[1].extend(sets)
        return found

    def _add(self, found: Fields, kind: GraphQLObjectType, node: FieldNode) -> None:
        name = node.alias.value if node.alias else node.name.value
        field = None if node.name.value == "__typename" else kind.fields[node.name.value].type
        sets = found.setdefault(name, (field, []))[1]
        if node.selection_set:
            sets.append(node.selection_set)

    def _condition(self, node: SelectionNode, kind: GraphQLObjectType) -> SelectionSetNode | None:
        """Return what a fragment selects, if it is about this type."""
        fragment = node if isinstance(node, InlineFragmentNode) else self._fragments[node.name.value]  # pyright: ignore
        on = fragment.type_condition
        named = self._schema.type_map[on.name.value] if on else kind
        return fragment.selection_set if self._is_about(named, kind) else None

    def _is_about(self, named: GraphQLNamedType, kind: GraphQLObjectType) -> bool:
        return named is kind or (is_abstract_type(named) and self._schema.is_sub_type(named, kind))
