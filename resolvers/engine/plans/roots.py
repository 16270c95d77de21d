"""Root fields that are planned: where their rows come from, and the compiled whole of statement and builder."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, get_named_type, is_non_null_type

from resolvers.engine.plans.rows import PLACE, Compiler, Place, Reading, Values
from resolvers.engine.plans.selections import Unplannable, wanted_in
from resolvers.engine.plans.values import Code, fail

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from resolvers.engine.plans.selections import Given, Selected, Selections
    from resolvers.engine.shapes import Shape, Wanted

MOST_TEXTS = 16
"""How many statements are kept of a plan, by the texts of their sources."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked for: the arguments, who looks, and what is wanted of the rows and beside them."""

    context: Any
    scene: Any
    arguments: Mapping[str, Any]
    wanted: Wanted
    beside: frozenset[str]
    """Python names of what else is asked for of a page or its edges, such as `total_count`."""


@dataclass(frozen=True, slots=True)
class Part:
    """Those rows of a statement that are shown, in their order, and what is told of the page."""

    rows: Sequence[Any]
    cursor: Callable[[Any], str]
    page_info: object
    total: object = None


@dataclass(frozen=True, slots=True)
class Source:
    """
    A statement that was not run yet: it selects the rows that the viewer may see and asks for, in no more than their
    number. `order` orders them, `keys` are columns that are read first, `count` selects their number in all.
    """

    sql: str
    values: Sequence[object]
    keys: tuple[str, ...]
    order: str = ""
    count: str | None = None
    cut: Callable[[Sequence[Any]], Part] = fail
    note: Callable[[Sequence[Any]], Awaitable[None]] | None = None
    """Leaves a trace of what is about to be shown, before it is."""


@dataclass(frozen=True, slots=True)
class Root:
    """
    A root field whose rows a shape shows: one of them, or a page of them as a Relay connection.

    `empty` are lists of an edge that are empty, unless the source says otherwise by being unplannable.
    """

    shape: Shape[Any]
    source: Callable[[Look], Awaitable[Source]]
    is_page: bool = False
    empty: frozenset[str] = frozenset()


@dataclass
class Plan:
    """One root field of one document, compiled."""

    key: str
    root: Root
    wanted: Wanted
    arguments: Callable[[Mapping[str, Any]], dict[str, Any]]
    beside: frozenset[str]
    values: Values
    columns: list[str]
    joins: str
    build: Callable[..., Any]
    _texts: OrderedDict[tuple[str, str | None], str] = field(default_factory=OrderedDict[tuple[str, str | None], str])

    async def read(self, context: Any, scene: Any, variables: Mapping[str, Any], fetch: Any) -> Read:
        """Return what is answered, and what leaves a trace of it."""
        for given, least, most in self.values.checks:
            if not least <= given.at(variables) <= most:
                raise Unplannable("a number out of its bounds")
        look = Look(context, scene, self.arguments(variables), self.wanted, self.beside)
        source = await self.root.source(look)
        own = [make(scene, variables) for make in self.values.makers]
        rows = await fetch(self._text(source), (*source.values, *own))
        part = source.cut(rows)
        note = source.note
        return Read(self.build(part, scene, len(source.keys)), (lambda: note(part.rows)) if note else None)

    def _text(self, source: Source) -> str:
        known = self._texts.get((source.sql, source.count))
        if known is None:
            known = self._texts[source.sql, source.count] = self._written(source)
            if len(self._texts) > MOST_TEXTS:
                self._texts.popitem(last=False)
        return known

    def _written(self, source: Source) -> str:
        columns = [*(f'r."{key}"' for key in source.keys), *self.columns]
        counted = [f"({source.count})"] if source.count is not None else []
        text = f"SELECT {', '.join([*counted, *columns])} FROM ({source.sql}) r {self.joins} {source.order}"
        if source.count is not None:
            # The number is told also when there are no rows: then of one that has nothing.
            text = (
                f"SELECT {', '.join(['t.total', *columns])} FROM ({source.count}) t (total) "
                f"LEFT JOIN ({source.sql}) r ON true {self.joins} {source.order}"
            )
        return PLACE.sub(lambda place: f"${int(place[1]) + 1 + len(source.values)}", text)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read for a root field."""

    data: Any
    note: Callable[[], Awaitable[None]] | None


def compile_root(root: Root, selected: Selected, *, code: Code, values: Values, selections: Selections) -> Plan:
    """
    Return the plan of a root field.

    Raises:
        Unplannable: something of it is read plainly.
    """
    query = selections.schema.query_type
    assert query is not None
    public = query.fields[selected.name]
    compiler, reading = Compiler(code, values, selections), Reading("v")
    place, kind = Place(reading, "r", root.shape), get_named_type(public.type)
    assert isinstance(kind, GraphQLObjectType)
    beside = set[str]()
    if root.is_page:
        made = _page(compiler, place, kind, selected, root, beside)
        wanted = wanted_in(selected.below, selections.fragments).at("edges", "node")
    else:
        node = compiler.node(place, kind, selected.below)
        missing = "fail()" if is_non_null_type(public.type) else "None"
        made = f"([{node} for {_unpacked(reading)} in rows] or [{missing}])[0]"
        wanted = wanted_in(selected.below, selections.fragments)
    build = code.define("part, scene, keys", made, before=" rows = part.rows\n")
    given = selections.arguments(selected, public)
    return Plan(
        selected.key,
        root,
        wanted,
        _arguments(code, selected, given),
        frozenset(beside),
        values,
        list(reading.columns),
        " ".join(reading.joins),
        build,  # pyright: ignore[reportArgumentType] - the name of it, until all is written
    )
