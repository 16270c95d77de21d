"""What administrators decided, and when: for those who administer and those who audit; for others there is nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from tortoise.expressions import RawSQL

from models.calendar import CalendarVersion, HoursChange, PolicyChange
from models.counter_policy import PolicyVersion
from models.register import Entry
from reading.catalogue import all_offices
from reading.cursors import number_in
from reading.tramites import check_count
from rules.duties import Duty, has_duty

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from uuid import UUID

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


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, the latest first, each with its place, and whether there are more."""

    rows: list[Row]
    places: list[str]
    has_next: bool


def sees_administration(viewer: Viewer) -> bool:
    """Say whether there is anything of it for the viewer."""
    return has_duty(viewer.role, Duty.SEE_ADMINISTRATION)


async def offices_for(viewer: Viewer) -> list[Office]:
    """Return all offices, retired ones too, in their order."""
    return await all_offices() if sees_administration(viewer) else []


async def latest_calendar() -> str:
    """Return the name of the calendar's latest version."""
    version = await CalendarVersion.all().order_by("-id").first()
    assert version is not None, "the first version is made by the migration"
    return version.name


async def filing_policies() -> list[PolicyChange]:
    """Return from when which filing policy holds, the latest first."""
    return await PolicyChange.all().order_by("-from_on", "-version_id").limit(MOST_POLICIES)


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
    found = Entry.filter(sequence__lt=before).annotate(is_change=RawSQL(IS_CHANGE)).filter(is_change=True)
    rows = await found.order_by("-sequence").limit(first + 1).select_related("actor")
    return Page(rows[:first], [str(row.sequence) for row in rows[:first]], has_next=len(rows) > first)


def _before(first: int, after: str | None) -> int:
    check_count(first, "first")
    if after is None:
        return BEYOND
    return number_in(after, most=BEYOND)


def _page(rows: list[Row], first: int, key: Callable[[Row], int]) -> Page[Row]:
    shown = rows[:first]
    return Page(shown, [str(key(row)) for row in shown], has_next=len(rows) > first)
