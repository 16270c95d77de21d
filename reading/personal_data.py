"""What the counter holds about a person, kind by kind, for that person alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tortoise.connection import get_connections

from reading.cursors import id_in, instant_in, place_of, values_in
from reading.kept_facts import facts_of
from reading.kept_sources import SOURCES
from reading.retention import NOW, told
from reading.tramites import check_count
from rules.kept_kinds import KEPT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from uuid import UUID

    from reading.access import Viewer
    from rules.kept_kinds import KeptRule, RetentionKind

PAGE = 100

_COUNTS = ", ".join(f'(SELECT count(*) FROM ({SOURCES[kind]}) s) AS "{kind.value}"' for kind in KEPT)  # noqa: S608 - our own words
SUMMARIES = f"SELECT {_COUNTS}, {NOW} AS retention"
"""How much of each kind is kept about the account $1, and the periods in force."""


@dataclass(frozen=True)
class KeptThing:
    """One thing that is kept about a person: since when, and what it says, by names in Spanish."""

    id: str
    at: datetime
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class KeptPage:
    """Some of the things of one kind, the latest first."""

    things: list[KeptThing]
    places: list[str]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True)
class KeptSummary:
    """How much of a kind is kept about a person, and what holds for it."""

    kind: RetentionKind
    rule: KeptRule
    period: str
    count: int


async def kept_summaries(viewer: Viewer) -> list[KeptSummary]:
    """Return how much of each kind is kept about the viewer, and what holds for it."""
    [row] = await get_connections().get("default").execute_query_dict(SUMMARIES, [viewer.user_id])
    retention = told(row["retention"])
    return [
        KeptSummary(kind, rule, rule.say_period(retention.days_of(kind)), row[kind.value])
        for kind, rule in KEPT.items()
    ]


async def kept_page(viewer: Viewer, kind: RetentionKind, *, first: int, after: str | None) -> KeptPage:
    """
    Return *first* things of a kind that are kept about the viewer, after a place, the latest first.

    Raises:
        TooManyAtOnce, UnknownCursor: as `reading.tramites`.
    """
    check_count(first, "first")
    place = _place(after) if after is not None else None
    statement = f"""SELECT * FROM ({SOURCES[kind]}) s
        WHERE $2::timestamptz IS NULL OR (s.at, s.key) < ($2::timestamptz, $3::uuid)
        ORDER BY s.at DESC, s.key DESC LIMIT $4"""  # noqa: S608 - our own words
    values = [viewer.user_id, *(place or (None, None)), first + 1]
    rows = await get_connections().get("default").execute_query_dict(statement, values)
    places = [place_of(row["at"].isoformat(), row["key"].hex) for row in rows[:first]]
    return KeptPage([_thing(kind, row) for row in rows[:first]], places, after is not None, len(rows) > first)


def _place(after: str) -> tuple[datetime, UUID]:
    instant, id_ = values_in(after, count=2)
    return instant_in(instant), id_in(id_)


def _thing(kind: RetentionKind, row: dict[str, Any]) -> KeptThing:
    said = json.loads(row["said"]) if isinstance(row["said"], str) else row["said"]
    return KeptThing(str(row["key"]), row["at"], facts_of(kind, said))


async def every_kept_thing(viewer: Viewer, kind: RetentionKind) -> AsyncIterator[KeptThing]:
    """Yield all things of a kind that are kept about the viewer, a hundred read at a time."""
    after: str | None = None
    while True:
        page = await kept_page(viewer, kind, first=PAGE, after=after)
        for thing in page.things:
            yield thing
        if not page.has_next:
            return
        after = page.places[-1]
