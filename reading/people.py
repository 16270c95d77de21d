"""People, as they see themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.expressions import Q

from models.people import Post, Session, User

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from models.catalogue import Office
    from reading.access import Viewer


async def user_of(viewer: Viewer) -> User:
    """Return the account of the viewer."""
    return await User.get(id=viewer.user_id)


async def offices_of(user_ids: Collection[UUID]) -> dict[UUID, list[Office]]:
    """Return the offices that each of those people serves, in the offices' order."""
    posts = await Post.filter(user_id__in=list(user_ids)).select_related("office").order_by("office__position")
    found: dict[UUID, list[Office]] = {}
    for post in posts:
        found.setdefault(post.user_id, []).append(post.office)
    return found


MOST_SESSIONS = 100


async def sessions_of(viewer: Viewer, *, at: datetime) -> list[Session]:
    """Return the viewer's live sessions, the last begun first."""
    is_live = Q(ended_at__isnull=True, expires_at__gt=at) & (Q(idle_until__isnull=True) | Q(idle_until__gt=at))
    return await Session.filter(is_live, user_id=viewer.user_id).order_by("-created_at", "id").limit(MOST_SESSIONS)
