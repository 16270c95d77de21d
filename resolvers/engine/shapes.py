"""
Shapes: how rows become the API's types, declared once per noun and interpreted plainly.

A shape says from which column each public field comes and how related rows are loaded. The interpreter looks ahead at
what was asked for, loads each asked relation once for all rows, and builds the API's objects; so the number of queries
depends on the document, never on how many rows there are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from strawberry.types.nodes import SelectedField, Selection
from strawberry.utils.str_converters import to_camel_case

Api = TypeVar("Api")
Key: TypeAlias = Any
Row: TypeAlias = Any
Arguments: TypeAlias = Mapping[str, Any]


@dataclass
class Wanted:
    """The fields that a document asks of one type, however often, under whatever alias and in whatever fragment."""

    fields: dict[str, Asked] = field(default_factory=dict[str, "Asked"])

    def at(self, *names: str) -> Wanted:
        """Return what is wanted below the given fields; nothing if they are not asked for."""
        wanted = self
        for name in names:
            asked = wanted.fields.get(name)
            if asked is None:
                return Wanted()
            wanted = asked.below
        return wanted


@dataclass
class Asked:
    """One field of a type: the arguments of each time it is asked for, and all that is wanted below it."""

    arguments: list[Arguments] = field(default_factory=list[Arguments])
    below: Wanted = field(default_factory=Wanted)


def wanted_of(selections: Iterable[Selection]) -> Wanted:
    """
    Return what *selections* (`info.selected_fields`) want, merged.

    What a directive may skip is taken as wanted, and type conditions are not told apart: too much may be loaded, never
    too little.
    """
    wanted = Wanted()
    _merge(selections, wanted)
    return wanted


def _merge(selections: Iterable[Selection], wanted: Wanted) -> None:
    for selection in selections:
        if isinstance(selection, SelectedField):
            asked = wanted.fields.setdefault(selection.name, Asked())
            asked.arguments.append(selection.arguments)
            _merge(selection.selections, asked.below)
        else:
            _merge(selection.selections, wanted)


@dataclass(frozen=True)
class Computed:
    """A public field made from the named columns, for the one who looks; made only when it is asked for."""

    needs: tuple[str, ...]
    value: Callable[[Row, Any], object]


@dataclass(frozen=True)
class Together:
    """A public field that is made for all rows at once, by their *column*, because it takes more than the row."""

    needs: tuple[str, ...]
    values: Callable[[Sequence[Row], Any], Awaitable[Mapping[Key, object]]]
    column: str = "id"


@dataclass(frozen=True)
class ToOne:
    """A public field that shows the one row whose key stands in *column*."""

    column: str
    load: Callable[[Collection[Key], Any], Awaitable[Mapping[Key, Row]]]
    shape: Shape[Any]


@dataclass(frozen=True)
class ToMany:
    """
    A public field that lists the rows which point to this one's *column*.

    `attribute` is where the list is put, if not under the field's own name: a field with arguments keeps there what
    covers all times it is asked for.
    """

    load: Callable[[Collection[Key], Sequence[Arguments], Any], Awaitable[Mapping[Key, Sequence[Row]]]]
    shape: Shape[Any]
    column: str = "id"
    attribute: str | None = None


Relation: TypeAlias = ToOne | ToMany


class Shape(Generic[Api]):
    """How rows of one noun become the API type *api*; names are those of its Python attributes."""

    def __init__(
        self,
        api: Callable[..., Api],
        *,
        columns: Iterable[str] = (),
        computed: Mapping[str, Computed] | None = None,
        together: Mapping[str, Together] | None = None,
        relations: Mapping[str, Relation] | None = None,
    ) -> None:
        self._api = api
        self._columns = tuple(columns)
        self._computed = dict(computed or {})
        self._together = dict(together or {})
        self._relations = dict(relations or {})

    async def show(self, rows: Sequence[Row], wanted: Wanted, scene: Any) -> list[Api]:
        """Return the API's objects for *rows*, in their order, with what is *wanted*; *scene* says who looks."""
        related: dict[str, Callable[[Row], object]] = {}
        for name, relation in self._relations.items():
            related[_attribute(name, relation)] = await _load(relation, rows, _asked(wanted, name), scene)
        for name, made in self._together.items():
            related[name] = await _make(made, rows, scene) if rows and _asked(wanted, name) else _nothing
        computed = {name: made for name, made in self._computed.items() if _asked(wanted, name)}
        absent = dict.fromkeys(self._computed.keys() - computed.keys())
        return [
            self._api(
                **{name: getattr(row, name) for name in self._columns},
                **{name: made.value(row, scene) for name, made in computed.items()},
                **{name: find(row) for name, find in related.items()},
                **absent,
            )
            for row in rows
        ]


async def _make(made: Together, rows: Sequence[Row], scene: Any) -> Callable[[Row], object]:
    found = await made.values(rows, scene)
    return lambda row: found[getattr(row, made.column)]


def _attribute(name: str, relation: Relation) -> str:
    return relation.attribute or name if isinstance(relation, ToMany) else name


def _asked(wanted: Wanted, name: str) -> Asked | None:
    return wanted.fields.get(to_camel_case(name))


async def _load(relation: Relation, rows: Sequence[Row], asked: Asked | None, scene: Any) -> Callable[[Row], object]:
    if asked is None or not rows:
        return _nothing
    keys = {getattr(row, relation.column) for row in rows} - {None}
    match relation:
        case ToOne():
            return await _load_one(relation, keys, asked, scene)
        case ToMany():
            return await _load_many(relation, keys, asked, scene)


def _nothing(_row: Row) -> None:
    return None


async def _load_one(relation: ToOne, keys: Collection[Key], asked: Asked, scene: Any) -> Callable[[Row], object]:
    found = await relation.load(keys, scene)
    shown = dict(zip(found, await relation.shape.show(list(found.values()), asked.below, scene), strict=True))
    return lambda row: shown.get(getattr(row, relation.column))


async def _load_many(relation: ToMany, keys: Collection[Key], asked: Asked, scene: Any) -> Callable[[Row], object]:
    found = await relation.load(keys, asked.arguments, scene)
    rows = [row for group in found.values() for row in group]
    shown = iter(await relation.shape.show(rows, asked.below, scene))
    groups = {key: [next(shown) for _ in group] for key, group in found.items()}
    return lambda row: groups.get(getattr(row, relation.column), [])
