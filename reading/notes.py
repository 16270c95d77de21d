"""Internal notes, for those who may read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.connection import get_connections

from models.desk import Note
from reading.access import relations_of
from reading.rights import right_sql
from reading.tramites import check_count
from rules.access import Right, may

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from reading.access import Viewer
    from rules.access import Role

LATEST = """
SELECT n.id FROM unnest($1::uuid[]) AS asked (id) CROSS JOIN LATERAL (
    SELECT id FROM notes WHERE tramite_id = asked.id ORDER BY written_at DESC, id DESC LIMIT $2
) n
"""


def notes_sql(role: Role) -> str:
    """Return the selection of what `notes_of` returns, for one trámite."""
    return f"""
        SELECT * FROM (
            SELECT * FROM notes WHERE tramite_id = {{row}}.id AND ({right_sql(role, Right.READ_NOTES)})
            ORDER BY written_at DESC, id DESC LIMIT {{last}}
        ) n ORDER BY written_at, id
    """  # noqa: S608 - our own words


async def notes_by_id(viewer: Viewer, ids: Collection[UUID]) -> list[Note]:
    """Return those of the given notes that the viewer may read."""
    notes = await Note.filter(id__in=list(ids))
    standing = await relations_of(viewer, {note.tramite_id for note in notes})
    return [note for note in notes if may(viewer.role, Right.READ_NOTES, standing[note.tramite_id])]


async def notes_of(viewer: Viewer, tramite_ids: Collection[UUID], *, last: int) -> dict[UUID, list[Note]]:
    """
    Return the *last* notes about each trámite that the viewer may read, the oldest first.

    Raises:
        TooManyAtOnce: fewer than one or more than a hundred are asked for.
    """
    check_count(last, "last")
    standing = await relations_of(viewer, tramite_ids)
    readable = [id_ for id_, each in standing.items() if may(viewer.role, Right.READ_NOTES, each)]
    rows = await get_connections().get("default").execute_query_dict(LATEST, [readable, last])
    found: dict[UUID, list[Note]] = {}
    notes = Note.filter(id__in=[row["id"] for row in rows])
    for note in await notes.order_by("written_at", "id"):
        found.setdefault(note.tramite_id, []).append(note)
    return found
