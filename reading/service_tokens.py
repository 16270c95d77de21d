"""Service tokens as they are listed: for those who administer and those who audit; for others there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.expressions import Q

from models.service_tokens import ServiceToken
from reading.administration import Page, sees_administration
from reading.cursors import id_in, instant_in, place_of, values_in
from reading.tramites import check_count
from rules.access import Role

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from models.people import User
    from reading.access import Viewer


async def service_tokens(viewer: Viewer, *, first: int, after: str | None) -> Page[ServiceToken]:
    """
    Return the *first* service tokens after a place with who made them, the last made first, also those that ended.

    Raises:
        TooManyAtOnce, UnknownCursor: what they say.
    """
    check_count(first, "first")
    where = Q() if after is None else _after(after)
    if not sees_administration(viewer):
        return Page([], [], has_next=False)
    rows = await ServiceToken.filter(where).order_by("-made_at", "-id").limit(first + 1).select_related("made_by")
    shown = rows[:first]
    return Page(shown, [place_of(row.made_at.isoformat(), row.id.hex) for row in shown], has_next=len(rows) > first)


async def by_id(viewer: Viewer, ids: Collection[UUID]) -> list[ServiceToken]:
    """Return those of the given service tokens that the viewer may see, with who made them."""
    if not sees_administration(viewer):
        return []
    return await ServiceToken.filter(id__in=list(ids)).select_related("made_by")


async def all_tokens() -> list[ServiceToken]:
    """Return the last thousand service tokens with who made them, the last made first: for the machine itself."""
    return await ServiceToken.all().order_by("-made_at", "-id").limit(1_000).select_related("made_by")


def is_live(row: ServiceToken, made_by: User, *, at: datetime) -> bool:
    """Say whether a token holds, as `reading.access` has it: neither over nor revoked, and somebody answers for it."""
    is_answered_for = (
        made_by.role is Role.ADMINISTRATOR and made_by.deactivated_at is None and made_by.frozen_at is None
    )
    return row.revoked_at is None and row.expires_at > at and is_answered_for


def _after(place: str) -> Q:
    at, id_ = values_in(place, count=2)
    made_at = instant_in(at)
    return Q(made_at__lt=made_at) | Q(made_at=made_at, id__lt=id_in(id_))
