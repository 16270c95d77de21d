"""
Rows as JSON that the database writes, to the byte as it is written here: a list of rows is then one text.

It does for what SQL knows by itself. What Python makes of a row it makes of columns: see `rows`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLEnumType, get_named_type, get_nullable_type, is_non_null_type

from resolvers.engine.plans.places import Place, Reading, Told, key_of
from resolvers.engine.plans.selections import Unplannable
from resolvers.engine.plans.values import form_of
from resolvers.engine.shapes import ToMany, ToOne

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphql import FieldNode, GraphQLField, GraphQLObjectType

    from resolvers.engine.plans.rows import Compiler
    from resolvers.engine.plans.selections import Selected

MOST_PARTS = 98
"""A function of PostgreSQL takes no more than a hundred arguments."""

FAIL = "concat({0}, '?')::integer::text"
"""Ends the statement with an error if it comes to it: it is not known before that no such number exists."""


class Unwritable(Unplannable):
    """Something of a row is made by Python."""


@dataclass
class Writer:
    """Writes what *compiler* reads of one document."""

    compiler: Compiler

    def rows(self, place: Place, relation: ToMany, public: GraphQLField, each: Selected) -> str:
        """
        Return the SQL of a list as JSON, joined to a row.

        Raises:
            Unwritable: Python must make it.
        """
        kind: Any = get_named_type(public.type)
        alias, lateral = self.compiler.code.name("s"), self.compiler.code.name("l")
        inner = Reading(is_below=True)
        made = self._row(Place(inner, alias, relation.shape), kind, each.nodes)
        rows = self.compiler.rows_sql(place, relation, public, each)
        place.reading.joins.append(
            f"LEFT JOIN LATERAL (SELECT '[' || string_agg({made}, ',') || ']' AS json "  # noqa: S608 - the words of shapes
            f"FROM ({rows}) {alias} {' '.join(inner.joins)}) {lateral} ON true"
        )
        return f"coalesce({lateral}.json, '[]')"

    def _row(self, place: Place, kind: GraphQLObjectType, nodes: Iterable[FieldNode]) -> str:
        parts, text = list[str](), ""
        for each in self.compiler.selections.fields(kind, nodes):
            before, sql, after = self._field(place, kind, each)
            text += f'{"," if text or parts else "{"}"{each.key}":{before}'
            if sql:
                parts += [quoted(text), sql]
                text = ""
            text += after
        if len(parts) > MOST_PARTS:
            raise Unwritable("too many fields")
        ending = text + "}" if parts or text else "{}"
        return f"concat({', '.join([*parts, quoted(ending)])})"

    def _field(self, place: Place, kind: GraphQLObjectType, each: Selected) -> tuple[str, str, str]:
        """Return the SQL of a value as JSON, and the text that stands before and after it."""
        if each.name == "__typename":
            return f'"{kind.name}"', "", ""
        public, name = kind.fields[each.name], self.compiler.name_of(kind, each)
        if (told := self.compiler.told(place, name)) is not None:
            return self._value(public.type, told)
        relation = place.shape.relations.get(name)
        if isinstance(relation, ToOne) and relation.sql is not False:
            joined = self.compiler.joined(place, relation)
            made = self._row(joined, get_named_type(public.type), each.nodes)  # pyright: ignore[reportArgumentType]
            key = f"{joined.alias}.{key_of(joined.shape)}"
            return "", f"CASE WHEN {key} IS NOT NULL THEN {made} ELSE {_nothing(public.type, key)} END", ""
        if isinstance(relation, ToMany) and relation.rows is not None:
            return "", self.rows(place, relation, public, each), ""
        raise Unwritable(each.name)

    def _value(self, kind: Any, told: Told) -> tuple[str, str, str]:
        named, sql = get_nullable_type(kind), told.sql
        if isinstance(named, GraphQLEnumType):
            quote, made = '"', _member(named, sql)
        elif (form := form_of(named, told.source, self.compiler.code.native)) is not None:
            quote, made = ('"' if form.is_quoted else ""), form.json.format(sql)
        else:
            raise Unwritable(named)
        if not told.may_be_null:
            return quote, made, quote
        return "", f"coalesce('{quote}' || {made} || '{quote}', {_nothing(kind, sql)})", ""


def quoted(text: str) -> str:
    """Return SQL for a text without apostrophes."""
    return f"'{text}'"


def _nothing(kind: Any, sql: str) -> str:
    return FAIL.format(sql) if is_non_null_type(kind) else "'null'"


def _member(kind: GraphQLEnumType, sql: str) -> str:
    """Return SQL for a member of an enum whose columns hold the names that the API has for them."""
    names = [name for name, each in kind.values.items() if getattr(each.value, "value", each.value) == name]
    if len(names) < len(kind.values):
        raise Unwritable(kind.name)
    known = f"{sql} = ANY ('{{{','.join(names)}}}'::text[])"
    return f"CASE WHEN {known} THEN {sql} WHEN {sql} IS NOT NULL THEN {FAIL.format(sql)} END"
