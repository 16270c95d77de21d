"""Shapes as SQL: which columns of which rows are read, joined to each other, and the dictionaries made of them."""

from __future__ import annotations

import re
from collections import namedtuple
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from graphql import GraphQLObjectType, get_named_type, is_non_null_type
from strawberry.utils.str_converters import to_snake_case
from tortoise.contrib.postgres.fields import ArrayField

from resolvers.engine.plans.selections import Given, Unplannable
from resolvers.engine.plans.values import is_written
from resolvers.engine.shapes import Shape, ToMany, ToOne

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from graphql import GraphQLField, SelectionSetNode
    from tortoise.fields import Field

    from resolvers.engine.plans.selections import Selected, Selections
    from resolvers.engine.plans.values import Code
    from resolvers.engine.shapes import Computed, Rows, Sql

PLACE = re.compile("\x01([0-9]+)\x02")


@dataclass
class Values:
    """The values that a statement is sent with, besides those of its source, in their order."""

    known: Mapping[str, Callable[[Any], object]]
    """What is known of who looks, by the names that SQL calls it."""
    variant: Any
    """What kind of viewer it is for: SQL may be made by that."""
    makers: list[Callable[[Any, Mapping[str, Any]], object]] = field(default_factory=list[Any])
    checks: list[tuple[Given, int, int]] = field(default_factory=list[tuple[Given, int, int]])
    _places: dict[object, str] = field(default_factory=dict[object, str])

    def sql(self, sql: Sql, row: str, given: Mapping[str, Given] | None = None, **switches: Any) -> str:
        """Return *sql* for a row, with places for the values that it names."""
        text = sql if isinstance(sql, str) else sql(self.variant, **switches)
        return text.format_map(_Names(self, row, given or {}))

    def place(self, name: str, given: Mapping[str, Given]) -> str:
        """Return the place of a value in the statement."""
        if name in given:
            argument = given[name]
            return self._put(argument, lambda _scene, variables: argument.at(variables))
        maker = self.known[name]
        return self._put(name, lambda scene, _variables: maker(scene))

    def _put(self, key: object, maker: Callable[[Any, Mapping[str, Any]], object]) -> str:
        if key not in self._places:
            self._places[key] = f"\x01{len(self.makers)}\x02"
            self.makers.append(maker)
        return self._places[key]


class _Names(dict[str, str]):
    def __init__(self, values: Values, row: str, given: Mapping[str, Given]) -> None:
        super().__init__(row=row)
        self._values, self._given = values, given

    def __missing__(self, name: str) -> str:
        return self._values.place(name, self._given)


@dataclass
class Reading:
    """Rows that are read: the columns asked of them, each once, and what is joined to them."""

    prefix: str
    is_below: bool = False
    """Whether they are those of a list within a row."""
    columns: dict[str, str] = field(default_factory=dict[str, str])
    joins: list[str] = field(default_factory=list[str])
    joined: dict[str, str] = field(default_factory=dict[str, str])

    def column(self, sql: str) -> str:
        """Return the name under which the builder finds what *sql* tells of a row."""
        return self.columns.setdefault(sql, f"{self.prefix}{len(self.columns)}")


@dataclass(frozen=True)
class Place:
    """Where a row of a shape is: among what is read, under which alias."""

    reading: Reading
    alias: str
    shape: Shape[Any]

    def source(self, name: str) -> tuple[str, Field[Any] | None]:
        """
        Return the SQL of a column, and its field if it is one of the model's.

        Raises:
            Unplannable: it is none.
        """
        if name in self.shape.further:
            return f"{self.alias}.{name}", None
        meta = self.shape.model and self.shape.model._meta  # pyright: ignore[reportPrivateUsage] - there is no other way
        if meta is None or name not in meta.fields_db_projection:
            raise Unplannable(name)
        return f'{self.alias}."{meta.fields_db_projection[name]}"', meta.fields_map[name]


