"""The offices, as everybody may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tortoise.connection import get_connections

from models.catalogue import OFFICE_CODE_LENGTH, Office
from rules.refusals import NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, time
    from uuid import UUID

    from tortoise.queryset import QuerySet


HOURS = """
SELECT o.id, coalesce(h.opens_at, o.opens_at)::time AS opens_at, coalesce(h.closes_at, o.closes_at)::time AS closes_at
FROM offices o LEFT JOIN LATERAL (
    SELECT opens_at, closes_at FROM hours_changes WHERE office_id = o.id AND from_on <= {today}
    ORDER BY from_on DESC, version_id DESC LIMIT 1
) h ON true
WHERE o.id = {which}
"""
"""The hours of offices on a day, as a calendar of that day has them."""


class NoSuchOffice(NotFound):
    """There is no office of that code."""

    code = "OFFICE_NOT_FOUND"

    def __init__(self, field: str = "officeCode") -> None:
        super().__init__("Esa dependencia no existe. Elija una de la lista de dependencias.", path=(field,))


@dataclass(frozen=True)
class Hours:
    """When the desk of an office is open, by Lima's clock."""

    opens_at: time
    closes_at: time


async def hours_of(ids: Collection[UUID], *, today: date) -> dict[UUID, Hours]:
    """Return the hours of those offices on a day."""
    asked = HOURS.format(today="$2::date", which="ANY($1::uuid[])")
    rows = await get_connections().get("default").execute_query_dict(asked, [list(ids), today])
    return {row["id"]: Hours(row["opens_at"], row["closes_at"]) for row in rows}


async def all_offices() -> list[Office]:
    """Return the offices in their order."""
    return await offices_query()


def offices_query() -> QuerySet[Office]:
    """Return the query of the offices in their order."""
    return Office.all().order_by("position", "code")


async def offices_by_id(ids: Collection[UUID]) -> dict[UUID, Office]:
    """Return the offices of those ids."""
    return {office.id: office for office in await Office.filter(id__in=list(ids))}


async def office_ids(codes: Iterable[str]) -> list[UUID]:
    """Return the ids of the offices of those codes, which may be any texts."""
    found = Office.filter(code__in=[code for code in codes if is_code(code)])
    return [office.id for office in await found]


async def find_office(code: str) -> Office | None:
    """Return the office of that code, which may be any text; None if there is none."""
    return await Office.get_or_none(code=code) if is_code(code) else None


def is_code(code: str) -> bool:
    """Say whether there could be an office of that code: it fits its column, which refuses to be asked for more."""
    return 0 < len(code) <= OFFICE_CODE_LENGTH and "\0" not in code


def office_from(row: Mapping[str, Any]) -> Office:
    """Return the office that a row holds, read with all columns of its table along with something else."""
    columns = Office._meta.fields_db_projection_reverse  # pyright: ignore[reportPrivateUsage]
    return Office._init_from_db(**{name: row[name] for name in columns})  # pyright: ignore[reportPrivateUsage]


async def office_of_code(code: str, *, field: str = "officeCode") -> Office:
    """
    Return the office of that code, which *field* gave.

    Raises:
        NoSuchOffice: there is none.
    """
    office = await find_office(code)
    if office is None:
        raise NoSuchOffice(field)
    return office
