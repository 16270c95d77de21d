"""
How the schema may change once it is released: what clients use stays, until it was deprecated for long enough.

The policy is in docs/api.md. A deprecation says since when, in the first words of its reason: «2027-01-15: use …».
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from graphql import (
    REMOVE,
    BreakingChange,
    DangerousChangeType,
    DirectiveNode,
    DocumentNode,
    GraphQLSchema,
    Node,
    ScalarTypeDefinitionNode,
    StringValueNode,
    Visitor,
    build_ast_schema,
    find_schema_changes,
    parse,
    print_ast,
    visit,
)

PERIOD = timedelta(days=183)
"""For how long something is deprecated, in a release, before it may go: half a year."""

BREAKING_TOO = (
    DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE,
    DangerousChangeType.INPUT_FIELD_DEFAULT_VALUE_CHANGE,
)
"""What others only call dangerous: who leaves a value out would get something else. Only additions are left."""

_SINCE = re.compile(r"(\d{4}-\d{2}-\d{2}): \S", re.ASCII)
_PARTS = {"field_definition", "input_value_definition", "enum_value_definition"}


def refused_changes(released: str, current: str, *, today: date) -> list[str]:
    """Return, in words, all by which *current* would break a client of *released*, both as SDL."""
    kept, now = parse(released), parse(current)
    pruned: DocumentNode = visit(kept, _Removable(today))
    changes = find_schema_changes(_reachable(build_ast_schema(pruned)), build_ast_schema(now))
    broken = [each for each in changes if isinstance(each, BreakingChange) or each.type in BREAKING_TOO]
    return [each.description for each in broken] + list(_other_forms(kept, now))


def undated_deprecations(current: str) -> list[str]:
    """Return the reasons of deprecations that do not say since when."""
    found = _Reasons()
    visit(parse(current), found)
    return [reason for reason in found.reasons if since(reason) is None]


def since(reason: str) -> date | None:
    """Return since when something is deprecated, as its reason says; None if it says no day that there is."""
    told = _SINCE.match(reason)
    try:
        return date.fromisoformat(told[1]) if told else None
    except ValueError:
        return None


class _Removable(Visitor):
    """Takes out what was deprecated for long enough by *today*."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    def enter(self, node: Node, *_: Any) -> Any:
        if node.kind not in _PARTS:
            return None
        began = [since(reason) for reason in _reasons(node)]
        return REMOVE if began and began[0] and began[0] + PERIOD <= self._today else None


class _Reasons(Visitor):
    """Collects the reasons of all deprecations."""

    def __init__(self) -> None:
        super().__init__()
        self.reasons = list[str]()

    def enter(self, node: Node, *_: Any) -> None:
        if node.kind in _PARTS:
            self.reasons += _reasons(node)


def _reasons(node: Any) -> list[str]:
    directives: tuple[DirectiveNode, ...] = node.directives or ()
    return [_reason(each) for each in directives if each.name.value == "deprecated"]


def _reason(directive: DirectiveNode) -> str:
    given = [each.value for each in directive.arguments or () if each.name.value == "reason"]
    return given[0].value if given and isinstance(given[0], StringValueNode) else ""


def _reachable(schema: GraphQLSchema) -> GraphQLSchema:
    """Return the schema without types that only something taken out of it led to."""
    return GraphQLSchema(
        query=schema.query_type,
        mutation=schema.mutation_type,
        subscription=schema.subscription_type,
        directives=schema.directives,
        types=[each for each in schema.type_map.values() if _is_implementation(each)],
    )


def _is_implementation(kind: Any) -> bool:
    """Say whether a type is reached by an interface: no field need name it."""
    return bool(getattr(kind, "interfaces", ()))


def _other_forms(released: DocumentNode, current: DocumentNode) -> Iterator[str]:
    """Yield the scalars whose form is specified otherwise."""
    forms = [
        {each.name.value: each for each in document.definitions if isinstance(each, ScalarTypeDefinitionNode)}
        for document in (released, current)
    ]
    for name, before in forms[0].items():
        after = forms[1].get(name)
        if after and list(map(print_ast, before.directives or ())) != list(map(print_ast, after.directives or ())):
            yield f"{name} is specified otherwise."
