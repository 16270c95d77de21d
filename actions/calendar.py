"""The legal calendar is changed: each change is a new version, and none re-dates what was filed before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import register
from actions.register import Record
from actions.transaction import tx
from models.calendar import CalendarVersion, Holiday, HoursChange, PolicyChange
from models.catalogue import Office
from reading.catalogue import office_of_code
from rules.access import Role
from rules.refusals import Conflict, InvalidInput
from rules.register import Act
from rules.workdays import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime, time

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from rules.holidays import DeclaredDay
    from rules.workdays import FilingPolicy

ORDER_LOCK = 7_242_010
"""Advisory lock under which versions are numbered."""


class ChangeTooEarly(InvalidInput):
    """The change would hold for days on which something may have been filed already."""

    code = "CHANGE_TOO_EARLY"

    def __init__(self) -> None:
        super().__init__(
            "El cambio no puede regir desde hoy ni desde antes: lo ya presentado conserva su fecha. Indique una fecha "
            "desde mañana.",
            path=("from",),
        )


class HoursOutOfOrder(InvalidInput):
    """An office would close before it opens."""

    code = "HOURS_OUT_OF_ORDER"

    def __init__(self) -> None:
        super().__init__("La hora de cierre debe ser posterior a la de apertura.", path=("closesAt",))


class UnknownOffices(InvalidInput):
    """Days are declared for offices that do not exist."""

    code = "OFFICE_UNKNOWN"

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(f"No existen estas dependencias: {', '.join(codes)}. Revise sus códigos.")


class NothingNew(Conflict):
    """All that is declared is in the calendar already."""

    code = "NOTHING_NEW"

    def __init__(self) -> None:
        super().__init__("Todos esos días ya están en el calendario; no se cambió nada.")


@dataclass(frozen=True)
class _Change:
    version: CalendarVersion
    connection: TransactionWrapper

    async def record(self, at: datetime) -> str:
        """Append the entry; return the version's name."""
        detail = {"version": self.version.name, "change": self.version.change}
        await register.append(self.connection, Record(Act.CALENDAR_CHANGED, at, Role.SYSTEM, detail=detail))
        return self.version.name


async def change_policy(policy: FilingPolicy, *, from_on: date, now: datetime) -> str:
    """
    Let the hour of sending count by *policy* from a day on; return the new version.

    Raises:
        ChangeTooEarly: that day is not after today in Lima.
    """
    _check_future(from_on, now)
    async with tx() as connection:
        change = await _begin(connection, now, f"Política {policy.value} desde el {from_on}")
        await PolicyChange.create(version=change.version, from_on=from_on, policy=policy)
        return await change.record(now)


async def change_hours(office_code: str, *, opens_at: time, closes_at: time, from_on: date, now: datetime) -> str:
    """
    Open an office in other hours from a day on; return the new version.

    Raises:
        ChangeTooEarly, HoursOutOfOrder, NoSuchOffice: what they say.
    """
    _check_future(from_on, now)
    if opens_at >= closes_at:
        raise HoursOutOfOrder
    office = await office_of_code(office_code)
    async with tx() as connection:
        said = f"Horario de {office.code}: {opens_at:%H:%M} a {closes_at:%H:%M} desde el {from_on}"
        change = await _begin(connection, now, said)
        await HoursChange.create(
            version=change.version, office=office, from_on=from_on, opens_at=opens_at, closes_at=closes_at
        )
        return await change.record(now)


async def declare_days(days: Sequence[DeclaredDay], *, now: datetime) -> str:
    """
    Close, or open again, the counter on *days*; return the new version. Days that are past may be declared too.

    Raises:
        UnknownOffices: with all codes that are wrong.
        NothingNew: the calendar says all of it already.
    """
    offices = {office.code: office for office in await Office.all()}
    if wrong := sorted({day.office_code for day in days if day.office_code} - offices.keys()):
        raise UnknownOffices(wrong)
    async with tx() as connection:
        change = await _begin(connection, now, f"{len(days)} días declarados")
        known = {(row.day, row.office_id): row for row in await Holiday.all().order_by("version_id")}
        rows = [
            Holiday(
                version=change.version,
                office=offices[day.office_code] if day.office_code else None,
                day=day.day,
                name=day.name,
                source=day.source,
                is_closed=day.is_closed,
            )
            for day in days
        ]
        new = [row for row in rows if not _is_known(row, known.get((row.day, row.office_id)))]
        if not new:
            raise NothingNew
        await Holiday.bulk_create(new)
        return await change.record(now)


def _is_known(row: Holiday, known: Holiday | None) -> bool:
    said = [(each.name, each.source, each.is_closed) for each in (row, known) if each is not None]
    return len(said) > 1 and said[0] == said[1]


def _check_future(from_on: date, now: datetime) -> None:
    if from_on <= day_of(now):
        raise ChangeTooEarly


async def _begin(connection: TransactionWrapper, now: datetime, change: str) -> _Change:
    """Make the next version, named by its year and its place among the versions of that year."""
    await connection.execute_query_dict("SELECT pg_advisory_xact_lock($1)", [ORDER_LOCK])
    year = day_of(now).year
    count = await CalendarVersion.filter(name__startswith=f"{year}-").count()
    version = await CalendarVersion.create(name=f"{year}-{count + 1}", made_at=now, change=change)
    return _Change(version, connection)
