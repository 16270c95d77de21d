"""Internal notes as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import desk
from reading.notes import notes_of, notes_sql
from reading.tramites import MOST_AT_ONCE, check_count
from resolvers.engine.shapes import Arguments, Rows, Shape, ToMany, ToOne
from resolvers.shapes.colleagues import COLLEAGUE, load_people
from schema.notes import Note

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from resolvers.context import Scene

NOTES_LENGTH = 20
"""How many notes are shown when the client does not say; the default of the field's argument."""


async def _notes(ids: Collection[UUID], arguments: Sequence[Arguments], scene: Scene) -> dict[UUID, list[desk.Note]]:
    assert scene.viewer is not None, "nobody sees a trámite without signing in"
    asked = [given.get("last") for given in arguments]
    lengths = [check_count(NOTES_LENGTH if last is None else int(last), "last") for last in asked]
    return await notes_of(scene.viewer, ids, last=max(lengths))


NOTE = Shape(
    Note,
    model=desk.Note,
    columns=("id", "text", "written_at"),
    relations={"author": ToOne("author_id", load_people, COLLEAGUE, sql=True)},
)

ITS_NOTES = ToMany(_notes, NOTE, attribute="latest_notes", rows=Rows(notes_sql, bounds={"last": (1, MOST_AT_ONCE)}))
