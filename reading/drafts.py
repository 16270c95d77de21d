"""Drafts, as their owner sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.drafts import Draft
from models.files import Upload

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from reading.access import Viewer


async def drafts_of(viewer: Viewer, *, at: datetime) -> list[Draft]:
    """Return the viewer's drafts, the last saved first; there are never more than twenty."""
    return await Draft.filter(owner_id=viewer.user_id, expires_at__gt=at).order_by("-saved_at", "id")


async def draft_of(viewer: Viewer, draft_id: UUID, *, at: datetime) -> Draft | None:
    """Return a draft; None if it is none of the viewer's."""
    return await Draft.get_or_none(id=draft_id, owner_id=viewer.user_id, expires_at__gt=at)


async def drafts_by_id(viewer: Viewer, ids: Collection[UUID], *, at: datetime) -> list[Draft]:
    """Return those of the given drafts that are the viewer's."""
    return await Draft.filter(id__in=list(ids), owner_id=viewer.user_id, expires_at__gt=at)


async def waiting_uploads(viewer: Viewer, ids: Collection[UUID], *, at: datetime) -> dict[UUID, Upload]:
    """Return those of the viewer's uploads that may still be filed."""
    found = Upload.filter(id__in=list(ids), owner_id=viewer.user_id, used_at__isnull=True, expires_at__gt=at)
    return {upload.id: upload for upload in await found}
