"""
Shapes as SQL: which columns of which rows are read, joined to each other, and the dictionaries made of them.

Rows of which SQL can tell everything are written by the database, with all that is below them, as JSON that is to the
byte as it is written here. Of others Python makes dictionaries; those of a list below come as one array of each column.
"""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from graphql import GraphQLEnumType, get_nullable_type, is_non_null_type
from strawberry.utils.str_converters import to_snake_case
from tortoise.contrib.postgres.fields import ArrayField

from resolvers.engine.plans.selections import Unplannable
from resolvers.engine.plans.values import form_of
from resolvers.engine.shapes import Computed, Shape, ToMany, ToOne

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphql import FieldNode, GraphQLObjectType

    from resolvers.engine.plans.roots import Values
    from resolvers.engine.plans.selections import Selected, Selections
    from resolvers.engine.plans.values import Code

SQL = "\x04"
"""Stands before and after the SQL of a value in the text of a row."""

MOST_PARTS = 99
"""A function of PostgreSQL takes no more than a hundred arguments."""

FAIL = "concat({0}, '?')::integer::text"
"""Ends the statement with an error if it comes to it: it is not known before that no such number exists."""


@dataclass
class Reading:
    """Rows that are read: the columns asked of them, each once, and what is joined to them."""

    prefix: str = "x"
    is_below: bool = False
    """Whether they are those of a list within a row."""
    columns: dict[str, str] = field(default_factory=dict[str, str])
    joins: list[str] = field(default_factory=list[str])
    joined: dict[str, str] = field(default_factory=dict[str, str])

    def column(self, sql: str) -> str:
        """Return the name under which the builder finds what *sql* tells of a row."""
        return self.columns.setdefault(sql, f"{self.prefix}{len(self.columns)}")


class Told(NamedTuple):
    """A value that SQL tells, and the model's field if it is a column of one."""

    sql: str
    source: Any
    may_be_null: bool = True


@dataclass(frozen=True)
class Place:
    """Where a row of a shape is: among what is read, under which alias; and whether there may be none."""

    reading: Reading
    alias: str
    shape: Shape[Any]
    may_be_absent: bool = False

    @property
    def key(self) -> str:
        """The column that is the key of the row."""
        meta: Any = self.shape.model and self.shape.model._meta  # pyright: ignore[reportPrivateUsage]
        return f'{self.alias}."{meta.db_pk_column}"'

    def source(self, name: str) -> Told:
        """
        Return what SQL tells of a column.

        Raises:
            Unplannable: it is none.
        """
        if name in self.shape.further:
            return Told(f"{self.alias}.{name}", None)
        meta = self.shape.model and self.shape.model._meta  # pyright: ignore[reportPrivateUsage] - there is no other way
        if meta is None or name not in meta.fields_db_projection:
            raise Unplannable(name)
        source = meta.fields_map[name]
        sql = f'{self.alias}."{meta.fields_db_projection[name]}"'
        return Told(sql, source, may_be_null=source.null or self.may_be_absent)


def keyed(model: Any, column: str) -> str:
    """Return SQL for the row of a model whose key is in that column."""
    return f'SELECT * FROM "{model._meta.db_table}" WHERE "{model._meta.db_pk_column}" = {column}'  # noqa: S608 - the models' own names


