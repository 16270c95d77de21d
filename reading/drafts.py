"""Drafts, as their owner sees them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise.expressions import RawSQL

from models.drafts import Draft
from models.files import Upload
from reading.judgements import SAID, judgement_from
from reading.policies import POLICY_NOW

if TYPE_CHECKING:
    from collections.abc import Collection

    from reading.access import Viewer
    from rules.verdicts import Judgement

WAITING = f"""
(SELECT json_agg(to_jsonb(w)) FROM (
    SELECT u.id, u.name, u.size_bytes, u.content_id, u.expires_at, c.sha256 IS NOT NULL AS is_judged,
        {{policy}} AS policy_id, {", ".join(f"c.{column}" for column in SAID)}
    FROM uploads u LEFT JOIN contents c ON c.sha256 = u.content_id
    WHERE u.owner_id = "drafts"."owner_id" AND u.used_at IS NULL AND u.expires_at > '{{at}}'::timestamptz
        AND "drafts"."form" @> ANY (ARRAY[
            jsonb_build_object('main_upload', u.id::text),
            jsonb_build_object('annex_uploads', jsonb_build_array(u.id::text))])) w)
"""  # noqa: S608 - our own words
"""The uploads that a draft names and that may still be filed, with what was found of them."""


@dataclass(frozen=True)
class WaitingUpload:
    """An upload that was read along with the draft that names it; `judgement` is None until it has arrived whole."""

    id: UUID
    name: str
    size_bytes: int
    content_id: str | None
    expires_at: datetime
    judgement: Judgement | None
    policy_id: UUID


async def drafts_of(viewer: Viewer, *, at: datetime) -> list[Draft]:
    """Return the viewer's drafts, the last saved first; there are never more than twenty."""
    waiting = RawSQL(WAITING.format(policy=POLICY_NOW, at=at.isoformat()))
    found = Draft.filter(owner_id=viewer.user_id, expires_at__gt=at).annotate(waiting=waiting)
    return await found.order_by("-saved_at", "id")


def uploads_in(draft: Any) -> dict[UUID, WaitingUpload]:
    """Return the uploads that were read along with a draft by `drafts_of`."""
    told: list[dict[str, Any]] = json.loads(draft.waiting) if draft.waiting else []
    return {upload.id: upload for upload in map(_waiting, told)}


def _waiting(row: dict[str, Any]) -> WaitingUpload:
    return WaitingUpload(
        UUID(row["id"]),
        row["name"],
        row["size_bytes"],
        row["content_id"],
        datetime.fromisoformat(row["expires_at"]),
        judgement_from(row) if row["is_judged"] else None,
        UUID(row["policy_id"]),
    )


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
