"""Members of staff, as those who work beside them see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.people import Post, User
from models.tramites import Tramite
from reading.access import relations_of
from reading.catalogue import is_code
from rules.access import Relation, Right, Role, may

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from tortoise.queryset import QuerySet

    from reading.access import Viewer

FULL_NAME = """
concat_ws(' ', nullif({row}.given_names, ''), nullif({row}.first_surname, ''), nullif({row}.second_surname, ''))
"""
"""Someone's full name, as `User` tells it."""

MOST_COLLEAGUES = 200
BY_NAME = f'ORDER BY r.first_surname COLLATE "C", r.given_names COLLATE "C", r.id LIMIT {MOST_COLLEAGUES}'
"""How colleagues are sorted, who are called *r*."""
ATTENDING = (Role.CLERK, Role.SUPERVISOR)
"""Who attends to trámites; others who have a post do not."""


async def lock_colleague(user_id: UUID) -> User | None:
    """
    Lock, within a transaction, the account of somebody who attends to trámites; None if they do not.

    Before any trámite is locked: who lets a colleague go locks them first, then what they own.
    """
    attending = User.filter(id=user_id, role__in=ATTENDING, frozen_at__isnull=True, deactivated_at__isnull=True)
    return await attending.select_for_update(no_key=True).first()


async def serves(colleague: User, office_id: UUID) -> bool:
    """Say whether somebody serves an office."""
    return await Post.exists(user_id=colleague.id, office_id=office_id)


async def colleagues_of(viewer: Viewer, office_code: str) -> list[User]:
    """Return who attends to trámites in an office, by name; nobody to those who do not attend to them there."""
    query = colleagues_query(viewer, office_code)
    people = [] if query is None else await query
    return sorted(people, key=lambda user: (user.first_surname, user.given_names, user.id))[:MOST_COLLEAGUES]


def colleagues_query(viewer: Viewer, office_code: str) -> QuerySet[User] | None:
    """Return the query of what `colleagues_of` finds, in no order yet; None for those who attend to nothing there."""
    if not (is_code(office_code) and may(viewer.role, Right.ACT, Relation(in_office=True))):
        return None
    there: dict[str, Any] = {"posts__office__code": office_code, "posts__office_id__in": list(viewer.office_ids)}
    return User.filter(**there, role__in=ATTENDING, frozen_at__isnull=True)


async def colleagues_by_id(user_ids: Collection[UUID]) -> dict[UUID, User]:
    """Return members of staff of whom the caller has found that they are shown."""
    return {user.id: user for user in await User.filter(id__in=list(user_ids))}


async def owners_of(viewer: Viewer, tramite_ids: Collection[UUID]) -> dict[UUID, User]:
    """Return who owns each of those trámites whose owner the viewer may know."""
    standing = await relations_of(viewer, tramite_ids)
    told = [id_ for id_, each in standing.items() if may(viewer.role, Right.SEE_OWNER, each)]
    owned = await Tramite.filter(id__in=told, owner_id__isnull=False).select_related("owner")
    return {tramite.id: tramite.owner for tramite in owned if tramite.owner is not None}
