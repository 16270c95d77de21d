"""People, as they see themselves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q

from models.people import Post, Session, User
from models.second_factors import RecoveryCode, SecondFactor

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from models.catalogue import Office
    from reading.access import Viewer


async def user_of(viewer: Viewer) -> User:
    """Return the account of the viewer."""
    return await User.get(id=viewer.user_id)


OFFICES = "SELECT o.* FROM posts p JOIN offices o ON o.id = p.office_id WHERE p.user_id = {row}.id ORDER BY o.position"
"""Selects what `offices_of` returns, of the one person in `{row}`."""

SECOND_FACTOR = {
    "is_enrolled": "EXISTS (SELECT FROM second_factors WHERE user_id = {row}.id AND confirmed_at IS NOT NULL)",
    "recovery_codes_left": "(SELECT count(*) FROM recovery_codes WHERE user_id = {row}.id)",
}
"""What `SecondFactorStanding` says, of the one person in `{row}`."""


async def offices_of(user_ids: Collection[UUID]) -> dict[UUID, list[Office]]:
    """Return the offices that each of those people serves, in the offices' order."""
    posts = await Post.filter(user_id__in=list(user_ids)).select_related("office").order_by("office__position")
    found: dict[UUID, list[Office]] = {}
    for post in posts:
        found.setdefault(post.user_id, []).append(post.office)
    return found


@dataclass(frozen=True)
class SecondFactorStanding:
    """Whether an account has a second factor, and how many codes are left that stand in for it."""

    is_enrolled: bool
    recovery_codes_left: int


async def second_factors_of(user_ids: Collection[UUID]) -> dict[UUID, SecondFactorStanding]:
    """Return how it stands with the second factor of each of those people."""
    ids = list(user_ids)
    enrolled = await SecondFactor.filter(user_id__in=ids, confirmed_at__isnull=False).values_list("user_id", flat=True)
    left = Counter[Any](await RecoveryCode.filter(user_id__in=ids).values_list("user_id", flat=True))
    return {id_: SecondFactorStanding(id_ in set[Any](enrolled), left[id_]) for id_ in ids}


MOST_SESSIONS = 100


async def sessions_of(viewer: Viewer, *, at: datetime) -> list[Session]:
    """Return the viewer's live sessions, the last begun first."""
    is_live = Q(ended_at__isnull=True, expires_at__gt=at) & (Q(idle_until__isnull=True) | Q(idle_until__gt=at))
    return await Session.filter(is_live, user_id=viewer.user_id).order_by("-created_at", "id").limit(MOST_SESSIONS)
