"""Lapsing (tener por no presentado): what was observed and not corrected in time, by the counter itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from actions import notices, register
from actions.register import Record
from actions.steps import facts_of, save_change
from actions.submission import wake
from actions.tasks import open_task
from actions.transaction import database, tx
from models.tasks import Task
from models.tramites import Tramite
from reading.terms import terms_of
from rules.access import Role
from rules.corrections import Term
from rules.lifecycle import Step, TramiteStatus, next_status
from rules.notices import NoticeKind
from rules.register import Act
from rules.tasks import ANSWERED, TaskKind
from rules.workdays import day_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools

GRACE = timedelta(minutes=15)
"""Nothing lapses in the first minutes of a day: a correction of the last moment may still be on its way."""

MOST_AT_ONCE = 5000
"""How many one run looks at; what is left is the next one's."""

OVERDUE = """
SELECT t.id FROM tramites t WHERE t.status = 'OBSERVED' AND t.correct_by < $1
AND NOT EXISTS (SELECT FROM tasks k WHERE k.tramite_id = t.id AND k.kind = $2)
ORDER BY t.correct_by, t.id LIMIT $3
"""


async def lapse_overdue(tools: Tools) -> int:
    """
    Let lapse what was observed and whose term to correct is over; return how many trámites did.

    A missed run is caught up by the next one. What was observed by a mail that did not arrive, or left too late for
    the whole term, is laid before the desk once, and goes on waiting for its correction. So does, while the desk has
    not settled it, what was answered in time by a mail that could not be added.
    """
    at, lapsed = tools.clock() - GRACE, 0
    for tramite_id in await _overdue(at):
        lapsed += await _judge(tools, tramite_id, at=at)
    return lapsed


async def _overdue(at: datetime) -> list[UUID]:
    values = [day_of(at), TaskKind.OBSERVATION_UNDELIVERED.value, MOST_AT_ONCE]
    return [row["id"] for row in await database().execute_query_dict(OVERDUE, values)]


async def _judge(tools: Tools, tramite_id: UUID, *, at: datetime) -> bool:
    """Let one trámite lapse, if it may; one that somebody is acting on is left to the next run."""
    async with tx() as connection:
        observed = Tramite.filter(id=tramite_id, status=TramiteStatus.OBSERVED)
        tramite = await observed.select_for_update(skip_locked=True).get_or_none()
        if tramite is None or await _is_answered(tramite_id):
            return False
        term = (await terms_of([tramite], at=at))[tramite.id]
        if term is Term.UNTOLD:
            await open_task(tools, TaskKind.OBSERVATION_UNDELIVERED, tramite=tramite)
        if term is not Term.OVER:
            return False
        await _lapse(connection, tools, tramite)
    wake(tools)
    return True


async def _is_answered(tramite_id: UUID) -> bool:
    return await Task.exists(tramite_id=tramite_id, kind__in=ANSWERED, done_at__isnull=True)


async def _lapse(connection: TransactionWrapper, tools: Tools, tramite: Tramite) -> None:
    await tramite.fetch_related("office")
    before = tramite.status
    tramite.status = next_status(facts_of(tramite), Step.LAPSE, Role.SYSTEM)
    await save_change(tramite, ["status"])
    await notices.promise(tools, NoticeKind.LAPSED, tramite=tramite)
    await register.append(
        connection,
        Record(
            Act.LAPSED,
            at=tools.clock(),
            role=Role.SYSTEM,
            tramite_id=tramite.id,
            from_status=before,
            to_status=tramite.status,
        ),
    )