@dataclass
class Compiler:
    """Compiles the selections of one document below one root."""

    code: Code
    values: Values
    selections: Selections

    def row(self, place: Place, kind: GraphQLObjectType, nodes: Iterable[FieldNode]) -> str:
        """Return the expression for a row: written by the database, if SQL can tell all of it."""
        trial = replace(place, reading=Reading())
        try:
            text = self._written_row(trial, kind, nodes)
        except Unplannable:
            return self.node(place, kind, nodes)
        place.reading.joins += trial.reading.joins
        return f"fragment({place.reading.column(f'CASE WHEN {place.key} IS NOT NULL THEN {text} END')})"

    def node(self, place: Place, kind: GraphQLObjectType, nodes: Iterable[FieldNode]) -> str:
        """Return the expression for the dictionary of a row."""
        return self.selections.dictionary(kind, nodes, lambda each: self._made(place, kind, each))

    def _made(self, place: Place, kind: GraphQLObjectType, each: Selected) -> str:
        match self._declared(place, kind, each):
            case Told() as told:
                form = form_of(get_nullable_type(each.field.type), told.source, self.code.native)
                text = form.text.format(told.sql) if form else told.sql
                return self.code.column(each.field.type, place.reading.column(text), told, form)
            case Computed() as made:
                facts = {to: place.reading.column(self.values.sql(sql, place.alias)) for to, sql in made.facts.items()}
                value = f"{self.code.bind(made.value)}({self._row(place, made.needs, facts)}, scene)"
                return self.code.value(each.field.type, value, each)
            case ToOne() as relation:
                joined = self._joined_by(place, relation)
                is_there = place.reading.column(f"{joined.key} IS NOT NULL")
                made = self.node(joined, each.named, each.nodes)
                return f"({made} if {is_there} else {'fail()' if is_non_null_type(each.field.type) else None})"
            case ToMany() as relation:
                return self._list(place, relation, each)

    def _declared(self, place: Place, kind: GraphQLObjectType, each: Selected) -> Told | Computed | ToOne | ToMany:
        """
        Return what the shape says of a field: what SQL tells of it by itself, or what there is to be done.

        Raises:
            Unplannable: nothing that a plan can do, or it is shut.
        """
        shape, name = place.shape, to_snake_case(each.name)
        if not self.code.is_ruled(kind.name, each.name):
            raise Unplannable(each.name)
        if name in shape.columns:
            return place.source(name)
        if made := shape.computed.get(name) or (shape.together[name].planned if name in shape.together else None):
            if made.same_as is not None:
                referring, _, column = made.same_as.rpartition(".")
                return (self._referred(place, referring) if referring else place).source(column)
            return made if made.sql is None else Told(self.values.sql(made.sql, place.alias), None)
        relation = shape.relations.get(name)
        if relation is None or not (relation.sql if isinstance(relation, ToOne) else relation.rows):
            raise Unplannable(f"{kind.name}.{each.name}")
        return relation

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
        sql, source, _ = place.source(name)
        if isinstance(source, ArrayField) and place.reading.is_below:
            # Arrays can be gathered in an array only if all are of one length.
            text = place.reading.column(f"to_json({sql})")
            return f"({self.code.bind(orjson.loads)}({text}) if {text} is not None else None)"
        return self.code.as_row(place.reading.column(sql), source)

    def _referred(self, place: Place, name: str) -> Place:
        """Return where the row is that a foreign key of the model names."""
        key: Any = place.shape.model and place.shape.model._meta.fields_map[name]  # pyright: ignore[reportPrivateUsage]
        sql = keyed(key.related_model, place.source(key.source_field).sql)
        return replace(self._joined(place, Shape(dict, model=key.related_model), sql), may_be_absent=True)

    def _joined_by(self, place: Place, relation: ToOne) -> Place:
        """Return where the row is that a relation shows."""
        if isinstance(sql := relation.sql, bool):
            sql = keyed(relation.shape.model, place.source(relation.column).sql)
        return self._joined(place, relation.shape, self.values.sql(sql, place.alias))

    def _joined(self, place: Place, shape: Shape[Any], sql: str) -> Place:
        reading = place.reading
        if sql not in reading.joined:
            alias = reading.joined[sql] = self.code.name("o")
            # What is not pulled up is looked up row by row, so that the rows of a list stay in their order.
            reading.joins.append(f"LEFT JOIN LATERAL ({sql}{' OFFSET 0' if reading.is_below else ''}) {alias} ON true")
        return Place(reading, reading.joined[sql], shape)

    def _list(self, place: Place, relation: ToMany, each: Selected) -> str:
        try:
            return f"fragment({place.reading.column(self._written_list(place, relation, each))})"
        except Unplannable:
            if place.reading.is_below:
                raise
        inner = self._below(relation)
        made = self.node(inner, each.named, each.nodes)
        columns = inner.reading.columns
        gathered = ", ".join(f"array_agg({column}) AS {name}" for column, name in columns.items())
        lateral = self._join_list(place, inner, relation, each, gathered)
        lists = [place.reading.column(f"{lateral}.{name}") for name in columns.values()]
        return f"([{made} for {', '.join(columns.values())}, in zip({', '.join(lists)})] if {lists[0]} else [])"

    def _below(self, relation: ToMany) -> Place:
        alias = self.code.name("s")
        return Place(Reading(f"x{alias}_", is_below=True), alias, relation.shape)

    def _join_list(self, place: Place, inner: Place, relation: ToMany, each: Selected, gathered: str) -> str:
        """Join to a row what is gathered of a relation's rows, with the arguments that a document gives."""
        rows, given, lateral = relation.rows, self.selections.arguments(each), self.code.name("l")
        assert rows is not None
        self.values.checks += [(given[name], *bounds) for name, bounds in rows.bounds.items()]
        switches = {name: given[name].at(self.selections.variables) for name in rows.switches}
        if None in switches.values():
            raise Unplannable("null for a switch: the plain way says that it may not be")
        sql = self.values.sql(rows.sql, place.alias, given, **switches)
        place.reading.joins.append(
            # The words of shapes; what a client says is a parameter.
            f"LEFT JOIN LATERAL (SELECT {gathered} FROM ({sql}) {inner.alias} "  # noqa: S608
            f"{' '.join(inner.reading.joins)}) {lateral} ON true"
        )
        return lateral

    def _written_list(self, place: Place, relation: ToMany, each: Selected) -> str:
        """
        Return the SQL of a list as JSON, joined to a row.

        Raises:
            Unplannable: Python must make it.
        """
        inner = self._below(relation)
        row = self._written_row(inner, each.named, each.nodes)
        lateral = self._join_list(place, inner, relation, each, f"'[' || string_agg({row}, ',') || ']' AS json")
        return f"coalesce({lateral}.json, '[]')"

    def _written_row(self, place: Place, kind: GraphQLObjectType, nodes: Iterable[FieldNode]) -> str:
        fields = [f'"{each.key}":{self._written(place, kind, each)}' for each in self.selections.fields(kind, nodes)]
        parts = [
            part if number % 2 else f"'{part}'" for number, part in enumerate(f"{{{','.join(fields)}}}".split(SQL))
        ]
        if len(parts) > MOST_PARTS:
            raise Unplannable("too many fields to be written by the database")
        return f"concat({', '.join(parts)})"

    def _written(self, place: Place, kind: GraphQLObjectType, each: Selected) -> str:
        """Return a value as JSON, its SQL between marks."""
        if each.name == "__typename":
            return f'"{kind.name}"'
        match self._declared(place, kind, each):
            case Told() as told:
                return self._written_value(each.field.type, told)
            case ToOne() as relation:
                joined = self._joined_by(place, relation)
                made = self._written_row(joined, each.named, each.nodes)
                nothing = _nothing(each.field.type, joined.key)
                return f"{SQL}CASE WHEN {joined.key} IS NOT NULL THEN {made} ELSE {nothing} END{SQL}"
            case ToMany() as relation:
                return f"{SQL}{self._written_list(place, relation, each)}{SQL}"
            case Computed():
                raise Unplannable(each.name)

    def _written_value(self, kind: Any, told: Told) -> str:
        named, sql = get_nullable_type(kind), told.sql
        if isinstance(named, GraphQLEnumType):
            quote, made = '"', _member(named, sql)
        elif form := form_of(named, told.source, self.code.native):
            quote, made = '"' if form.is_quoted else "", form.json.format(sql)
        else:
            raise Unplannable(named)
        if not told.may_be_null:
            return f"{quote}{SQL}{made}{SQL}{quote}"
        text = f"'{quote}' || {made} || '{quote}'" if quote else f"{made}::text"
        return f"{SQL}coalesce({text}, {_nothing(kind, sql)}){SQL}"


def _nothing(kind: Any, sql: str) -> str:
    return FAIL.format(sql) if is_non_null_type(kind) else "'null'"


def _member(kind: GraphQLEnumType, sql: str) -> str:
    """Return SQL for a member of an enum whose columns hold the names that the API has for them."""
    names = [name for name, each in kind.values.items() if getattr(each.value, "value", each.value) == name]
    if len(names) < len(kind.values):
        raise Unplannable(kind.name)
    known = f"{sql} = ANY ('{{{','.join(names)}}}'::text[])"
    return f"CASE WHEN {known} THEN {sql} WHEN {sql} IS NOT NULL THEN {FAIL.format(sql)} END"
