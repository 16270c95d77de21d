"""Notices as those may see them who see the trámite that they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.connection import get_connections
from tortoise.expressions import Subquery

from models.receipts import Notice
from reading.access import visible_tramites
from reading.tramites import check_count

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from reading.access import Viewer

LATEST = """
SELECT n.id FROM unnest($1::uuid[]) AS t (id) CROSS JOIN LATERAL (
    SELECT id FROM notices WHERE tramite_id = t.id ORDER BY created_at DESC, id DESC LIMIT $2
) n
"""


NOTICES = """
SELECT * FROM (
    SELECT * FROM notices WHERE tramite_id = {row}.id ORDER BY created_at DESC, id DESC LIMIT {last}
) n ORDER BY created_at, id
"""
"""Selects what `notices_of` returns, for one trámite."""


async def notices_of(tramite_ids: Collection[UUID], *, last: int) -> dict[UUID, list[Notice]]:
    """
    Return the *last* notices of each trámite, the oldest first.

    Raises:
        TooManyAtOnce: fewer than one or more than a hundred are asked for.
    """
    check_count(last, "last")
    rows = await get_connections().get("default").execute_query_dict(LATEST, [list(tramite_ids), last])
    found: dict[UUID, list[Notice]] = {}
    for notice in await Notice.filter(id__in=[row["id"] for row in rows]).order_by("created_at", "id"):
        assert notice.tramite_id is not None
        found.setdefault(notice.tramite_id, []).append(notice)
    return found


async def notices_by_id(viewer: Viewer, ids: Collection[UUID]) -> list[Notice]:
    """Return those of the given notices that are about trámites the viewer may see, with these."""
    seen = visible_tramites(viewer).values_list("id", flat=True)
    return await Notice.filter(id__in=list(ids), tramite_id__in=Subquery(seen)).select_related("tramite")
