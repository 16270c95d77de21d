"""
The legal calendar is changed: each change is a new version, and none re-dates what was filed before.

By an administrator, whose duty is judged here, or from the command line, by the counter itself.
"""

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
from rules.administration import ChangeTooEarly, VersionOutdated, check_hours, read_later_day, read_time
from rules.duties import Duty, check_duty
from rules.refusals import Checks, Conflict, InvalidInput
from rules.register import Act
from rules.words import glimpse
from rules.workdays import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime, time

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from reading.access import Viewer
    from rules.holidays import DeclaredDay
    from rules.workdays import FilingPolicy

__all__ = ["ChangeTooEarly", "NothingNew", "Origin", "UnknownOffices", "change_hours", "change_policy", "declare_days"]

ORDER_LOCK = 7_242_010
"""Advisory lock under which versions are numbered."""

MOST_NAMED = 3
"""How many days a change names; of more it tells the number."""


MOST_UNKNOWN = 10
"""Of how many offices that do not exist the codes are repeated."""


class UnknownOffices(InvalidInput):
    """Days are declared for offices that do not exist."""

    code = "OFFICE_UNKNOWN"

    def __init__(self, codes: Sequence[str]) -> None:
        named = [glimpse(code) for code in codes[:MOST_UNKNOWN]]
        more = f" y {len(codes) - MOST_UNKNOWN} más" if len(codes) > MOST_UNKNOWN else ""
        super().__init__(f"No existen estas dependencias: {', '.join(named)}{more}. Revise sus códigos.")


class NothingNew(Conflict):
    """All that is declared is in the calendar already."""

    code = "NOTHING_NEW"

    def __init__(self) -> None:
        super().__init__("Todos esos días ya están en el calendario; no se cambió nada.")


@dataclass(frozen=True)
class Origin:
    """Who changes the calendar, and the version they have seen; the counter itself asks for none."""

    by: Viewer
    expected_version: str


@dataclass(frozen=True)
class _Change:
    version: CalendarVersion
    connection: TransactionWrapper
    origin: Origin | None

    async def record(self, at: datetime) -> str:
        """Append the entry; return the version's name."""
        detail = {"version": self.version.name, "change": self.version.change}
        by = self.origin.by if self.origin else None
        record = Record(
            Act.CALENDAR_CHANGED,
            at,
            by.role if by else Role.SYSTEM,
            actor_id=by.user_id if by else None,
            detail=detail,
        )
        await register.append(self.connection, record)
        return self.version.name


async def change_policy(
    policy: FilingPolicy, *, from_on: date | str, now: datetime, origin: Origin | None = None
) -> str:
    """
    Let the hour of sending count by *policy* from a day on; return the new version.

    Raises:
        NotYourDuty: whoever asks does not administer.
        NoSuchDay, ChangeTooEarly: that day is none, or not after today in Lima.
        VersionOutdated: there is a later version than they have seen.
    """
    _check_duty(origin)
    checks = Checks()
    first = checks.take("fromOn", lambda day: read_later_day(day, day_of(now)), from_on)
    checks.refuse_any()
    async with tx() as connection:
        change = await _begin(connection, now, f"Política {policy.value} desde el {first}", origin)
        await PolicyChange.create(version=change.version, from_on=first, policy=policy)
        return await change.record(now)


async def change_hours(
    office_code: str,
    *,
    opens_at: time | str,
    closes_at: time | str,
    from_on: date | str,
    now: datetime,
    origin: Origin | None = None,
) -> str:
    """
    Open an office in other hours from a day on; return the new version.

    Raises:
        NotYourDuty: whoever asks does not administer.
        InvalidInput: for every field that does not hold what it must: NoSuchTime, HoursOutOfOrder, ChangeTooEarly.
        NoSuchOffice: there is no office of that code.
        VersionOutdated: there is a later version than they have seen.
    """
    _check_duty(origin)
    checks = Checks()
    first = checks.take("fromOn", lambda day: read_later_day(day, day_of(now)), from_on)
    opens, closes = checks.take("opensAt", read_time, opens_at), checks.take("closesAt", read_time, closes_at)
    checks.take("closesAt", lambda hours: check_hours(*hours), (opens, closes))
    checks.refuse_any()
    office = await office_of_code(office_code)
    async with tx() as connection:
        said = f"Horario de {office.code}: {opens:%H:%M} a {closes:%H:%M} desde el {first}"
        change = await _begin(connection, now, said, origin)
        await HoursChange.create(version=change.version, office=office, from_on=first, opens_at=opens, closes_at=closes)
        return await change.record(now)


async def declare_days(days: Sequence[DeclaredDay], *, now: datetime, origin: Origin | None = None) -> str:
    """
    Close, or open again, the counter on *days*; return the new version. Days that are past may be declared too.

    Raises:
        NotYourDuty: whoever asks does not administer.
        UnknownOffices: with all codes that are wrong.
        VersionOutdated: there is a later version than they have seen.
        NothingNew: the calendar says all of it already.
    """
    _check_duty(origin)
    offices = {office.code: office for office in await Office.all()}
    if wrong := sorted({day.office_code for day in days if day.office_code} - offices.keys()):
        raise UnknownOffices(wrong)
    async with tx() as connection:
        change = await _begin(connection, now, _named(days), origin)
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


def _named(days: Sequence[DeclaredDay]) -> str:
    """Say which days are declared, as far as there is room."""
    if len(days) > MOST_NAMED:
        return f"{len(days)} días declarados"
    return "Días declarados: " + ", ".join(
        f"{day.day}{'' if day.is_closed else ' (se atiende)'}{f' en {day.office_code}' if day.office_code else ''}"
        for day in days
    )


def _check_duty(origin: Origin | None) -> None:
    if origin is not None:
        check_duty(origin.by.role, Duty.ADMINISTER)


async def _begin(connection: TransactionWrapper, now: datetime, change: str, origin: Origin | None) -> _Change:
    """Make the next version, named by its year and its place among the versions of that year."""
    await connection.execute_query_dict("SELECT pg_advisory_xact_lock($1)", [ORDER_LOCK])
    if origin is not None:
        latest = await CalendarVersion.all().order_by("-id").first()
        if latest is None or latest.name != origin.expected_version:
            raise VersionOutdated
    year = day_of(now).year
    count = await CalendarVersion.filter(name__startswith=f"{year}-").count()
    version = await CalendarVersion.create(name=f"{year}-{count + 1}", made_at=now, change=change)
    return _Change(version, connection, origin)
