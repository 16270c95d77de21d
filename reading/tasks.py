"""Tasks for the desk that a viewer may see: the condition that the list and each look-up start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from tortoise.expressions import Q

from models.people import User
from models.tasks import Task
from reading.cursors import id_in, instant_in, place_of, values_in
from reading.tramites import check_count
from rules.access import Relation, Right, Role, may

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from tortoise.queryset import QuerySet

    from reading.access import Viewer
    from rules.tasks import TaskKind


@dataclass(frozen=True)
class TaskPage:
    """Some open tasks of a list, and whether there are more."""

    tasks: list[Task]
    has_next: bool


def visible(viewer: Viewer) -> Q:
    """Return the condition that holds for exactly the tasks that `rules.access.may` lets the viewer see."""
    of_others = (Q(tramite__applicant_id__isnull=True) | ~Q(tramite__applicant_id=viewer.user_id)) & (
        Q(user_id__isnull=True) | ~Q(user_id=viewer.user_id)
    )
    match viewer.role:
        case Role.CLERK:
            return of_others & (Q(tramite_id__isnull=True) | Q(tramite__office_id__in=viewer.office_ids))
        case Role.SUPERVISOR | Role.AUDITOR:
            return of_others
        case Role.APPLICANT | Role.ADMINISTRATOR | Role.SYSTEM | Role.PROGRAM:
            return Q(id__isnull=True)
        case _:
            assert_never(viewer.role)


def relation(viewer: Viewer, task: Task) -> Relation:
    """Return how *viewer* stands to a task, fetched with its trámite; one about an account lies in every office."""
    tramite = task.tramite
    if tramite is None:
        return Relation(is_applicant=task.user_id == viewer.user_id, in_office=True)
    return Relation(
        is_applicant=tramite.applicant_id == viewer.user_id, in_office=tramite.office_id in viewer.office_ids
    )


def may_close(viewer: Viewer, task: Task) -> bool:
    """Say whether the viewer may close a task, fetched with its trámite."""
    return may(viewer.role, Right.CLOSE_TASKS, relation(viewer, task))


async def page_of(viewer: Viewer, *, first: int, after: str | None, kind: TaskKind | None) -> TaskPage:
    """
    Return the *first* open tasks after a place that the viewer may see; the oldest first.

    Raises:
        TooManyAtOnce, UnknownCursor: what they say.
    """
    found = await page_query(viewer, first=first, after=after, kind=kind).select_related("tramite")
    return TaskPage(found[:first], has_next=len(found) > first)


def page_query(viewer: Viewer, *, first: int, after: str | None, kind: TaskKind | None) -> QuerySet[Task]:
    """
    Return the query of what `page_of` finds, and of one more.

    Raises:
        TooManyAtOnce, UnknownCursor: what they say.
    """
    check_count(first, "first")
    query = Task.filter(visible(viewer), done_at__isnull=True)
    if kind is not None:
        query = query.filter(kind=kind)
    if after is not None:
        told, id_ = values_in(after, count=2)
        opened_at = instant_in(told)
        query = query.filter(Q(opened_at__gt=opened_at) | Q(opened_at=opened_at, id__gt=id_in(id_)))
    return query.order_by("opened_at", "id").limit(first + 1)


async def by_id(viewer: Viewer, ids: Collection[UUID]) -> list[Task]:
    """Return those of the given tasks that the viewer may see, also closed ones."""
    return await Task.filter(visible(viewer), id__in=list(ids)).select_related("tramite")


def place_for(task: Task) -> str:
    """Return the place of a task in its list."""
    return place_told(task.opened_at, task.id)


def place_told(opened_at: datetime, id_: UUID) -> str:
    """Return the place of a task that was opened then."""
    return place_of(opened_at.isoformat(), id_.hex)


async def people_by_id(ids: Collection[UUID]) -> dict[UUID, User]:
    """Return the people of those ids."""
    return {user.id: user for user in await User.filter(id__in=list(ids))}
