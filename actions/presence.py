"""Presence: who of an office is looking at a trámite now. No record, and gone after a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from actions.transaction import database
from models.people import User
from reading.access import NoSuchTramite, relation, visible_tramites
from rules.access import NotYours, Right, may

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from reading.access import Viewer

LOOKING_FOR = timedelta(seconds=60)
"""Who has not said for so long that they are looking is taken to have left."""

MOST_LOOKING = 50

LOOK = """
INSERT INTO viewings (tramite_id, user_id, seen_at) VALUES ($1, $2, $3)
ON CONFLICT (tramite_id, user_id) DO UPDATE SET seen_at = excluded.seen_at
"""
LEAVE = "DELETE FROM viewings WHERE tramite_id = $1 AND user_id = $2"
OTHERS = """
SELECT user_id FROM viewings WHERE tramite_id = $1 AND user_id <> $2 AND seen_at > $3 ORDER BY seen_at DESC LIMIT $4
"""
FORGET = """
DELETE FROM viewings WHERE (tramite_id, user_id) IN (
    SELECT tramite_id, user_id FROM viewings WHERE seen_at <= $1 LIMIT 1000 FOR UPDATE SKIP LOCKED
) RETURNING 1
"""


async def look_at(tools: Tools, clerk: Viewer, tramite_id: UUID, *, is_leaving: bool = False) -> list[User]:
    """
    Say that a member of its office is looking at a trámite, or leaves it; return who else is looking now.

    Said anew within a minute for as long as one looks.

    Raises:
        NoSuchTramite: there is none that the viewer may see.
        NotYours: the viewer may see it, but is none of its office, or filed it.
    """
    tramite = await visible_tramites(clerk).get_or_none(id=tramite_id)
    if tramite is None:
        raise NoSuchTramite
    if not may(clerk.role, Right.SEE_VIEWERS, relation(clerk, tramite, was_in_office=False)):
        raise NotYours
    now, who = tools.clock(), [tramite.id, clerk.user_id]
    if is_leaving:
        await database().execute_query(LEAVE, who)
    else:
        await database().execute_query(LOOK, [*who, now])
    rows = await database().execute_query_dict(OTHERS, [*who, now - LOOKING_FOR, MOST_LOOKING])
    return await User.filter(id__in=[row["user_id"] for row in rows]).order_by("first_surname", "given_names", "id")


async def forget_viewings(tools: Tools) -> int:
    """Forget who was looking and has left; return how many, at most a thousand."""
    return len(await database().execute_query_dict(FORGET, [tools.clock() - LOOKING_FOR]))
