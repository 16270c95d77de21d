"""For how long things are kept, and what is past its time now; only looks, so that a preview changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tortoise.connection import get_connections

from models.retention import RetentionVersion
from reading.overdue import OVERDUE
from rules.duties import Duty, has_duty
from rules.retention import Retention

if TYPE_CHECKING:
    from datetime import datetime

    from reading.access import Viewer
    from rules.kept_kinds import RetentionKind

EXAMPLES = 10
"""So many of what is past its time are named in a preview."""

MOST_VERSIONS = 100


@dataclass(frozen=True)
class Overdue:
    """What of a kind is past its time: how many, some of them, and how many more are held back by something open."""

    kind: RetentionKind
    days: int
    before: datetime
    count: int
    examples: tuple[str, ...]
    held_count: int


async def retention_now() -> Retention:
    """Return the periods in force."""
    latest = await RetentionVersion.all().order_by("-id").first()
    return Retention(latest.id, latest.days, latest.is_applied) if latest else Retention()


async def retention_for(viewer: Viewer) -> Retention | None:
    """Return the periods in force; None for whoever may not see them."""
    return await retention_now() if has_duty(viewer.role, Duty.SEE_RETENTION) else None


async def versions_for(viewer: Viewer) -> list[RetentionVersion]:
    """Return the last hundred changes of the periods, the latest first; none for whoever may not see them."""
    if not has_duty(viewer.role, Duty.SEE_RETENTION):
        return []
    return await RetentionVersion.all().order_by("-id").limit(MOST_VERSIONS)


async def preview_for(viewer: Viewer, *, at: datetime) -> list[Overdue]:
    """Return what would be erased now, kind by kind; nothing for whoever may not see it."""
    return await preview(at=at) if has_duty(viewer.role, Duty.SEE_RETENTION) else []


async def preview(*, at: datetime) -> list[Overdue]:
    """Return what `actions.erasing` would erase now, kind by kind, also of those of which there is nothing."""
    retention = await retention_now()
    return [await _overdue(kind, days, at=at) for kind in OVERDUE if (days := retention.days_of(kind)) is not None]


async def _overdue(kind: RetentionKind, days: int, *, at: datetime) -> Overdue:
    before, found = at - timedelta(days=days), OVERDUE[kind]
    database = get_connections().get("default")
    [counted] = await database.execute_query_dict(found.count(), [before])
    examples = await database.execute_query_dict(found.list(), [before, EXAMPLES])
    [held] = await database.execute_query_dict(found.count_held(), [before]) if found.hold else [{"count": 0}]
    return Overdue(kind, days, before, counted["count"], tuple(row["name"] for row in examples), held["count"])
