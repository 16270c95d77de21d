"""Root fields that are planned: where their rows come from, and the compiled whole of statement and builder."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import GraphQLObjectType, get_named_type, get_nullable_type, is_list_type, is_non_null_type
from strawberry.utils.str_converters import to_snake_case

from resolvers.engine.plans.places import PLACE, Place, Reading
from resolvers.engine.plans.rows import Compiler
from resolvers.engine.plans.selections import Unplannable
from resolvers.engine.plans.values import fail

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from resolvers.engine.plans.places import Values
    from resolvers.engine.plans.planning import Lease
    from resolvers.engine.plans.selections import Given, Selected, Selections
    from resolvers.engine.plans.values import Code
    from resolvers.engine.shapes import Shape, Wanted

ROW = "\x03"
"""Stands for the names of a row's columns, until all are known."""

Text: TypeAlias = "tuple[str, list[Callable[[Any, Mapping[str, Any]], object]]]"
"""A statement, and what makes those of its values that are not its source's."""

MOST_TEXTS = 8
"""How many statements are kept of a plan, by the texts of their sources."""


@dataclass(slots=True)
class Look:
    """What is looked for: the arguments, who looks, and what is wanted of the rows and beside them."""

    context: Any
    scene: Any
    arguments: Mapping[str, Any]
    wanted: Wanted
    beside: frozenset[str]
    """Python names of what else is asked for of a page or its edges, such as `total_count`."""


@dataclass(slots=True)
class Part:
    """Those rows of a statement that are shown, in their order, and what is told of the page."""

    rows: Sequence[Any]
    cursor: Callable[..., str] = fail
    """Makes the cursor of a row from its keys."""
    page_info: object = None
    total: object = None


