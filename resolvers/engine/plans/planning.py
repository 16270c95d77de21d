"""Which documents are answered by plans, and how: all their roots by one connection, or nothing of them."""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from weakref import ref

import orjson
from graphql import FragmentDefinitionNode, OperationType, Undefined, get_variable_values, print_ast

from resolvers.engine.plans.places import Values
from resolvers.engine.plans.roots import compile_root
from resolvers.engine.plans.selections import Selections, Unplannable, wanted_in
from resolvers.engine.plans.values import Code

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from graphql import DocumentNode, OperationDefinitionNode
    from strawberry import Schema

    from resolvers.engine.plans.roots import Plan, Read, Root

logger = logging.getLogger(__name__)

MOST_VARIANTS = 24
"""How many plans are kept of an operation: for kinds of viewers, and for what directives leave out."""

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
    """A connection to the database, lent for one operation."""

    async def fetch(self, sql: str, *values: object) -> Sequence[Any]:
        """Return the rows of a statement."""
        ...

    def shared(self) -> AbstractAsyncContextManager[None]:
        """Let all that is asked within the block be asked by it."""
        ...

    async def give_back(self, *, is_sound: bool = True) -> None:
        """Give the connection back; once more does nothing."""
        ...


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
    scene: Callable[[Any, Callable[..., Awaitable[Sequence[Any]]]], Awaitable[Any]]
    variant: Callable[[Any], Any]
    known: Mapping[str, Callable[[Any], object]]
    admit: Callable[[Any, str], None]
    is_ruled: Callable[[str, str], bool]
    native: frozenset[str]
    final: Callable[[Exception, str], Exception | None]


