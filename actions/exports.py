"""Exports (exportaciones): asked for with a filter, then fetched by who asked, one at a time."""

from __future__ import annotations

import uuid
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from actions.client_keys import claim
from actions.transaction import snapshot, tx
from models.people import User
from models.searches import Export
from reading.exports import rows_of
from reading.filters import meaning_of
from reading.kept_filters import filter_of, kept_of
from rules.duties import Duty, check_duty
from rules.refusals import Conflict, InvalidInput, NotFound, TooManyRequests
from rules.workdays import day_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from uuid import UUID

    from actions.tools import Tools
    from reading.access import Viewer
    from reading.filters import Filter
    from rules.exports import Cells, ExportFormat
    from rules.orders import TramiteOrder

LIFE = timedelta(minutes=10)
"""How long an export may be fetched after it was asked for."""

LONGEST_RUN = timedelta(minutes=10)
"""How long fetching one may take; after that the person may fetch another, whatever became of it."""

MOST_WAITING = 20
MOST_ROWS = 250_000


class NoSuchExport(NotFound):
    """There is no such export of theirs, or it was asked for too long ago."""

    code = "EXPORT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("Esa exportación no existe o ya venció. Vuelva a pedirla desde la lista.")


class ExportRunning(Conflict):
    """The person is fetching another export."""

    code = "EXPORT_RUNNING"

    def __init__(self) -> None:
        super().__init__("Ya está descargando una exportación. Espere a que termine y vuelva a intentar.")


class TooManyExports(TooManyRequests):
    """A person has asked for more exports than they fetch."""

    code = "TOO_MANY_EXPORTS"

    def __init__(self) -> None:
        super().__init__("Pidió muchas exportaciones seguidas. Espere unos minutos y vuelva a intentar.")


class ExportTooLarge(InvalidInput):
    """There are more rows than an export holds, or it took too long."""

    code = "EXPORT_TOO_LARGE"

    def __init__(self) -> None:
        super().__init__(
            f"La lista es demasiado larga para exportarla de una vez: puede tener hasta {MOST_ROWS} trámites. "
            "Acorte las fechas o elija una dependencia, y expórtela por partes."
        )


async def open_export(
    tools: Tools,
    viewer: Viewer,
    *,
    wanted: Filter,
    order: TramiteOrder,
    format_: ExportFormat,
    client_key: UUID | None = None,
) -> Export:
    """
    Ask for a list as a file; it may be fetched within ten minutes, by the same person.

    Raises:
        NotYourDuty: the viewer exports nothing.
        InvalidInput: for every field of the filter that does not hold what it must.
        TooManyExports: twenty are waiting to be fetched.
        KeyReused: the client key was used for another list.
        NoSuchExport: the key was used for this list, which was forgotten since.
    """
    check_duty(viewer.role, Duty.EXPORT)
    now = tools.clock()
    await meaning_of(wanted, viewer, today=day_of(now))
    asked = {"act": "openExport", "wanted": kept_of(wanted), "order": order.value, "format": format_.value}
    new_id = uuid.uuid4()
    async with tx() as connection:
        await User.filter(id=viewer.user_id).select_for_update(no_key=True).get()
        if earlier := await claim(connection, viewer, client_key, makes_id=new_id, at=now, asked=asked):
            return await _opened(viewer, earlier)
        if await Export.filter(owner_id=viewer.user_id, expires_at__gt=now).count() >= MOST_WAITING:
            raise TooManyExports
        return await Export.create(
            id=new_id,
            owner_id=viewer.user_id,
            format=format_,
            wanted=kept_of(wanted),
            order=order,
            opened_at=now,
            expires_at=now + LIFE,
        )


async def _opened(viewer: Viewer, export_id: UUID) -> Export:
    export = await Export.get_or_none(id=export_id, owner_id=viewer.user_id)
    if export is None:
        raise NoSuchExport
    return export


@asynccontextmanager
async def running(tools: Tools, viewer: Viewer, export_id: UUID) -> AsyncGenerator[Export]:
    """
    Hold, for as long as the block lasts, the one export that a person may fetch at a time.

    Raises:
        NoSuchExport: there is none of theirs, or it has expired.
        NotYourDuty: the viewer exports nothing any more.
        ExportRunning: they are fetching another.
    """
    export = await _begin(tools, viewer, export_id)
    try:
        yield export
    finally:
        async with tx():
            await Export.filter(id=export.id).update(runs_until=None)


async def _begin(tools: Tools, viewer: Viewer, export_id: UUID) -> Export:
    now = tools.clock()
    async with tx():
        await User.filter(id=viewer.user_id).select_for_update(no_key=True).get()
        own = Export.filter(owner_id=viewer.user_id)
        export = await own.get_or_none(id=export_id, expires_at__gt=now)
        if export is None:
            raise NoSuchExport
        check_duty(viewer.role, Duty.EXPORT)
        if await own.filter(runs_until__gt=now).exists():
            raise ExportRunning
        export.runs_until = now + LONGEST_RUN
        await export.save(update_fields=["runs_until"])
    return export


@asynccontextmanager
async def reading_rows(tools: Tools, viewer: Viewer, export: Export) -> AsyncGenerator[AsyncIterator[Cells]]:
    """
    Yield the rows of an export, for as long as the block lasts; all are of the instant at which it began.

    Raises:
        ExportTooLarge: while they are read: there are more than may be.
    """
    today = day_of(tools.clock())
    async with snapshot() as connection:
        rows = rows_of(connection, viewer, filter_of(export.wanted), export.order, today=today)
        async with aclosing(rows), aclosing(_bounded(rows)) as bounded:
            yield bounded


async def _bounded(rows: AsyncIterator[Cells]) -> AsyncGenerator[Cells]:
    count = 0
    async for row in rows:
        count += 1
        if count > MOST_ROWS:
            raise ExportTooLarge
        yield row


async def forget_exports(tools: Tools) -> int:
    """Forget exports that expired, at most a thousand; return how many."""
    async with tx():
        old = await Export.filter(expires_at__lte=tools.clock() - LONGEST_RUN).limit(1000).values_list("id", flat=True)
        await Export.filter(id__in=old).delete()
    return len(old)