@dataclass
class Compiler:
    """Compiles the selections of one document below one root."""

    code: Code
    values: Values
    selections: Selections

    def node(self, place: Place, kind: GraphQLObjectType, below: Iterable[SelectionSetNode]) -> str:
        """Return the expression for the dictionary of a row."""
        parts = [
            f"{each.key!r}: {repr(kind.name) if each.name == '__typename' else self._field(place, kind, each)}"
            for each in self.selections.fields(kind, below)
        ]
        return f"{{{', '.join(parts)}}}"

    def _field(self, place: Place, kind: GraphQLObjectType, each: Selected) -> str:
        shape, name, public = place.shape, to_snake_case(each.name), kind.fields[each.name]
        if not self.code.is_ruled(kind.name, each.name):
            raise Unplannable(each.name)
        if name in shape.columns:
            return self._column(place, name, public)
        made = shape.computed.get(name) or (shape.together[name].planned if name in shape.together else None)
        if made is not None:
            return self._computed(place, made, public, each)
        relation = shape.relations.get(name)
        if isinstance(relation, ToOne) and relation.sql is not False:
            return self._one(place, relation, public, each)
        if isinstance(relation, ToMany) and relation.rows is not None and not place.reading.is_below:
            return self._many(place, relation.shape, relation.rows, public, each)
        raise Unplannable(f"{kind.name}.{each.name}")

    def _computed(self, place: Place, made: Computed, public: GraphQLField, each: Selected) -> str:
        if made.same_as is not None:
            return self._same_as(place, made.same_as, public)
        if made.sql is not None:
            name = place.reading.column(self.values.sql(made.sql, place.alias))
            return self.code.column(public.type, name, None)
        facts = {name: place.reading.column(self.values.sql(sql, place.alias)) for name, sql in made.facts.items()}
        row = self._row(place, made.needs, facts)
        return self.code.value(public.type, f"{self.code.bind(made.value)}({row}, scene)", self.selections, each)

    def _same_as(self, place: Place, column: str, public: GraphQLField) -> str:
        referring, _, name = column.rpartition(".")
        return self._column(self._referred(place, referring) if referring else place, name, public)

    def _column(self, place: Place, name: str, public: GraphQLField) -> str:
        sql, source = place.source(name)
        written = f"{sql}::text" if is_written(public.type, source) else sql
        return self.code.column(public.type, place.reading.column(written), source)

    def _row(self, place: Place, needs: Iterable[str], facts: Mapping[str, str]) -> str:
        """Return the expression for a light row, which has the attributes of a model's that are needed."""
        found, further = dict(facts), dict[str, list[str]]()
        for need in needs:
            name, _, rest = need.partition(".")
            if rest:
                further.setdefault(name, []).append(rest)
            else:
                found[name] = self._as_row(place, name)
        for name, rest in further.items():
            found[name] = self._row(self._referred(place, name), rest, {})
        kind = namedtuple("Row", list(found))  # pyright: ignore[reportUntypedNamedTuple] - what is in it, a document says
        return f"{self.code.bind(kind)}({', '.join(found.values())})"

    def _as_row(self, place: Place, name: str) -> str:
        sql, source = place.source(name)
        if isinstance(source, ArrayField) and place.reading.is_below:
            # Arrays can be gathered in an array only if all are of one length.
            text = place.reading.column(f"to_json({sql})")
            return f"({self.code.bind(orjson.loads)}({text}) if {text} is not None else None)"
        return self.code.as_row(place.reading.column(sql), source)

    def _referred(self, place: Place, name: str) -> Place:
        """Return where the row is that a foreign key of the model names."""
        assert place.shape.model is not None
        meta = place.shape.model._meta  # pyright: ignore[reportPrivateUsage]
        key: Any = meta.fields_map[name]
        column, _ = place.source(key.source_field)
        referred = Shape(dict, model=key.related_model)
        return self._joined(place, referred, _keyed(referred, column), column)

    def _joined(self, place: Place, shape: Shape[Any], sql: str, key: str) -> Place:
        reading = place.reading
        if sql not in reading.joined:
            alias = reading.joined[sql] = self.code.name("o")
            # What is not pulled up is looked up row by row, so that the rows of a list stay in their order.
            in_order = " OFFSET 0" if reading.is_below else ""
            reading.joins.append(f"LEFT JOIN LATERAL ({sql}{in_order}) {alias} ON true")
        return Place(reading, reading.joined[sql], shape)

    def _one(self, place: Place, relation: ToOne, public: GraphQLField, each: Selected) -> str:
        column, _ = place.source(relation.column)
        sql = (
            _keyed(relation.shape, column) if relation.sql is True else self.values.sql(relation.sql, place.alias)  # pyright: ignore[reportArgumentType]
        )
        joined = self._joined(place, relation.shape, sql, column)
        kind: Any = get_named_type(public.type)
        made = self.node(joined, kind, each.below)
        key = joined.reading.column(f"{joined.alias}.{_key_of(relation.shape)}")
        return f"({made} if {key} is not None else {'fail()' if is_non_null_type(public.type) else None})"

    def _many(self, place: Place, shape: Shape[Any], rows: Rows, public: GraphQLField, each: Selected) -> str:
        given = self.selections.arguments(each, public)
        self.values.checks += [(given[name], *bounds) for name, bounds in rows.bounds.items()]
        switches = {name: self.selections.decide(given[name]) for name in rows.switches}
        alias, lateral = self.code.name("s"), self.code.name("l")
        inner = Reading(f"x{alias}_", is_below=True)
        kind: Any = get_named_type(public.type)
        made = self.node(Place(inner, alias, shape), kind, each.below)
        if not inner.columns:
            inner.column("1")
        sql = self.values.sql(rows.sql, place.alias, given, **switches)
        gathered = ", ".join(f"array_agg({column}) AS {name}" for column, name in inner.columns.items())
        place.reading.joins.append(
            # The words of shapes; what a client says is a parameter.
            f"LEFT JOIN LATERAL (SELECT {gathered} FROM ({sql}) {alias} {' '.join(inner.joins)}) {lateral} ON true"  # noqa: S608
        )
        lists = [place.reading.column(f"{lateral}.{name}") for name in inner.columns.values()]
        names = ", ".join(inner.columns.values())
        return f"([{made} for {names}, in zip({', '.join(lists)})] if {lists[0]} is not None else [])"


def _keyed(shape: Shape[Any], column: str) -> str:
    assert shape.model is not None
    table = shape.model._meta.db_table  # pyright: ignore[reportPrivateUsage]
    return f'SELECT * FROM "{table}" WHERE {_key_of(shape)} = {column}'  # noqa: S608 - the models' own names


def _key_of(shape: Shape[Any]) -> str:
    assert shape.model is not None
    return f'"{shape.model._meta.db_pk_column}"'  # pyright: ignore[reportPrivateUsage]
