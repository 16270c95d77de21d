"""Whose count the folios of a trámite are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.connection import get_connections

if TYPE_CHECKING:
    from uuid import UUID

LATEST_COUNT = """
SELECT act FROM entries
WHERE tramite_id = $1 AND (act = 'FOLIOS_CORRECTED' OR (act = 'UPDATED' AND detail->'changes' ? 'folios'))
ORDER BY sequence DESC LIMIT 1
"""


async def are_counted_by_desk(tramite_id: UUID) -> bool:
    """Say whether the folios are as staff counted them, and not as the applicant declares them."""
    rows = await get_connections().get("default").execute_query_dict(LATEST_COUNT, [tramite_id])
    return bool(rows) and rows[0]["act"] == "FOLIOS_CORRECTED"
