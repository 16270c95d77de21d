"""What the pages' operations become: calls for their modules, types for the editor, a list of trusted documents."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphql import (
    FragmentDefinitionNode,
    NoDeprecatedCustomRule,
    OperationDefinitionNode,
    Source,
    Visitor,
    build_schema,
    concat_ast,
    parse,
    print_ast,
    specified_rules,
    validate,
    visit,
)
from graphql.utilities import strip_ignored_characters

from mesadepartes.client_types import Types

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

    from graphql import DocumentNode, FragmentSpreadNode, GraphQLSchema

CALLS, TYPES, TRUSTED = "app/api.gen.js", "app/api.gen.d.ts", "operations/trusted.json"
FIRST, FIRST_CALLS, FIRST_TYPES = "session.graphql", "app/session.gen.js", "app/session.gen.d.ts"
"""What every visit asks has a module of its own: the others' ids are half of what one comes with, and can wait."""
NOTE = "// Written by `mesadepartes operations` from web/operations/*.graphql; change those.\n"
OPERATION_TYPE = (
    "export interface Operation<V, D> { name: string; kind: 'query' | 'mutation' | 'subscription'; id: string; "
    "readonly types?: [V, D] }\n"
)


class WrongOperations(Exception):
    """The operations do not fit the schema; says which, and where."""


@dataclass(frozen=True)
class Call:
    """One operation: its name, query, mutation or subscription, its document as it is sent and trusted, its file."""

    name: str
    kind: str
    text: str
    file: str

    @property
    def id(self) -> str:
        """The SHA-256 of the document, by which it is asked for."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def line(self) -> str:
        """What its module says of it."""
        return f"export const {self.name} = {{ name: '{self.name}', kind: '{self.kind}', id: '{self.id}' }};\n"


def written_files(folder: Traversable, sdl: str) -> dict[str, str]:
    """
    Return the files that follow from the operations in *folder*, by their paths below the pages' folder.

    Raises:
        WrongOperations: one is not valid, has no name, or uses what is deprecated.
    """
    schema = build_schema(sdl)
    document = _read(folder, schema)
    calls = _calls_of(document)
    types = Types(schema, document)
    declared = [types.declaration_of(each) for each in _operations(document)]
    first = [each for each in calls if each.file == FIRST]
    return {
        CALLS: f"{NOTE}export * from './session.gen.js';\n"
        + "".join(each.line for each in calls if each.file != FIRST),
        TYPES: NOTE + OPERATION_TYPE + "".join([*types.named(), *declared]),
        FIRST_CALLS: NOTE + "".join(each.line for each in first),
        FIRST_TYPES: f"{NOTE}export {{ {', '.join(each.name for each in first)} }} from './api.gen.js';\n",
        TRUSTED: json.dumps({c.id: c.text for c in calls}, ensure_ascii=False, indent=1) + "\n",
    }


def _read(folder: Traversable, schema: GraphQLSchema) -> DocumentNode:
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".graphql")), key=lambda each: each.name)
    document = concat_ast([parse(Source(each.read_text(encoding="utf-8"), each.name)) for each in files])
    errors = validate(schema, document, [*specified_rules, NoDeprecatedCustomRule])
    found = [f"{error.message}\n{print_ast(error.nodes[0])}" for error in errors if error.nodes]
    found += ["An operation has no name." for each in _operations(document) if each.name is None]
    if found:
        raise WrongOperations("\n\n".join(found))
    return document


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]


def _calls_of(document: DocumentNode) -> list[Call]:
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    calls = list[Call]()
    for operation in _operations(document):
        assert operation.name is not None
        used = _used(operation, fragments)
        text = strip_ignored_characters("\n".join(print_ast(each) for each in (operation, *used)))
        file = operation.loc.source.name if operation.loc else ""
        calls.append(Call(operation.name.value, operation.operation.value, text, file))
    return calls


def _used(
    node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> list[FragmentDefinitionNode]:
    """Return the fragments that an operation reaches, each once, in the order in which they are met."""
    found = dict[str, FragmentDefinitionNode]()
    waiting: list[OperationDefinitionNode | FragmentDefinitionNode] = [node]
    while waiting:
        for name in _spread(waiting.pop(0)):
            if name not in found:
                found[name] = fragments[name]
                waiting.append(fragments[name])
    return list(found.values())


def _spread(node: OperationDefinitionNode | FragmentDefinitionNode) -> list[str]:
    names = list[str]()

    class Spreads(Visitor):
        def enter_fragment_spread(self, spread: FragmentSpreadNode, *_rest: object) -> None:
            names.append(spread.name.value)

    visit(node, Spreads())
    return names
