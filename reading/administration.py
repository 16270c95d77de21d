"""What administrators decided, and when: for those who administer and those who audit; for others there is nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from tortoise.connection import get_connections
from tortoise.expressions import RawSQL

from models.calendar import CalendarVersion, HoursChange
from models.counter_policy import PolicyVersion
from models.register import Entry
from reading.catalogue import office_from
from reading.cursors import number_in
from reading.policies import LATEST, Latest
from reading.tramites import check_count
from rules.duties import Duty, has_duty
from rules.workdays import FilingPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tortoise.queryset import QuerySet

    from models.catalogue import Office
    from reading.access import Viewer

Row = TypeVar("Row")

IS_CHANGE = """
("entries"."act" IN (
    'CALENDAR_CHANGED', 'OFFICES_CHANGED', 'POLICY_CHANGED', 'SERVICE_TOKEN_MADE', 'SERVICE_TOKEN_REVOKED'))
"""
"""The acts stand in the text, so that the planner sees that their own index holds them."""

BEYOND = 2**63 - 1
MOST_POLICIES = 100
"""How many changes of the filing policy are told, the latest first."""

MOST_HOURS = 20
"""How many changes of hours are told of each office, the latest first: all offices are told at once."""


DECIDED = f"""
SELECT o.*, latest_calendar.*, latest_policy.*, latest_head.*, (
    SELECT json_agg(json_build_array(p.from_on, p.policy) ORDER BY p.from_on DESC, p.version_id DESC) FROM (
        SELECT * FROM policy_changes ORDER BY from_on DESC, version_id DESC LIMIT {MOST_POLICIES}) p) AS dating, (
    SELECT json_agg(json_build_array(h.from_on, h.opens_at, h.closes_at) ORDER BY h.from_on DESC, h.version_id DESC)
    FROM (SELECT * FROM hours_changes WHERE office_id = o.id ORDER BY from_on DESC, version_id DESC
        LIMIT {MOST_HOURS}) h) AS hours
FROM {LATEST} LEFT JOIN offices o ON true ORDER BY o.position, o.code
"""  # noqa: S608 - our own words


@dataclass(frozen=True)
class PolicyFrom:
    """From when a filing policy holds."""

    from_on: date
    policy: FilingPolicy


@dataclass(frozen=True)
class HoursFrom:
    """From when an office has which hours."""

    from_on: date
    opens_at: time
    closes_at: time


@dataclass(frozen=True)
class Decided:
    """
    All offices, retired ones too, in their order; the filing policies, the latest first; the latest versions.

    `hours` are the changes of those of each office after its first ones, the latest first.
    """

    offices: list[Office]
    hours: dict[UUID, list[HoursFrom]]
    dating: list[PolicyFrom]
    latest: Latest


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, the latest first, each with its place, and whether there are more."""

    rows: list[Row]
    places: list[str]
    has_next: bool


def sees_administration(viewer: Viewer) -> bool:
    """Say whether there is anything of it for the viewer."""
    return has_duty(viewer.role, Duty.SEE_ADMINISTRATION)


async def decided_now() -> Decided:
    """Return all that is decided, as of one instant."""
    rows = await get_connections().get("default").execute_query_dict(DECIDED)
    latest = Latest.of(rows[0])
    dating = [
        PolicyFrom(date.fromisoformat(day), FilingPolicy(policy)) for day, policy in json.loads(rows[0]["dating"])
    ]
    rows = [row for row in rows if row["id"] is not None]
    return Decided(
        [office_from(row) for row in rows], {row["id"]: _hours(row["hours"]) for row in rows}, dating, latest
    )


def _hours(said: str | None) -> list[HoursFrom]:
    told = json.loads(said) if said else []
    return [HoursFrom(date.fromisoformat(day), *map(time.fromisoformat, clocks)) for day, *clocks in told]


async def hours_changes(office_ids: Collection[UUID]) -> dict[UUID, list[HoursChange]]:
    """Return from when each office has which hours after its first ones, the latest first."""
    found: dict[UUID, list[HoursChange]] = {}
    for change in await HoursChange.filter(office_id__in=list(office_ids)).order_by("-from_on", "-version_id"):
        changes = found.setdefault(change.office_id, [])
        if len(changes) < MOST_HOURS:
            changes.append(change)
    return found


async def calendar_versions(viewer: Viewer, *, first: int, after: str | None) -> Page[CalendarVersion]:
    """
    Return the *first* versions of the calendar after a place.

    Raises:
        TooManyAtOnce, UnknownCursor: what they say.
    """
    before = _before(first, after)
    if not sees_administration(viewer):
        return Page([], [], has_next=False)
    rows = await CalendarVersion.filter(id__lt=min(before, 2**31 - 1)).order_by("-id").limit(first + 1)
    return _page(rows, first, lambda row: row.id)


async def policy_versions(viewer: Viewer, *, first: int, after: str | None) -> Page[PolicyVersion]:
    """
    Return the *first* versions of the counter's policy after a place.

    Raises:
        TooManyAtOnce, UnknownCursor: what they say.
    """
    before = _before(first, after)
    if not sees_administration(viewer):
        return Page([], [], has_next=False)
    rows = await PolicyVersion.filter(number__lt=min(before, 2**31 - 1)).order_by("-number").limit(first + 1)
    return _page(rows, first, lambda row: row.number)


async def changes(viewer: Viewer, *, first: int, after: str | None) -> Page[Entry]:
    """
    Return the *first* changes in the register after a place: of offices, calendar, policy and service tokens.

    Raises:
        TooManyAtOnce, UnknownCursor: what they say.
    """
    before = _before(first, after)
    if not sees_administration(viewer):
        return Page([], [], has_next=False)
    rows = await changes_query(before, most=first + 1).select_related("actor")
    return Page(rows[:first], [str(row.sequence) for row in rows[:first]], has_next=len(rows) > first)


def changes_query(before: int, *, most: int) -> QuerySet[Entry]:
    """Return the query of so many changes in the register before a sequence, the latest first."""
    found = Entry.filter(sequence__lt=before).annotate(is_change=RawSQL(IS_CHANGE)).filter(is_change=True)
    return found.order_by("-sequence").limit(most)


def _before(first: int, after: str | None) -> int:
    check_count(first, "first")
    if after is None:
        return BEYOND
    return number_in(after, most=BEYOND)


def _page(rows: list[Row], first: int, key: Callable[[Row], int]) -> Page[Row]:
    shown = rows[:first]
    return Page(shown, [str(key(row)) for row in shown], has_next=len(rows) > first)
