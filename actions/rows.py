"""Several rows of several tables in one statement, with the number they bear and the entry that tells of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from tortoise.fields import JSONField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tortoise.backends.asyncpg.client import TransactionWrapper
    from tortoise.fields import Field
    from tortoise.models import Model

    from actions.register import Record

Shape: TypeAlias = tuple[tuple[type["Model"], int], ...]


@dataclass(frozen=True)
class Placeholder:
    """A text that stands in rows and in the record where the next number of *series* shall stand; nobody guesses it."""

    series: str
    text: str


async def insert_numbered(
    connection: TransactionWrapper, rows: Sequence[Model], record: Record, *, number: Placeholder
) -> str:
    """
    Take the next number, insert *rows*, append *record*, all in one round trip; return the number.

    Rows of one model stand next to each other. The register's lock is held for this one statement and the commit that
    must follow it, not while rows are made ready and sent one by one: that is what bounds how many filings a second
    there can be.
    """
    shape = tuple((model, len(list(group))) for model, group in groupby(rows, key=type))
    values = [_value(row, field) for row in rows for field in _columns(type(row)).values()]
    marked = tuple(place for place, value in enumerate(values) if isinstance(value, str) and number.text in value)
    answer = await connection.execute_query_dict(
        _statement(shape, marked), [number.series, number.text, record.canonical(), *values]
    )
    for row in rows:
        row._saved_in_db = True  # pyright: ignore[reportPrivateUsage] - what `save` does
    given: str = answer[0]["number"]
    return given


@cache
def _columns(model: type[Model]) -> dict[str, Field[Any]]:
    """Return the columns of a model's table in a fixed order."""
    meta = model._meta  # pyright: ignore[reportPrivateUsage] - where Tortoise keeps what it knows of a model
    return {column: meta.fields_map[name] for name, column in meta.fields_db_projection.items()}


def _value(row: Model, field: Field[Any]) -> Any:
    return field.to_db_value(getattr(row, field.model_field_name), row)


@cache
def _statement(shape: Shape, marked: tuple[int, ...]) -> str:
    """
    Return the statement for so many rows of each model, the number put into the *marked* ones of their values.

    $1 is the series, $2 the placeholder, $3 the record. What the entry is joined with makes it come after all inserts.
    """
    cells = [
        _cell(place + 4, field, is_marked=place in marked)
        for place, field in enumerate(field for model, count in shape for field in _fields(model, count))
    ]
    inserts, left = list[str](), iter(cells)
    for place, (model, count) in enumerate(shape):
        written = ", ".join(f"({', '.join(next(left) for _ in _columns(model))})" for _ in range(count))
        inserts.append(f"w{place} AS (INSERT INTO {_table(model)} VALUES {written} RETURNING 1)")  # noqa: S608 - the models' own names
    done = ", ".join(f"w{place}" for place in range(len(shape)))
    return f"""
        WITH n AS MATERIALIZED (SELECT tramite_number($1, register_take_number($1)) AS number), {", ".join(inserts)}
        SELECT number, register_append(replace($3, $2, number)) FROM n, (SELECT count(*) FROM {done}) w
    """  # noqa: S608 - as above


def _fields(model: type[Model], count: int) -> list[Field[Any]]:
    return [*_columns(model).values()] * count


def _cell(place: int, field: Field[Any], *, is_marked: bool) -> str:
    if not is_marked:
        return f"${place}"
    numbered = f"replace(${place}, $2, (SELECT number FROM n))"  # noqa: S608 - a place
    return f"{numbered}::jsonb" if isinstance(field, JSONField) else numbered


def _table(model: type[Model]) -> str:
    names = ", ".join(f'"{column}"' for column in _columns(model))
    return f'"{model._meta.db_table}" ({names})'  # pyright: ignore[reportPrivateUsage] - as in `_columns`
