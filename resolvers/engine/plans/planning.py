"""Which documents are answered by plans, and how: all their roots by one connection, or nothing of them."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from graphql import FragmentDefinitionNode, OperationType, Undefined, get_variable_values, print_ast

from resolvers.engine.plans.roots import Plan
from resolvers.engine.plans.selections import Selections, Unplannable
from resolvers.engine.shapes import wanted_below

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from graphql import DocumentNode, OperationDefinitionNode
    from strawberry import Schema

    from resolvers.engine.plans.roots import Leaving, Root

logger = logging.getLogger(__name__)

MOST_TOKENS = 120_000
"""How many tokens the documents of all plans may have together, each time again; a plan takes half a kilobyte each."""


class Failed(Exception):
    """
    It failed for good, at the root field of that *key*: what its cause is, is answered.

    Either it took too long, as it would plainly, too; or a trace was left of what was to be shown, of which there must
    be one only.
    """

    def __init__(self, key: str) -> None:
        super().__init__("Failed for good.")
        self.key = key


class Lease(Protocol):
    """
    A connection to the database, lent for one operation.

    `fetch` returns the rows of a statement, and adds it to those that were `asked`; `shared` lets all that is asked
    within the block be asked by it. To `give_back` it once more does nothing.
    """

    asked: tuple[str, ...]

    async def fetch(self, sql: str, *values: object) -> Sequence[Any]: ...
    def shared(self) -> AbstractAsyncContextManager[None]: ...
    async def give_back(self, *, is_sound: bool = True) -> None: ...


@dataclass(frozen=True)
class Planning:
    """
    What plans must be told by those who use them.

    `lease` lends a connection, for all of an operation. `scene` says who looks, asking by it; `variant` what kind of
    viewer that is; `known` tells by name what SQL may know of a scene. `admit` refuses who may not come to a root
    field. `final` says of an error of a root field whether, and as what, it is answered without trying it plainly.
    """

    roots: Mapping[str, Root]
    lease: Callable[[], Lease]
    scene: Callable[[Any, Any], Awaitable[Any]]
    variant: Callable[[Any], Any]
    known: Mapping[str, Callable[[Any], object]]
    admit: Callable[[Any, str], None]
    is_ruled: Callable[[str, str], bool]
    native: frozenset[str]
    final: Callable[[Exception, str], Exception | None]


@dataclass(frozen=True, eq=False)
class Readable:
    """An operation whose roots may all be read by plans."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    simple: Mapping[str, type] | None
    """All its variables, if all are of kinds that fit as they are, and the types of their values."""
    decisive: tuple[str, ...]
    """Those that directives or switches may go by: with other values, other things are selected."""
    tokens: int
    """How many its document has."""


