"""Offices (dependencias) are added, renamed, ordered, retired and opened again; never deleted, and no trámite moves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from actions import register
from actions.client_keys import claim
from actions.register import Record
from actions.transaction import tx
from models.catalogue import Office
from reading.catalogue import NoSuchOffice, all_offices
from rules import administration as rules
from rules.administration import MOST_OFFICES, NothingToChange, VersionOutdated, check_hours, read_time
from rules.counter_policy import OutOfBounds
from rules.duties import Duty, check_duty
from rules.refusals import Checks, Conflict, InvalidInput
from rules.register import Act

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from reading.access import Viewer

ORDER_LOCK = 7_242_012
"""Advisory lock under which offices are changed, one change after the other."""


IN_USE = "SELECT FROM mailboxes WHERE office_id = $1 AND leased_until > clock_timestamp()"


class OfficeCodeTaken(InvalidInput):
    """There is an office of that code, perhaps a retired one."""

    code = "OFFICE_CODE_TAKEN"

    def __init__(self) -> None:
        super().__init__("Ya existe una dependencia con ese código, quizá retirada. Elija otro.", path=("code",))


class TooManyOffices(Conflict):
    """There are as many offices as may be."""

    code = "TOO_MANY_OFFICES"

    def __init__(self) -> None:
        super().__init__(f"Ya hay {MOST_OFFICES} dependencias, que es lo máximo.")


class OrderIncomplete(InvalidInput):
    """The order does not name each office once."""

    code = "ORDER_INCOMPLETE"

    def __init__(self) -> None:
        super().__init__("El orden debe nombrar cada dependencia una sola vez, también las retiradas.", path=("codes",))


class OfficeTakesMail(Conflict):
    """Mail is filed to the office at this moment."""

    code = "OFFICE_TAKES_MAIL"

    def __init__(self) -> None:
        super().__init__(
            "A esta dependencia llegan los correos de la mesa de partes. Asigne antes otra dependencia al buzón y "
            "reinicie su recepción."
        )


class LastOffice(Conflict):
    """No other office takes documents."""

    code = "LAST_OFFICE"

    def __init__(self) -> None:
        super().__init__("Es la única dependencia que recibe documentos. Abra otra antes de retirarla.")


@dataclass(frozen=True, kw_only=True)
class OfficeForm:
    """An office to be, as typed; its place in the list, from 1, or None for the last."""

    code: str
    name: str
    opens_at: str
    closes_at: str
    position: int | None = None


async def add_office(tools: Tools, viewer: Viewer, form: OfficeForm, *, client_key: UUID | None = None) -> Office:
    """
    Add an office, which takes documents at once; those behind its place move down.

    Raises:
        NotYourDuty: the viewer does not administer.
        InvalidInput: for every field that does not hold what it must.
        TooManyOffices: there are as many as may be.
        KeyReused: the client key was used for something else.
    """
    check_duty(viewer.role, Duty.ADMINISTER)
    checks = Checks()
    code = checks.take("code", rules.clean_office_code, form.code)
    name = checks.take("name", rules.clean_office_name, form.name)
    opens = checks.take("opensAt", read_time, form.opens_at)
    closes = checks.take("closesAt", read_time, form.closes_at)
    checks.take("closesAt", lambda hours: check_hours(*hours), (opens, closes))
    checks.take("position", _check_place, form.position)
    checks.refuse_any()
    new_id, asked = uuid4(), {"act": "addOffice", **asdict(form)}
    async with tx() as connection:
        offices = await _locked(connection)
        if earlier := await claim(connection, viewer, client_key, makes_id=new_id, at=tools.clock(), asked=asked):
            return await Office.get(id=earlier)
        if any(office.code == code for office in offices):
            raise OfficeCodeTaken
        if len(offices) >= MOST_OFFICES:
            raise TooManyOffices
        place = min(form.position or MOST_OFFICES, len(offices) + 1)
        added = await Office.create(
            id=new_id,
            code=code,
            name=name,
            position=place,
            opens_at=opens,
            closes_at=closes,
            revision=version_of(offices) + 1,
        )
        await _arrange([*offices[: place - 1], added, *offices[place - 1 :]], revision=added.revision)
        hours = {"opensAt": f"{opens:%H:%M}", "closesAt": f"{closes:%H:%M}"}
        detail = {"change": "ADDED", "office": code, "name": name, "position": place, **hours}
        await _record(connection, tools, viewer, detail)
    return added


async def rename_office(tools: Tools, viewer: Viewer, code: str, *, name: str, expected_version: int) -> Office:
    """
    Give an office another name; receipts that were issued keep the one that it had.

    Raises:
        NotYourDuty: the viewer does not administer.
        InvalidInput: the name is empty, too long or unreadable.
        NoSuchOffice, VersionOutdated, NothingToChange: what they say.
    """
    check_duty(viewer.role, Duty.ADMINISTER)
    checks = Checks()
    new = checks.take("name", rules.clean_office_name, name)
    checks.refuse_any()
    async with tx() as connection:
        offices = await _locked(connection)
        office = _find(offices, code, expected_version)
        old, office.name = office.name, str(new)
        if old == new:
            raise NothingToChange
        await _save(office, offices)
        await _record(connection, tools, viewer, {"change": "RENAMED", "office": code, "name": new, "before": old})
    return office


async def retire_office(tools: Tools, viewer: Viewer, code: str, *, expected_version: int) -> Office:
    """
    Let an office take no more documents. What it has stays: its staff see it, act on it, and can refer it away.

    Raises:
        NotYourDuty: the viewer does not administer.
        NoSuchOffice, VersionOutdated, NothingToChange: what they say.
        OfficeTakesMail: mail is filed to it.
        LastOffice: no other takes documents.
    """
    check_duty(viewer.role, Duty.ADMINISTER)
    async with tx() as connection:
        offices, now = await _locked(connection), tools.clock()
        office = _find(offices, code, expected_version)
        if office.retired_at is not None:
            raise NothingToChange
        if all(other.retired_at is not None for other in offices if other.id != office.id):
            raise LastOffice
        if await connection.execute_query_dict(IN_USE, [office.id]):
            raise OfficeTakesMail
        office.retired_at = now
        await _save(office, offices)
        await _record(connection, tools, viewer, {"change": "RETIRED", "office": code})
    return office


async def reopen_office(tools: Tools, viewer: Viewer, code: str, *, expected_version: int) -> Office:
    """
    Let a retired office take documents again.

    Raises:
        NotYourDuty: the viewer does not administer.
        NoSuchOffice, VersionOutdated, NothingToChange: what they say.
    """
    check_duty(viewer.role, Duty.ADMINISTER)
    async with tx() as connection:
        offices = await _locked(connection)
        office = _find(offices, code, expected_version)
        if office.retired_at is None:
            raise NothingToChange
        office.retired_at = None
        await _save(office, offices)
        await _record(connection, tools, viewer, {"change": "REOPENED", "office": code})
    return office


async def reorder_offices(tools: Tools, viewer: Viewer, codes: Sequence[str], *, expected_version: int) -> list[Office]:
    """
    List the offices in another order; *expected_version* is that of the list, the greatest of all offices.

    Raises:
        NotYourDuty: the viewer does not administer.
        VersionOutdated, NothingToChange: what they say.
        OrderIncomplete: the order does not name each office once.
    """
    check_duty(viewer.role, Duty.ADMINISTER)
    async with tx() as connection:
        offices = await _locked(connection)
        if version_of(offices) != expected_version:
            raise VersionOutdated
        by_code = {office.code: office for office in offices}
        if len(codes) != len(offices) or set(codes) != by_code.keys():
            raise OrderIncomplete
        order = [by_code[code] for code in codes]
        if order == offices:
            raise NothingToChange
        await _arrange(order, revision=version_of(offices) + 1)
        await _record(connection, tools, viewer, {"change": "REORDERED", "order": list(codes)})
    return order


def version_of(offices: Sequence[Office]) -> int:
    """Return the version of the list of all offices: that of the last change of any."""
    return max((office.revision for office in offices), default=0)


def _check_place(position: int | None) -> None:
    if position is not None and not 1 <= position <= MOST_OFFICES:
        raise OutOfBounds(range(1, MOST_OFFICES + 1))


async def _locked(connection: TransactionWrapper) -> list[Office]:
    """Return all offices in their order, which nobody else changes until the end of the transaction."""
    await connection.execute_query_dict("SELECT pg_advisory_xact_lock($1)", [ORDER_LOCK])
    return await all_offices()


def _find(offices: Sequence[Office], code: str, expected_version: int) -> Office:
    office = next((office for office in offices if office.code == code), None)
    if office is None:
        raise NoSuchOffice("code")
    if office.revision != expected_version:
        raise VersionOutdated
    return office


async def _save(office: Office, offices: Sequence[Office]) -> None:
    office.revision = version_of(offices) + 1
    await office.save(update_fields=["name", "retired_at", "revision"])


async def _arrange(order: Sequence[Office], *, revision: int) -> None:
    """Give each office the place that it has in *order*; those whose place becomes another are changed."""
    for place, office in enumerate(order, 1):
        if office.position != place:
            office.position, office.revision = place, revision
            await office.save(update_fields=["position", "revision"])


async def _record(connection: TransactionWrapper, tools: Tools, viewer: Viewer, detail: dict[str, Any]) -> None:
    record = Record(Act.OFFICES_CHANGED, tools.clock(), viewer.role, actor_id=viewer.user_id, detail=detail)
    await register.append(connection, record)
