"""For how long things are kept, and what is past its time now; only looks, so that a preview changes nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.connection import get_connections

from models.retention import RetentionVersion
from reading.overdue import OVERDUE
from rules.duties import Duty, has_duty
from rules.kept_kinds import KEPT, RetentionKind
from rules.retention import Retention

if TYPE_CHECKING:
    from datetime import datetime

    from reading.access import Viewer

EXAMPLES = 10
"""So many of what is past its time are named in a preview."""

MOST_VERSIONS = 100

NOW = """
(SELECT jsonb_build_object('version', id, 'days', days, 'isApplied', is_applied)
FROM retention_versions ORDER BY id DESC LIMIT 1)
"""
"""The periods in force, for statements that read them along with something else."""


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


def told(said: str | None) -> Retention:
    """Return the periods that `NOW` tells."""
    kept = json.loads(said) if said else None
    return Retention(kept["version"], kept["days"], kept["isApplied"]) if kept else Retention()


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
    rows = await get_connections().get("default").execute_query_dict(PREVIEW, [at])
    return [
        Overdue(
            RetentionKind(row["kind"]), row["days"], row["before"], row["count"], tuple(row["names"]), row["held_count"]
        )
        for row in rows
    ]


def _previewed(kind: RetentionKind) -> str:
    """Return the selection of what of a kind is past its time at $1; of nothing, if it is kept for always."""
    found, least = OVERDUE[kind], KEPT[kind].days
    changed = f"WHEN v.days ? '{kind.value}' THEN (v.days->>'{kind.value}')::int" if KEPT[kind].is_changeable else ""
    days = f"(CASE {changed} WHEN true THEN {'NULL' if least is None else least} END)::int"
    count, held = found.count(), found.count_held() if found.hold else "SELECT 0::bigint"
    names = f"ARRAY(SELECT l.name FROM ({found.list()}) l)"
    before = f"$1::timestamptz - make_interval(hours => 24 * {days})"
    count, names, held = (
        each.replace("$1", "k.before").replace("$2", str(EXAMPLES)) for each in (f"({count})", names, f"({held})")
    )
    return f"""SELECT '{kind.value}' AS kind, k.days, k.before, {count} AS count, {names} AS names, {held} AS held_count
        FROM (SELECT {days} AS days, {before} AS before FROM v) k WHERE k.days IS NOT NULL"""  # noqa: S608 - our own words


PREVIEW = f"""
WITH v AS MATERIALIZED (SELECT ({NOW})->'days' AS days)
{" UNION ALL ".join(map(_previewed, OVERDUE))}
"""
"""What is past its time at the instant $1, in the order of `OVERDUE`."""