@dataclass(slots=True)
class Source:
    """
    A statement that was not run yet: it selects the rows that the viewer may see and asks for.

    Each row begins with the *keys*. `order` orders the rows, which it calls *r*; `count` selects how many there are in
    all, and is what each row ends with. `note` leaves a trace of what is about to be shown, before it is.
    """

    sql: str
    values: Sequence[object]
    keys: tuple[str, ...]
    order: str = ""
    count: str | None = None
    cut: Callable[[Sequence[Any]], Part] = Part
    note: Callable[[Sequence[Any]], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """
    A root field whose rows a shape shows: one of them, all in a list, or a page of them as a Relay connection.

    A source has so many `keys`; it is awaited only if the database must be asked before.
    Fields of an edge in `empty` are empty lists, unless the source is unplannable.
    """

    shape: Shape[Any]
    source: Callable[[Look], Awaitable[Source] | Source]
    keys: int
    is_page: bool = False
    empty: frozenset[str] = frozenset()


@dataclass(slots=True)
class Read:
    """What was read for a root field, and what leaves a trace of it."""

    data: Any
    note: Callable[[], Awaitable[None]] | None


@dataclass
class Plan:
    """One root field of one document, compiled."""

    key: str
    name: str
    root: Root
    wanted: Wanted
    given: Mapping[str, Given]
    arguments: Callable[[dict[str, Any]], dict[str, Any]]
    beside: frozenset[str]
    values: Values
    columns: Sequence[str]
    joins: str
    build: Callable[[Part, Any], Any]
    _texts: OrderedDict[tuple[str, str | None], Text] = field(default_factory=OrderedDict[Any, "Text"])

    async def read(self, context: Any, scene: Any, variables: Mapping[str, Any], lease: Lease) -> Read:
        """
        Read what is asked for, in one statement.

        Raises:
            Unplannable: it must be read plainly.
        """
        for checked, least, most in self.values.checks:
            if not least <= checked.at(variables) <= most:
                raise Unplannable("a number out of its bounds")
        given = self.arguments({name: each.at(variables) for name, each in self.given.items()})
        source = self.root.source(Look(context, scene, given, self.wanted, self.beside))
        if not isinstance(source, Source):
            async with lease.shared():
                source = await source
        text, makers = self._text(source)
        part = source.cut(await lease.fetch(text, *source.values, *[make(scene, variables) for make in makers]))
        note = source.note
        return Read(self.build(part, scene), None if note is None else lambda: note(part.rows))

    def _text(self, source: Source) -> Text:
        known = self._texts.get((source.sql, source.count))
        if known is None:
            known = self._texts[source.sql, source.count] = self._written(source)
            if len(self._texts) > MOST_TEXTS:
                self._texts.popitem(last=False)
        return known

    def _written(self, source: Source) -> Text:
        columns = ", ".join([*(f'r."{key}"' for key in source.keys), *self.columns])
        rows = f"FROM ({source.sql}) r"
        if source.count is not None:
            # So the number is told also when there are no rows: with one that has nothing else.
            columns, rows = f"{columns}, t.total", f"FROM ({source.count}) t (total) LEFT JOIN ({source.sql}) r ON true"
        text = f"SELECT {columns} {rows} {self.joins} {source.order}"
        used = {
            place: len(source.values) + number for number, place in enumerate(dict.fromkeys(PLACE.findall(text)), 1)
        }
        return PLACE.sub(lambda place: f"${used[place[1]]}", text), [self.values.makers[int(place)] for place in used]


def compile_root(root: Root, selected: Selected, *, code: Code, values: Values, selections: Selections) -> Plan:
    """
    Return the plan of a root field; its builder has only its name until all is compiled.

    Raises:
        Unplannable: something of it is read plainly.
    """
    beside, kind = set[str](), get_named_type(selected.kind)
    place = Place(Reading("v"), "r", root.shape)
    assert isinstance(kind, GraphQLObjectType)
    compiler, wanted = Compiler(code, values, selections), selections.wanted(selected.nodes)
    if root.is_page:
        page, wanted = _Page(compiler, place, root, beside), wanted.at("edges", "node")
        made = selections.dictionary(kind, selected.nodes, page.made)
    elif is_list_type(get_nullable_type(selected.kind)):
        made = f"[{compiler.node(place, kind, selected.nodes)} for {ROW} in part.rows]"
    else:
        nothing = "[fail()]" if is_non_null_type(selected.kind) else "[None]"
        made = f"([{compiler.node(place, kind, selected.nodes)} for {ROW} in part.rows] or {nothing})[0]"
    names = [f"key{number}" for number in range(root.keys)] + list(place.reading.columns.values())
    names += ["total"] if "total_count" in beside else []
    return Plan(
        selected.key,
        selected.name,
        root,
        wanted,
        selections.arguments(selected),
        code.arguments("Query", selected.name),
        frozenset(beside),
        values,
        list(place.reading.columns),
        " ".join(place.reading.joins),
        code.define("part, scene", made.replace(ROW, f"{', '.join(names)},")),  # pyright: ignore[reportArgumentType]
    )


@dataclass
class _Page:
    """Compiles a connection: its edges, and what is told of the page."""

    compiler: Compiler
    place: Place
    root: Root
    beside: set[str]

    def made(self, each: Selected) -> str:
        """Return the expression of something of a page."""
        selections, code = self.compiler.selections, self.compiler.code
        match each.name:
            case "edges":
                edge = selections.dictionary(each.named, each.nodes, self._of_edge)
                return f"[{edge} for {ROW} in part.rows]"
            case "pageInfo":
                asked = selections.fields(each.named, each.nodes)
                self.beside |= {to_snake_case(field.name) for field in asked}
                return code.value(each.kind, "part.page_info", selections, each)
            case "totalCount":
                self.beside.add("total_count")
                return code.value(each.kind, "part.total", selections, each)
            case _:
                raise Unplannable(each.name)

    def _of_edge(self, each: Selected) -> str:
        if each.name == "node":
            return self.compiler.node(self.place, each.named, each.nodes)
        if each.name == "cursor":
            return f"part.cursor({', '.join(f'key{number}' for number in range(self.root.keys))})"
        if each.name not in self.root.empty:
            raise Unplannable(each.name)
        self.beside.add(to_snake_case(each.name))
        return "[]"
