"""The one statement that records a document: its key and uploads, number, rows, and the entry that tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias

from tortoise.fields import JSONField

from models.receipts import Receipt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import AsyncpgDBClient
    from tortoise.fields import Field
    from tortoise.models import Model

    from actions.register import Record

Shape: TypeAlias = tuple[tuple[type["Model"], int], ...]

ENTRY = """
SELECT number, register_append(replace({record}, $2, number)) FROM n, (SELECT count(*) FROM {inserts}) w
"""
"""$1 is the series, $2 the placeholder, $3 the record. Being joined with the inserts, the entry comes after them."""

DIGESTED = """
replace($3, '#' || $2, encode(sha256(convert_to(replace(${place}, $2, number)::jsonb::text, 'UTF8')), 'hex'))
"""
"""The record with the digest of the receipt's facts, as `rules.chain.facts_digest`: only now they hold the number."""

FIRST_BESIDE = 4
"""Place of the first value of what goes beside the inserts."""

NUMBER = "n AS MATERIALIZED (SELECT tramite_number($1, register_take_number($1)) AS number {after})"

CLAIM = """
k AS (INSERT INTO client_keys (id, user_id, key, request_hash, made_id, created_at)
    VALUES (gen_random_uuid(), $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING 1),
u AS (UPDATE uploads SET used_at = $8 WHERE id = ANY($9::uuid[]) AND owner_id = $4 AND used_at IS NULL
    AND expires_at > $8 AND content_id IS NOT NULL AND EXISTS (SELECT FROM k) RETURNING 1)
"""
AFTER_CLAIM = "FROM (SELECT count(*) AS taken FROM u) c WHERE taken = cardinality($9::uuid[])"
"""Without key and uploads there is no number, and without a number no trámite: the statement then fails as a whole."""


@dataclass(frozen=True)
class Placeholder:
    """A text that stands in rows and record where the next number of *series* shall stand; nobody can guess it."""

    series: str
    text: str

    @property
    def digest(self) -> str:
        """What stands in the record where the digest of the receipt's facts shall stand."""
        return f"#{self.text}"


class Companion(Protocol):
    """
    What goes with a document in its one statement.

    `parts` are statements by name, whose values begin at $4. The entry waits for those that are in `awaited`; the
    number is taken `after` what that says, which can be that it is taken not at all.
    """

    parts: ClassVar[str]
    awaited: ClassVar[tuple[str, ...]]
    after: ClassVar[str]

    def values(self) -> list[Any]:
        """Return the values of `parts`."""
        ...


@dataclass(frozen=True)
class Claim:
    """A client key that makes a trámite once, and the uploads that are used up by it."""

    parts: ClassVar[str] = CLAIM
    awaited: ClassVar[tuple[str, ...]] = ()
    after: ClassVar[str] = AFTER_CLAIM

    user_id: UUID
    key: UUID
    asked: bytes
    makes_id: UUID
    at: datetime
    uploads: tuple[UUID, ...]

    def values(self) -> list[Any]:
        """Return the values of `CLAIM`."""
        return [self.user_id, self.key, self.asked, self.makes_id, self.at, list(self.uploads)]


async def insert_numbered(
    connection: AsyncpgDBClient,
    rows: Sequence[Model],
    record: Record,
    *,
    number: Placeholder,
    beside: Companion | None = None,
) -> str:
    """
    Take the next number, insert *rows*, append *record*, all in one round trip; return the number.

    Rows of one model stand next to each other. The register's lock, for which all filings queue, is held for this
    statement and its commit, not while rows are made ready and sent one by one; and with a `Claim` *beside* it can be a
    transaction of its own, committed without a further round trip.

    Raises:
        IntegrityError: the claim's key was used before, or not all of its uploads can be taken; nothing is recorded.
    """
    assert record.text is None, "what is filed comes with no word beside it"
    shape = tuple((model, len(list(group))) for model, group in groupby(rows, key=type))
    values = [value for row in rows for value in values_of(row)]
    marked = tuple(place for place, value in enumerate(values) if isinstance(value, str) and number.text in value)
    given = [number.series, number.text, record.canonical(), *(beside.values() if beside else [])]
    statement = _statement(shape, marked, type(beside) if beside else None, first=len(given) + 1)
    answer = await connection.execute_query_dict(statement, [*given, *values])
    for row in rows:
        row._saved_in_db = True  # pyright: ignore[reportPrivateUsage] - what `save` does
    return str(answer[0]["number"])


@cache
def columns_of(model: type[Model]) -> dict[str, Field[Any]]:
    """Return the columns of a model's table that are written, in a fixed order."""
    meta = model._meta  # pyright: ignore[reportPrivateUsage] - where Tortoise keeps what it knows of a model
    columns = {column: meta.fields_map[name] for name, column in meta.fields_db_projection.items()}
    return {column: field for column, field in columns.items() if not field.generated}


def values_of(row: Model) -> list[Any]:
    """Return what is written of a row, in the order of `columns_of`."""
    held = row.__dict__
    return [
        None if (value := held[name]) is None and field.null else field.to_db_value(value, row)
        for name, field in _fields(type(row))
    ]


@cache
def _fields(model: type[Model]) -> tuple[tuple[str, Field[Any]], ...]:
    return tuple((field.model_field_name, field) for field in columns_of(model).values())


@cache
def _statement(shape: Shape, marked: tuple[int, ...], beside: type[Companion] | None, *, first: int) -> str:
    """Return the statement for so many rows of each model, whose values begin at $*first*; *marked* bear the number."""
    fields = [field for model, count in shape for field in [*columns_of(model).values()] * count]
    cells = iter([_cell(first + place, field, is_marked=place in marked) for place, field in enumerate(fields)])
    inserts = {f"w{place}": _insert(model, count, cells) for place, (model, count) in enumerate(shape)}
    parts = [
        *([beside.parts] if beside else []),
        NUMBER.format(after=beside.after if beside else ""),
        *(f"{name} AS ({insert})" for name, insert in inserts.items()),
    ]
    awaited = ", ".join([*inserts, *(beside.awaited if beside else ())])
    return f"WITH {', '.join(parts)} {ENTRY.format(record=_record(fields, first=first), inserts=awaited)}"


def _record(fields: list[Field[Any]], *, first: int) -> str:
    facts = [first + place for place, field in enumerate(fields) if field is columns_of(Receipt)["facts"]]
    return DIGESTED.format(place=facts[0]) if facts else "$3"


def _insert(model: type[Model], count: int, cells: Iterator[str]) -> str:
    columns = columns_of(model)
    names = ", ".join(f'"{column}"' for column in columns)
    rows = ", ".join(f"({', '.join(next(cells) for _ in columns)})" for _ in range(count))
    table = model._meta.db_table  # pyright: ignore[reportPrivateUsage] - as in `_columns`
    return f'INSERT INTO "{table}" ({names}) VALUES {rows} RETURNING 1'  # noqa: S608 - the models' own names


def _cell(place: int, field: Field[Any], *, is_marked: bool) -> str:
    if not is_marked:
        return f"${place}"
    numbered = f"replace(${place}, $2, (SELECT number FROM n))"  # noqa: S608 - a place
    return f"{numbered}::jsonb" if isinstance(field, JSONField) else numbered
