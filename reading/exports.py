"""The rows of an export: all that a viewer may see and a filter describes, read through cursors of the database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from models.catalogue import Office
from models.people import User
from reading.finding import SORTINGS, Slice, page_of
from reading.narrowing import narrowed
from rules.catalogue import Channel, DocumentKind
from rules.due import is_late
from rules.exports import NO, YES
from rules.lifecycle import TramiteStatus

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import date
    from uuid import UUID

    from asyncpg.pool import PoolConnectionProxy

    from reading.access import Viewer
    from reading.filters import Filter
    from reading.narrowing import Part
    from rules.exports import Cells, Value
    from rules.orders import TramiteOrder

AT_ONCE = 500
"""How many rows are taken from the database at a time."""

READ = (
    "id",
    "number",
    "status",
    "sent_at",
    "filed_on",
    "due_on",
    "applicant_id",
    "office_id",
    "channel",
    "document_kind",
    "document_number",
    "subject",
    "folios",
    "sender_name",
    "organization_ruc",
    "organization_name",
    "owner_id",
    "repeats",
    "missing",
)

Row: TypeAlias = Any
"""A record of asyncpg, which knows its columns only when it runs."""


async def rows_of(
    connection: PoolConnectionProxy, viewer: Viewer, wanted: Filter, order: TramiteOrder, *, today: date
) -> AsyncGenerator[Cells]:
    """
    Yield the cells of each trámite, in the order of `rules.exports.COLUMNS`, each trámite once.

    Within a transaction whose snapshot stands. Each part of the list has a cursor; they are merged as they come.
    """
    parts = await narrowed(viewer, wanted, order, today=today)
    offices = {office.id: office.name for office in await Office.all()}
    owners: dict[UUID | None, str | None] = {None: None}
    async for row in _merged([_stream(connection, part, order) for part in parts], order):
        if row["owner_id"] not in owners:
            owners[row["owner_id"]] = (await User.get(id=row["owner_id"])).full_name
        of_desk = _of_desk(row, owners, today) if row["applicant_id"] != viewer.user_id else _NOTHING
        yield _cells(row, offices[row["office_id"]], of_desk)


async def _stream(connection: PoolConnectionProxy, part: Part, order: TramiteOrder) -> AsyncGenerator[Row]:
    query = page_of(part, Slice(), order).only(*READ)
    query.sql()
    statement, values = query.query.get_parameterized_sql()
    async for row in connection.cursor(statement, *values, prefetch=AT_ONCE):
        yield row


async def _merged(streams: list[AsyncGenerator[Row]], order: TramiteOrder) -> AsyncGenerator[Row]:
    """Yield the rows of all streams in their common order, what is in several of them once."""
    sorting, last = SORTINGS[order], None
    choose = max if sorting.is_descending else min
    heads = {stream: row for stream in streams if (row := await anext(stream, None)) is not None}
    while heads:
        stream = choose(heads, key=lambda each: (heads[each][sorting.column], heads[each]["id"]))
        row, following = heads.pop(stream), await anext(stream, None)
        if following is not None:
            heads[stream] = following
        if row["id"] != last:
            yield row
        last = row["id"]


def _of_desk(row: Row, owners: dict[UUID | None, str | None], today: date) -> tuple[Value, Value, Value, Value]:
    """Return what the desk alone may know: until when, whether late, whose, whether a file came before."""
    due: date | None = row["due_on"]
    return due, _yes_or_no(is_late(due, today=today)), owners[row["owner_id"]], _yes_or_no(row["repeats"])


_NOTHING = (None, None, None, None)


def _yes_or_no(value: bool) -> str:
    return YES if value else NO


def _cells(row: Row, office: str, of_desk: tuple[Value, Value, Value, Value]) -> Cells:
    due, late, owner, repeats = of_desk
    kind = row["document_kind"]
    return (
        row["number"],
        TramiteStatus(row["status"]).label,
        row["sent_at"],
        row["filed_on"],
        due,
        late,
        office,
        Channel(row["channel"]).label,
        DocumentKind(kind).label if kind else None,
        row["document_number"],
        row["subject"],
        row["folios"],
        row["sender_name"],
        row["organization_ruc"],
        row["organization_name"],
        owner,
        repeats,
        " ".join(json.loads(row["missing"])),
    )
