"""How large a document may be: judged in one pass that is linear in its size, before anything else looks at it."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    Visitor,
    visit,
)

CEILING = 10**9
TOKENS = 2_000
NESTING = 60
"""How deep brackets of any kind may be nested; the parser calls itself for each."""

TOO_COMPLEX = "OPERATION_TOO_COMPLEX"


@dataclass(frozen=True)
class Size:
    """How much there is in a selection, fragments as often as they are spread; `roots` are those on top."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    fragments: int = 0
    directives: int = 0
    roots: int = 0

    def beside(self, other: Size) -> Size:
        """Return the size of both, one next to the other; sums stop at a ceiling."""
        summed = [min(CEILING, mine + theirs) for mine, theirs in zip(astuple(self), astuple(other), strict=True)]
        return Size(max(self.depth, other.depth), *summed[1:])


LIMITS = Size(depth=16, fields=500, aliases=30, fragments=60, directives=20, roots=10)
"""The standard introspection document (depth 15) is within them; nothing else in this API is deeper than six."""


def is_nested_too_deep(text: str) -> bool:
    """Tell whether brackets in *text* are nested deeper than the parser may follow; those in strings count too."""
    depth = 0
    for character in text:
        if character in "{[(":
            depth += 1
            if depth > NESTING:
                return True
        elif character in "}])":
            depth -= 1
    return False


def too_complex(what: str) -> GraphQLError:
    """Return the error for a document that exceeds a limit."""
    return GraphQLError(f"The document exceeds the limit of {what}.", extensions={"code": TOO_COMPLEX})


def find_excess(document: DocumentNode, limits: Size = LIMITS) -> GraphQLError | None:
    """Return an error if an operation exceeds a limit or a string holds NUL; None if all is well."""
    if _holds_nul(document):
        return GraphQLError("A string holds the character NUL.", extensions={"code": "BAD_REQUEST"})
    measure = _Measure(document)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            size = measure.operation(definition)
            for limit in fields(Size):
                if getattr(size, limit.name) > getattr(limits, limit.name):
                    return too_complex(f"{getattr(limits, limit.name)} {limit.name}")
    return None


class _Measure:
    """Measures selection sets; each fragment once, so that fragments that spread fragments cost nothing more."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._known: dict[str, Size] = {}

    def operation(self, node: OperationDefinitionNode) -> Size:
        """Return the size of an operation."""
        return self._selections(node.selection_set).beside(Size(directives=len(node.directives or ())))

    def _selections(self, selection_set: SelectionSetNode | None) -> Size:
        size = Size()
        for selection in selection_set.selections if selection_set else ():
            size = size.beside(self._selection(selection))
        return size

    def _selection(self, node: Any) -> Size:
        directives = Size(directives=len(node.directives or ()))
        if isinstance(node, FieldNode):
            below = self._selections(node.selection_set)
            deeper = replace(below, depth=below.depth + 1, roots=1)
            return deeper.beside(directives).beside(Size(fields=1, aliases=int(node.alias is not None)))
        here = directives.beside(Size(fragments=1))
        if isinstance(node, FragmentSpreadNode):
            return here.beside(self._fragment(node.name.value))
        return here.beside(self._selections(node.selection_set))

    def _fragment(self, name: str) -> Size:
        """Return the size of a fragment; a circle counts as nothing here, validation refuses it."""
        if name not in self._known:
            self._known[name] = Size()
            if name in self._fragments:
                self._known[name] = self._selections(self._fragments[name].selection_set)
        return self._known[name]


class _NulFinder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.has_found = False

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        self.has_found = self.has_found or "\0" in node.value


def _holds_nul(document: DocumentNode) -> bool:
    finder = _NulFinder()
    visit(document, finder)
    return finder.has_found
