"""Shapes as SQL: which columns of which rows are read, joined to each other, and the dictionaries made of them."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson
from graphql import GraphQLObjectType, get_named_type, get_nullable_type, is_non_null_type
from strawberry.utils.str_converters import to_snake_case
from tortoise.contrib.postgres.fields import ArrayField

from resolvers.engine.plans.places import Place, Reading, Told, Values, key_of, keyed
from resolvers.engine.plans.selections import Unplannable
from resolvers.engine.plans.values import form_of
from resolvers.engine.plans.written import Unwritable, Writer
from resolvers.engine.shapes import Shape, ToMany, ToOne

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphql import FieldNode, GraphQLField

    from resolvers.engine.plans.selections import Selected, Selections
    from resolvers.engine.plans.values import Code
    from resolvers.engine.shapes import Computed


@dataclass
class Compiler:
    """Compiles the selections of one document below one root."""

    code: Code
    values: Values
    selections: Selections

    def node(self, place: Place, kind: GraphQLObjectType, nodes: Iterable[FieldNode]) -> str:
        """Return the expression for the dictionary of a row."""
        parts = [
            f"{each.key!r}: {repr(kind.name) if each.name == '__typename' else self._field(place, kind, each)}"
            for each in self.selections.fields(kind, nodes)
        ]
        return f"{{{', '.join(parts)}}}"

    def _field(self, place: Place, kind: GraphQLObjectType, each: Selected) -> str:
        shape, public, name = place.shape, kind.fields[each.name], self.name_of(kind, each)
        if (told := self.told(place, name)) is not None:
            return self._told(place, told, public)
        if (made := _computed_of(shape, name)) is not None:
            return self._computed(place, made, public, each)
        relation = shape.relations.get(name)
        if isinstance(relation, ToOne) and relation.sql is not False:
            return self._one(place, relation, public, each)
        if isinstance(relation, ToMany) and relation.rows is not None:
            return self._many(place, relation, public, each)
        raise Unplannable(f"{kind.name}.{each.name}")

    def name_of(self, kind: GraphQLObjectType, each: Selected) -> str:
        """
        Return the name by which a shape has a field.

        Raises:
            Unplannable: it is shut.
        """
        if not self.code.is_ruled(kind.name, each.name):
            raise Unplannable(each.name)
        return to_snake_case(each.name)

    def told(self, place: Place, name: str) -> Told | None:
        """Return what SQL tells of a field by itself, None if Python has a hand in it."""
        if name in place.shape.columns:
            return place.source(name)
        made = _computed_of(place.shape, name)
        if made is not None and made.same_as is not None:
            referring, _, column = made.same_as.rpartition(".")
            return (self._referred(place, referring) if referring else place).source(column)
        return Told(self.values.sql(made.sql, place.alias), None) if made is not None and made.sql is not None else None

    def _told(self, place: Place, told: Told, public: GraphQLField) -> str:
        form = form_of(get_nullable_type(public.type), told.source, self.code.native)
        text = form.text.format(told.sql) if form else told.sql
        return self.code.column(public.type, place.reading.column(text), told, form)

    def _computed(self, place: Place, made: Computed, public: GraphQLField, each: Selected) -> str:
        facts = {name: place.reading.column(self.values.sql(sql, place.alias)) for name, sql in made.facts.items()}
        row = self._row(place, made.needs, facts)
        return self.code.value(public.type, f"{self.code.bind(made.value)}({row}, scene)", self.selections, each)

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
        assert place.shape.model is not None
        meta = place.shape.model._meta  # pyright: ignore[reportPrivateUsage]
        key: Any = meta.fields_map[name]
        referred = Shape(dict, model=key.related_model)
        sql = keyed(referred, place.source(key.source_field).sql)
        return replace(self._joined(place, referred, sql), may_be_absent=True)

    def joined(self, place: Place, relation: ToOne) -> Place:
        """Return where the row is that a relation shows."""
        shape, sql = relation.shape, relation.sql
        if isinstance(sql, bool):
            return self._joined(place, shape, keyed(shape, place.source(relation.column).sql))
        return self._joined(place, shape, self.values.sql(sql, place.alias))

    def _joined(self, place: Place, shape: Shape[Any], sql: str) -> Place:
        reading = place.reading
        if sql not in reading.joined:
            alias = reading.joined[sql] = self.code.name("o")
            # What is not pulled up is looked up row by row, so that the rows of a list stay in their order.
            in_order = " OFFSET 0" if reading.is_below else ""
            reading.joins.append(f"LEFT JOIN LATERAL ({sql}{in_order}) {alias} ON true")
        return Place(reading, reading.joined[sql], shape)

    def _one(self, place: Place, relation: ToOne, public: GraphQLField, each: Selected) -> str:
        joined, kind = self.joined(place, relation), get_named_type(public.type)
        made = self.node(joined, kind, each.nodes)  # pyright: ignore[reportArgumentType]
        key = joined.reading.column(f"{joined.alias}.{key_of(joined.shape)}")
        return f"({made} if {key} is not None else {'fail()' if is_non_null_type(public.type) else None})"

    def _many(self, place: Place, relation: ToMany, public: GraphQLField, each: Selected) -> str:
        try:
            return f"fragment({place.reading.column(Writer(self).rows(place, relation, public, each))})"
        except Unwritable:
            if place.reading.is_below:
                raise
        kind: Any = get_named_type(public.type)
        alias, lateral = self.code.name("s"), self.code.name("l")
        inner = Reading(f"x{alias}_", is_below=True)
        made = self.node(Place(inner, alias, relation.shape), kind, each.nodes)
        rows = self.rows_sql(place, relation, public, each)
        gathered = ", ".join(f"array_agg({column}) AS {name}" for column, name in inner.columns.items())
        place.reading.joins.append(
            # The words of shapes; what a client says is a parameter.
            f"LEFT JOIN LATERAL (SELECT {gathered} FROM ({rows}) {alias} {' '.join(inner.joins)}) {lateral} ON true"  # noqa: S608
        )
        lists = [place.reading.column(f"{lateral}.{name}") for name in inner.columns.values()]
        names = ", ".join(inner.columns.values())
        return f"([{made} for {names}, in zip({', '.join(lists)})] if {lists[0]} is not None else [])"

    def rows_sql(self, place: Place, relation: ToMany, public: GraphQLField, each: Selected) -> str:
        """Return the SQL of a relation's rows, with the arguments that a document gives."""
        rows, given = relation.rows, self.selections.arguments(each, public)
        assert rows is not None
        self.values.checks += [(given[name], *bounds) for name, bounds in rows.bounds.items()]
        switches = {name: given[name].at(self.selections.variables) for name in rows.switches}
        if None in switches.values():
            raise Unplannable("null for a switch: the plain way says that it may not be")
        return self.values.sql(rows.sql, place.alias, given, **switches)


def _computed_of(shape: Shape[Any], name: str) -> Computed | None:
    return shape.computed.get(name) or (shape.together[name].planned if name in shape.together else None)
