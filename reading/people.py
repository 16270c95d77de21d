"""People, as they see themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.people import Post, User

if TYPE_CHECKING:
    from collections.abc import Collection
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
