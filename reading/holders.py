"""Who holds many sessions at once: asked in one statement, however many they are, and one more for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tortoise.connection import get_connections

from reading.access import Viewer, admitted, programs_renewed
from rules.access import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

HOLDERS = """
SELECT s.id, s.user_id, s.token_hash, s.second_factor_at IS NOT NULL AS has_passed,
    u.role, u.deactivated_at IS NOT NULL AS is_deactivated, f.confirmed_at IS NOT NULL AS has_second_factor,
    ARRAY(SELECT p.office_id FROM posts p WHERE p.user_id = s.user_id) AS office_ids
FROM unnest($1::uuid[], $2::bytea[]) AS asked (id, token_hash)
JOIN sessions s ON s.id = asked.id AND s.token_hash = asked.token_hash
JOIN users u ON u.id = s.user_id
LEFT JOIN second_factors f ON f.user_id = u.id
WHERE s.ended_at IS NULL AND s.expires_at > $3 AND (s.idle_until IS NULL OR s.idle_until > $3) AND u.frozen_at IS NULL
"""


async def all_renewed(viewers: Collection[Viewer], *, at: datetime) -> list[Viewer]:
    """
    Return *viewers* with the roles and offices of now, as `reading.access.renewed` does for one.

    Those whose session or service token has ended or expired, or whose token was changed since, are not among them.
    """
    people = [viewer for viewer in viewers if not viewer.is_program]
    programs = [viewer for viewer in viewers if viewer.is_program]
    connection = get_connections().get("default")
    asked = [[viewer.session_id for viewer in people], [viewer.token_hash for viewer in people], at]
    holders = [_viewer(row) for row in await connection.execute_query_dict(HOLDERS, asked)] if people else []
    found = [viewer for viewer in map(admitted, holders) if viewer is not None]
    return [*found, *(await programs_renewed(programs, at=at)).values()] if programs else found


def _viewer(row: Mapping[str, Any]) -> Viewer:
    appointed = Role.APPLICANT if row["is_deactivated"] else Role(row["role"])
    role = appointed if row["has_passed"] else Role.APPLICANT
    return Viewer(
        row["user_id"],
        row["id"],
        role,
        frozenset(row["office_ids"]) if role is not Role.APPLICANT else frozenset(),
        appointed_role=appointed,
        has_second_factor=row["has_second_factor"],
        awaits_second_factor=row["has_second_factor"] and not row["has_passed"],
        token_hash=bytes(row["token_hash"]),
    )