@dataclass
class Readable:
    """An operation whose roots may all be read by plans, and the plans that were made of it so far."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    simple: Mapping[str, Callable[[Any], bool]]
    """All its variables, if all are of kinds that fit as they are, and what tells that a value fits."""
    tokens: int
    """How many its document has."""
    decisive: set[str] = field(default_factory=set[str])
    plans: OrderedDict[Any, list[Plan | str] | None] = field(
        default_factory=OrderedDict[Any, "list[Plan | str] | None"]
    )


class Plans:
    """Answers what can be answered by plans; of all else it says so, and has done nothing."""

    def __init__(self, schema: Schema, planning: Planning, *, most_tokens: int = MOST_TOKENS) -> None:
        self._schema, self._planning, self._most_tokens = schema, planning, most_tokens
        self._made_before = deque[tuple["ref[Readable]", Any, int]]()
        self._tokens = 0

    def readable(self, document: DocumentNode, operation: OperationDefinitionNode) -> Readable | None:
        """Return the operation as it may be read by plans; None if it never is."""
        if operation.operation is not OperationType.QUERY:
            return None
        fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
        asked = wanted_in([operation.selection_set], fragments).fields.keys() - {"__typename"}
        if not asked or not asked <= self._planning.roots.keys():
            return None
        return Readable(operation, fragments, _simple(operation), document.token_count)

    def lease(self) -> Lease:
        """Lend a connection for an operation."""
        return self._planning.lease()

    async def scene(self, context: Any, lease: Lease) -> Any:
        """Return who looks, found by what was lent; None if that must be found plainly."""
        try:
            return await self._planning.scene(context, lease.fetch)
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
        notes, last = 0, None
        try:
            variables = self._variables(readable, given)
            data, read = dict[str, Any](), list["Read"]()
            for plan in self._plans(readable, scene, variables):
                if isinstance(plan, str):
                    data[plan] = "Query"
                    continue
                last = plan
                self._planning.admit(scene, plan.name)
                found = await plan.read(context, scene, variables, lease)
                read.append(found)
                data[plan.key] = found.data
            written = orjson.dumps(data)
            await lease.give_back()
            for each in read:
                if each.note is not None:
                    await each.note()
                    notes += 1
            return written
        except Exception as error:  # noqa: BLE001 - whatever else it is, the plain way meets it too, and says what it is
            if last and (final := error if notes else self._planning.final(error, last.name)):
                raise Failed(last.key) from final
            return _given_up(error)

    def _variables(self, readable: Readable, given: Mapping[str, Any] | None) -> Mapping[str, Any]:
        definitions = readable.operation.variable_definitions
        if not definitions:
            return {}
        if given is not None and readable.simple and given.keys() == readable.simple.keys():
            for name, fits in readable.simple.items():
                if not fits(given[name]):
                    break
            else:
                return given
        schema = self._schema._schema  # pyright: ignore[reportPrivateUsage]
        # What is wrong with them the plain way says: to find all of it takes time that grows with its square.
        found = get_variable_values(schema, definitions, dict(given or {}), max_errors=0, hide_suggestions=True)
        if isinstance(found, list):
            raise Unplannable("variables that do not fit")
        return found.coerced

    def _plans(self, readable: Readable, scene: Any, variables: Mapping[str, Any]) -> list[Plan | str]:
        variant = self._planning.variant(scene)
        key = _key_of(readable, variant, variables)
        if key not in readable.plans:
            decisive = set(readable.decisive)
            made = self._made(readable, variant, variables)
            if decisive != readable.decisive:
                readable.plans.clear()
                key = _key_of(readable, variant, variables)
            readable.plans[key] = made
            if len(readable.plans) > MOST_VARIANTS:
                readable.plans.popitem(last=False)
            self._make_room(readable, key)
        plans = readable.plans[key]
        if plans is None:
            raise Unplannable("as was found before")
        return plans

    def _make_room(self, readable: Readable, key: Any) -> None:
        """Forget the oldest of all plans if with the one that was just made they are too large."""
        self._made_before.append((ref(readable), key, readable.tokens))
        self._tokens += readable.tokens
        while self._tokens > self._most_tokens:
            owner, old, tokens = self._made_before.popleft()
            self._tokens -= tokens
            if (has_it := owner()) is not None:
                has_it.plans.pop(old, None)

    def _made(self, readable: Readable, variant: Any, variables: Mapping[str, Any]) -> list[Plan | str] | None:
        try:
            return self._compiled(readable, variant, variables)
        except Unplannable as error:
            logger.debug("Not planned: %s", error, extra={"action": "not_planned"})
            return None

    def _compiled(self, readable: Readable, variant: Any, variables: Mapping[str, Any]) -> list[Plan | str]:
        schema = self._schema._schema  # pyright: ignore[reportPrivateUsage]
        selections = Selections(schema, readable.fragments, variables, readable.decisive)
        code = Code(self._schema, self._planning.is_ruled, self._planning.native)
        plans = list["Plan | str"]()
        assert schema.query_type is not None
        for each in selections.fields(schema.query_type, [readable.operation.selection_set]):
            if each.name == "__typename":
                plans.append(each.key)
                continue
            if each.name not in self._planning.roots:
                raise Unplannable(each.name)
            values, root = Values(self._planning.known, variant), self._planning.roots[each.name]
            plans.append(compile_root(root, each, code=code, values=values, selections=selections))
        for plan in plans:
            if not isinstance(plan, str):
                plan.build = code.function(plan.build)  # pyright: ignore[reportArgumentType]
        return plans


def _key_of(readable: Readable, variant: Any, variables: Mapping[str, Any]) -> Any:
    """Return by what a plan is kept: null is not what is left out, for which there may be a default."""
    return variant, *(variables.get(name, Undefined) for name in sorted(readable.decisive))


def _given_up(error: Exception) -> None:
    if not isinstance(error, Unplannable):
        # Not its words: those of the database quote rows.
        logger.debug("Answered plainly: %s", type(error).__name__, extra={"action": "plan_given_up"})


def _simple(operation: OperationDefinitionNode) -> Mapping[str, Callable[[Any], bool]]:
    kinds = {each.variable.name.value: print_ast(each.type) for each in operation.variable_definitions or ()}
    if not set(kinds.values()) <= _FITS.keys():
        return {}
    return {name: _FITS[kind] for name, kind in kinds.items()}


def _is_int(value: Any) -> bool:
    return type(value) is int and -(2**31) <= value < 2**31


def _is_string(value: Any) -> bool:
    return type(value) is str


def _is_boolean(value: Any) -> bool:
    return type(value) is bool


_FITS = {"Int!": _is_int, "Int": _is_int, "String!": _is_string, "String": _is_string, "Boolean!": _is_boolean}
"""Kinds of variables whose values, unless they are null, are taken as they come."""
