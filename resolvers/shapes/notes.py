"""Internal notes as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading.notes import notes_of
from reading.tramites import check_count
from resolvers.engine.shapes import Arguments, Shape, ToMany, ToOne
from resolvers.shapes.colleagues import COLLEAGUE, load_people
from schema.notes import Note

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from models import desk
    from resolvers.context import Scene

NOTES_LENGTH = 20
"""How many notes are shown when the client does not say; the default of the field's argument."""


async def _notes(ids: Collection[UUID], arguments: Sequence[Arguments], scene: Scene) -> dict[UUID, list[desk.Note]]:
    assert scene.viewer is not None, "nobody sees a trámite without signing in"
    asked = [given.get("last") for given in arguments]
    lengths = [check_count(NOTES_LENGTH if last is None else int(last), "last") for last in asked]
    return await notes_of(scene.viewer, ids, last=max(lengths))


NOTE = Shape(
    Note, columns=("id", "text", "written_at"), relations={"author": ToOne("author_id", load_people, COLLEAGUE)}
)

ITS_NOTES = ToMany(_notes, NOTE, attribute="latest_notes")
