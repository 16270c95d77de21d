"""For how long things are kept is set by administrators: each change is a version, and an entry of the register."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from actions import register
from actions.register import Record
from actions.transaction import tx
from models.retention import RetentionVersion
from reading.retention import retention_now
from rules.administration import VersionOutdated
from rules.duties import Duty, check_duty
from rules.register import Act

if TYPE_CHECKING:
    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from reading.access import Viewer
    from rules.kept_kinds import RetentionKind
    from rules.retention import Retention

ORDER_LOCK = 7_242_024
"""Advisory lock under which versions are numbered."""


async def set_period(
    tools: Tools, viewer: Viewer, kind: RetentionKind, *, days: int | None, expected_version: int | None = None
) -> Retention:
    """
    Keep a kind for *days*, None for always; return all periods. The same period again changes nothing.

    It holds for what is kept already, too: nothing is erased before the next time that what is past its time is.

    Raises:
        NotYourDuty: the viewer does not manage retention.
        PeriodNotAllowed, PeriodsOutOfOrder: what they say.
        VersionOutdated: there is a later version than the expected one.
    """
    check_duty(viewer.role, Duty.MANAGE_RETENTION)
    async with tx() as connection:
        now = await _locked(connection, expected_version)
        changed = replace(now, days=now.changed(kind, days))
        if now.days_of(kind) == days:
            return now
        told = {"kind": kind.value, "days": days, "before": now.days_of(kind)}
        return await _keep(connection, tools, viewer, changed, told=told)


async def switch_erasing(
    tools: Tools, viewer: Viewer, *, is_applied: bool, expected_version: int | None = None
) -> Retention:
    """
    Let what is past its time be erased by itself each day, or not; return all periods. It is off before any change.

    Raises:
        NotYourDuty: the viewer does not manage retention.
        VersionOutdated: there is a later version than the expected one.
    """
    check_duty(viewer.role, Duty.MANAGE_RETENTION)
    async with tx() as connection:
        now = await _locked(connection, expected_version)
        if now.is_applied == is_applied:
            return now
        changed = replace(now, is_applied=is_applied)
        return await _keep(connection, tools, viewer, changed, told={"applied": is_applied})


async def _locked(connection: TransactionWrapper, expected_version: int | None) -> Retention:
    await connection.execute_query_dict("SELECT pg_advisory_xact_lock($1)", [ORDER_LOCK])
    now = await retention_now()
    if expected_version not in (None, now.version):
        raise VersionOutdated
    return now


async def _keep(
    connection: TransactionWrapper, tools: Tools, viewer: Viewer, changed: Retention, *, told: dict[str, Any]
) -> Retention:
    kept = replace(changed, version=changed.version + 1)
    await RetentionVersion.create(
        id=kept.version,
        days=dict(kept.days),
        is_applied=kept.is_applied,
        made_at=tools.clock(),
        made_by_id=viewer.user_id,
    )
    detail = told | {"policy": kept.version}
    await register.append(
        connection,
        Record(Act.RETENTION_CHANGED, tools.clock(), viewer.role, actor_id=viewer.user_id, detail=detail),
    )
    return kept
