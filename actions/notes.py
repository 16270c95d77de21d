"""Internal notes (notas internas) about trámites."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from actions.client_keys import claim
from actions.steps import lock_for_desk, record_aside
from actions.transaction import tx
from models.desk import Note
from rules.access import Right
from rules.chain import SALT_BYTES, text_digest
from rules.lifecycle import TramiteErased
from rules.notes import clean_note
from rules.refusals import Checks
from rules.register import Act

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from models.tramites import Tramite
    from reading.access import Viewer


async def add_note(
    tools: Tools, clerk: Viewer, tramite_id: UUID, *, text: str, client_key: UUID | None = None
) -> Tramite:
    """
    Write a note for those who attend to a trámite; it changes nothing of it, and the register keeps its digest.

    Raises:
        NoSuchTramite, NotYours: as `actions.steps.lock_for_desk`.
        TramiteErased: what it told was erased; a note would be kept for ever.
        InvalidInput: the text is empty or too long.
        KeyReused: the client key was used for something else.
    """
    checks = Checks()
    said = checks.take("text", clean_note, text)
    checks.refuse_any()
    assert said is not None
    async with tx() as connection:
        tramite = await lock_for_desk(clerk, tramite_id, rights=(Right.WRITE_NOTES,))
        salt = tools.random_bytes(SALT_BYTES)
        note = Note(
            id=uuid4(), tramite=tramite, author_id=clerk.user_id, text=said, salt=salt, written_at=tools.clock()
        )
        asked = {"act": "addNote", "id": tramite_id, "text": said}
        if await claim(connection, clerk, client_key, makes_id=note.id, at=note.written_at, asked=asked):
            return tramite
        if tramite.erased_at is not None:
            raise TramiteErased
        await note.save(force_create=True)
        detail = {"note": str(note.id), "text": text_digest(said, salt=salt)}
        await record_aside(connection, tools, clerk, tramite, act=Act.NOTE_ADDED, detail=detail)
    return tramite