class Plans:
    """Answers what can be answered by plans; of all else it says so, and has done nothing."""

    def __init__(self, schema: Schema, planning: Planning, *, most_tokens: int = MOST_TOKENS) -> None:
        self._schema, self._planning, self._most_tokens = schema, planning, most_tokens
        self._core = schema._schema  # pyright: ignore[reportPrivateUsage] - Strawberry has no other way
        self._kept, self._tokens = OrderedDict[Any, "list[Plan | str]"](), 0
        self.lease = planning.lease

    def readable(self, document: DocumentNode, operation: OperationDefinitionNode) -> Readable | None:
        """Return the operation as it may be read by plans; None if it never is."""
        fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
        asked = wanted_below([operation], fragments, {}).fields.keys() - {"__typename"}
        if operation.operation is not OperationType.QUERY or not asked or not asked <= self._planning.roots.keys():
            return None
        kinds = {each.variable.name.value: print_ast(each.type) for each in operation.variable_definitions or ()}
        decisive = tuple(name for name, kind in kinds.items() if kind in ("Boolean", "Boolean!"))
        simple = {name: _FIT[kind] for name, kind in kinds.items()} if {*kinds.values()} <= _FIT.keys() else None
        return Readable(operation, fragments, simple, decisive, document.token_count)

    async def scene(self, context: Any, lease: Lease) -> Any:
        """Return who looks, found by what was lent; None if that must be found plainly."""
        try:
            return await self._planning.scene(context, lease)
        except Exception as error:  # noqa: BLE001 - the plain way meets it too, and says what it is
            return _given_up(error)

    async def data(
        self, readable: Readable, given: Mapping[str, Any] | None, context: Any, scene: Any, lease: Lease
    ) -> bytes | None:
        """
        Return the data of an answer without errors, or None: then it must be answered plainly, from the start.

        Raises:
            Failed: it must not be answered again.
        """
        notes, last, data, leaving = 0, None, dict[str, Any](), list["Leaving"]()
        try:
            variables = self._variables(readable, given)
            for plan in self._plans(readable, scene, variables):
                if isinstance(plan, str):
                    data[plan] = "Query"
                    continue
                last = plan
                self._planning.admit(scene, plan.name)
                data[plan.key] = await plan.read(context, scene, lease, variables, leaving)
            written = orjson.dumps(data)
            await lease.give_back()
            for notes, note in enumerate(leaving):  # noqa: B007 - below, if one fails: some were left before it
                await note()
            return written
        except Exception as error:  # noqa: BLE001 - whatever else it is, the plain way meets it too, and says what it is
            if last and (final := error if notes else self._planning.final(error, last.name)):
                raise Failed(last.key) from final
            return _given_up(error)

    def _variables(self, readable: Readable, given: Mapping[str, Any] | None) -> Mapping[str, Any]:
        given, definitions = given or {}, readable.operation.variable_definitions or ()
        if readable.simple is not None and _fit(given, readable.simple):
            return given
        # What is wrong with them the plain way says: to find all of it takes time that grows with its square.
        found = get_variable_values(self._core, definitions, dict(given), max_errors=0, hide_suggestions=True)
        if isinstance(found, list):
            raise Unplannable("variables that do not fit")
        return found.coerced

    def _plans(self, readable: Readable, scene: Any, variables: Mapping[str, Any]) -> list[Plan | str]:
        variant = self._planning.variant(scene)
        # Null is not what is left out, for which there may be a default.
        key = readable, variant, *(variables.get(name, Undefined) for name in readable.decisive)
        if (plans := self._kept.get(key)) is None:
            plans = self._kept[key] = self._made(readable, variant, variables)
            self._tokens += readable.tokens
            while self._tokens > self._most_tokens and len(self._kept) > 1:
                (oldest, *_), _ = self._kept.popitem(last=False)
                self._tokens -= oldest.tokens
        self._kept.move_to_end(key)
        if not plans:
            raise Unplannable("as was found before")
        return plans

    def _made(self, readable: Readable, variant: Any, variables: Mapping[str, Any]) -> list[Plan | str]:
        """Return the plans of all roots, none if there is one that cannot be read by a plan."""
        try:
            selected = Selections(self._core, readable, variables)
            return [
                each.key if each.name == "__typename" else Plan(each, selected, self._planning, self._schema, variant)
                for each in selected.fields(self._core.query_type, [readable.operation])
            ]
        except Unplannable as error:
            logger.debug("Not planned: %s", error, extra={"action": "not_planned"})
            return []


def _given_up(error: Exception) -> None:
    if not isinstance(error, Unplannable):
        # Not its words: those of the database quote rows.
        logger.debug("Answered plainly: %s", type(error).__name__, extra={"action": "plan_given_up"})


_FIT = {"Int!": int, "Int": int, "String!": str, "String": str, "Boolean!": bool}
"""Kinds of variables whose values, unless they are null, are taken as they come."""


def _fit(given: Mapping[str, Any], kinds: Mapping[str, type]) -> bool:
    for name, kind in kinds.items():
        if type(value := given.get(name)) is not kind or (kind is int and not -(2**31) <= value < 2**31):
            return False
    return len(given) == len(kinds)
