"""
Shapes: how rows become the API's types, declared once per noun and interpreted plainly.

A shape says from which column each public field comes and how related rows are loaded. The interpreter looks ahead at
what was asked for, loads each asked relation once for all rows, and builds the API's objects; so the number of queries
depends on the document, never on how many rows there are.

Beside how something is loaded a shape may say how it is read in SQL, as part of the one statement of a list: see
`plans`. What does not say it is read plainly.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from strawberry.types.nodes import SelectedField, Selection, convert_selections
from strawberry.utils.str_converters import to_camel_case

if TYPE_CHECKING:
    from graphql import FragmentDefinitionNode
    from tortoise.models import Model

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


def wanted_below(
    nodes: Iterable[Any], fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]
) -> Wanted:
    """Return the same of what nodes of a document select, as `wanted_of` tells it of an operation that is run."""
    info: Any = SimpleNamespace(fragments=fragments, variable_values=variables)
    below: list[Any] = [each for node in nodes if node.selection_set for each in node.selection_set.selections]
    return wanted_of(convert_selections(info, below))


def _merge(selections: Iterable[Selection], wanted: Wanted) -> None:
    for selection in selections:
        if isinstance(selection, SelectedField):
            asked = wanted.fields.setdefault(selection.name, Asked())
            asked.arguments.append(selection.arguments)
            _merge(selection.selections, asked.below)
        else:
            _merge(selection.selections, wanted)


Sql: TypeAlias = str | Callable[..., str]
"""
SQL about one row, which it calls `{row}`; other names in braces are what is known of the viewer, or arguments. It may
be made by a function of what kind of viewer it is for, and of the arguments that it names as switches.
"""


@dataclass(frozen=True)
class Computed:
    """
    A public field made from the named columns, for the one who looks; made only when it is asked for.

    `same_as` is the column whose value it is, just as it is. `facts` are further columns, which SQL tells of the row;
    `sql` tells the whole value, as the database has it. A column may be one of the row that a foreign key names, as in
    `content.pages`.
    """

    needs: tuple[str, ...]
    value: Callable[[Row, Any], object]
    facts: Mapping[str, Sql] = field(default_factory=dict[str, Sql])
    sql: Sql | None = None
    same_as: str | None = None


@dataclass(frozen=True)
class Together:
    """
    A public field that is made for all rows at once, by their *column*, because it takes more than the row.

    `planned` makes it of each row alone, of what SQL tells besides.
    """

    needs: tuple[str, ...]
    values: Callable[[Sequence[Row], Any], Awaitable[Mapping[Key, object]]]
    column: str = "id"
    planned: Computed | None = None


@dataclass(frozen=True)
class ToOne:
    """
    A public field that shows the one row whose key stands in *column*.

    `sql` selects that row, `{row}.column` being its key; with `True` it is the row of the shape's model by its key.
    """

    column: str
    load: Callable[[Collection[Key], Any], Awaitable[Mapping[Key, Row]]]
    shape: Shape[Any]
    sql: Sql | bool = False


@dataclass(frozen=True)
class Rows:
    """
    How a relation's rows are selected, in their order.

    `bounds` are those of arguments that are numbers; by `switches`, which are booleans, the SQL itself is made.
    """

    sql: Sql
    bounds: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    switches: tuple[str, ...] = ()


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
    rows: Rows | None = None


Relation: TypeAlias = ToOne | ToMany


class Shape(Generic[Api]):
    """
    How rows of one noun become the API type *api*; names are those of its Python attributes.

    *model* is what the rows are of, for what their columns are called and how they are read; *further* columns are
    those that SQL adds to them.
    """

    def __init__(
        self,
        api: Callable[..., Api],
        *,
        model: type[Model] | None = None,
        further: Iterable[str] = (),
        columns: Iterable[str] = (),
        computed: Mapping[str, Computed] | None = None,
        together: Mapping[str, Together] | None = None,
        relations: Mapping[str, Relation] | None = None,
    ) -> None:
        self.model = model
        self.further = frozenset(further)
        self.columns = tuple(columns)
        self.computed = dict(computed or {})
        self.together = dict(together or {})
        self.relations = dict(relations or {})
        self._api = api

    async def show(self, rows: Sequence[Row], wanted: Wanted, scene: Any) -> list[Api]:
        """Return the API's objects for *rows*, in their order, with what is *wanted*; *scene* says who looks."""
        related: dict[str, Callable[[Row], object]] = {}
        for name, relation in self.relations.items():
            related[_attribute(name, relation)] = await _load(relation, rows, _asked(wanted, name), scene)
        for name, made in self.together.items():
            related[name] = await _make(made, rows, scene) if rows and _asked(wanted, name) else _nothing
        computed = {name: made for name, made in self.computed.items() if _asked(wanted, name)}
        absent = dict.fromkeys(self.computed.keys() - computed.keys())
        return [
            self._api(
                **{name: getattr(row, name) for name in self.columns},
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
