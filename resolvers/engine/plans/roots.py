"""Root fields that are planned: where their rows come from, and the compiled whole of statement and builder."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import get_nullable_type, is_list_type, is_non_null_type
from strawberry.utils.str_converters import to_snake_case

from resolvers.engine.plans.rows import Compiler, Place, Reading
from resolvers.engine.plans.selections import Unplannable
from resolvers.engine.plans.values import Code, fail
from resolvers.engine.shapes import wanted_below

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from strawberry import Schema

    from resolvers.engine.plans.planning import Lease, Planning
    from resolvers.engine.plans.selections import Given, Selected, Selections
    from resolvers.engine.shapes import Arguments, Shape, Sql, Wanted

PLACE = re.compile("\x01([0-9]+)\x02")
"""Stands for the number of a value in a statement, until all are known."""

ROW = "\x03"
"""Stands for the names of a row's columns, until all are known."""

MOST_TEXTS = 8
"""How many statements are kept of a plan, by the texts of their sources."""


Leaving: TypeAlias = "Callable[[], Awaitable[None]]"
"""What leaves a trace."""


@dataclass(slots=True)
class Look:
    """What is looked for: the arguments, who looks, and what is wanted of the rows and beside them."""

    context: Any
    scene: Any
    arguments: Mapping[str, Any]
    wanted: Wanted
    beside: Collection[str]
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

    Each row begins with the *keys*, which are SQL of a row *r*. `order` orders such rows; `count` selects how many
    there are in all, and is what each row ends with. `note` leaves a trace of what is about to be shown, before it is.
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


@dataclass
class Values:
    """The values that a statement is sent with, besides those of its source, in their order."""

    known: Mapping[str, Callable[[Any], object]]
    """What is known of who looks, by the names that SQL calls it."""
    variant: Any
    """What kind of viewer it is for: SQL may be made by that."""
    makers: list[Callable[[Any, Mapping[str, Any]], object]] = field(default_factory=list[Any])
    checks: list[tuple[Given, int, int]] = field(default_factory=list[Any])
    _places: dict[object, str] = field(default_factory=dict[object, str])

    def sql(self, sql: Sql, row: str, given: Mapping[str, Given] | None = None, **switches: Any) -> str:
        """Return *sql* for a row, with places for the values that it names."""
        text = sql if isinstance(sql, str) else sql(self.variant, **switches)
        names = {name for _, name, _, _ in Formatter().parse(text) if name} - {"row"}
        return text.format(row=row, **{name: self._place(name, given or {}) for name in sorted(names)})

    def _place(self, name: str, given: Mapping[str, Given]) -> str:
        key, told = given.get(name, name), given[name].at if name in given else self.known[name]
        if key not in self._places:
            self._places[key] = f"\x01{len(self.makers)}\x02"
            self.makers.append(lambda scene, variables: told(variables if name in given else scene))
        return self._places[key]


class Plan:
    """One root field of one document, compiled for one kind of viewer."""

    def __init__(
        self, selected: Selected, selections: Selections, planning: Planning, schema: Schema, variant: object
    ) -> None:
        """
        Compile it.

        Raises:
            Unplannable: something of it is read plainly.
        """
        self.key, self.name, self._root = selected.key, selected.name, planning.roots[selected.name]
        self._given, self._beside, self._selections = selections.arguments(selected), set[str](), selections
        self._wanted = wanted_below(selected.nodes, selections.fragments, selections.variables)
        self._values, self._place = Values(planning.known, variant), Place(Reading("v"), "r", self._root.shape)
        self._code = Code(schema, planning.is_ruled, planning.native, selections)
        self._arguments = self._code.arguments(selected)
        self._compiler = Compiler(self._code, self._values, selections)
        made = self._made(selected)
        names = [f"key{number}" for number in range(self._root.keys)] + list(self._place.reading.columns.values())
        names += ["total"] if "total_count" in self._beside else []
        self._build = self._code.function(made.replace(ROW, f"{', '.join(names)},"))
        self._text = lru_cache(MOST_TEXTS)(self._written)

    async def read(self, context: Any, scene: Any, lease: Lease, variables: Arguments, leaving: list[Leaving]) -> Any:
        """
        Return what is asked for, read in one statement; what leaves a trace of it is put to what is *leaving* some.

        Raises:
            Unplannable: it must be read plainly.
        """
        for checked, least, most in self._values.checks:
            if not least <= checked.at(variables) <= most:
                raise Unplannable("a number out of its bounds")
        given = self._arguments({name: each.at(variables) for name, each in self._given.items()})
        source = self._root.source(Look(context, scene, given, self._wanted, self._beside))
        if not isinstance(source, Source):
            async with lease.shared():
                source = await source
        text, makers = self._text(source.sql, source.count, source.keys, source.order, len(source.values))
        part = source.cut(await lease.fetch(text, *source.values, *[make(scene, variables) for make in makers]))
        if (note := source.note) is not None:
            leaving.append(lambda: note(part.rows))
        return self._build(part, scene)

    def _written(
        self, sql: str, count: str | None, keys: Sequence[str], order: str, taken: int
    ) -> tuple[str, list[Callable[[Any, Mapping[str, Any]], object]]]:
        """Return the statement, and what makes those of its values that are not its source's."""
        reading = self._place.reading
        columns, rows = ", ".join([*keys, *reading.columns]), f"FROM ({sql}) r"
        if count is not None:
            # So the number is told also when there are no rows: with one that has nothing else.
            columns, rows = f"{columns}, t.total", f"FROM ({count}) t (total) LEFT JOIN ({sql}) r ON true"
        text = f"SELECT {columns} {rows} {' '.join(reading.joins)} {order}"
        used = {place: taken + number for number, place in enumerate(dict.fromkeys(PLACE.findall(text)), 1)}
        return PLACE.sub(lambda place: f"${used[place[1]]}", text), [self._values.makers[int(place)] for place in used]

    def _made(self, selected: Selected) -> str:
        kind, nodes = selected.named, selected.nodes
        if self._root.is_page:
            self._wanted = self._wanted.at("edges", "node")
            return self._selections.dictionary(kind, nodes, self._of_page)
        rows = f"[{self._compiler.row(self._place, kind, nodes)} for {ROW} in part.rows]"
        if is_list_type(get_nullable_type(selected.field.type)):
            return rows
        return f"({rows} or [{'fail()' if is_non_null_type(selected.field.type) else None}])[0]"

    def _of_page(self, each: Selected) -> str:
        match each.name:
            case "edges":
                edge = self._selections.dictionary(each.named, each.nodes, self._of_edge)
                return f"[{edge} for {ROW} in part.rows]"
            case "pageInfo":
                self._beside |= {to_snake_case(asked.name) for asked in self._selections.fields(each.named, each.nodes)}
                return self._code.value(each.field.type, "part.page_info", each)
            case "totalCount":
                self._beside.add("total_count")
                return self._code.value(each.field.type, "part.total", each)
            case _:
                raise Unplannable(each.name)

    def _of_edge(self, each: Selected) -> str:
        if each.name == "node":
            return self._compiler.row(self._place, each.named, each.nodes)
        if each.name == "cursor":
            return f"part.cursor({', '.join(f'key{number}' for number in range(self._root.keys))})"
        if each.name not in self._root.empty:
            raise Unplannable(each.name)
        self._beside.add(to_snake_case(each.name))
        return "[]"
