"""Where rows are among what is read, and the values that a statement is sent with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple

from resolvers.engine.plans.selections import Given, Unplannable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resolvers.engine.shapes import Shape, Sql

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
        names = {name for _, name, _, _ in Formatter().parse(text) if name} - {"row"}
        return text.format(row=row, **{name: self._place(name, given or {}) for name in sorted(names)})

    def _place(self, name: str, given: Mapping[str, Given]) -> str:
        key, told = given.get(name, name), given[name].at if name in given else self.known[name]
        if key not in self._places:
            self._places[key] = f"\x01{len(self.makers)}\x02"
            self.makers.append(lambda scene, variables: told(variables if name in given else scene))
        return self._places[key]


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
