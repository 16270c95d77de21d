"""Internal notes (notas internas) about trámites."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


async def add_note(tools: Tools, clerk: Viewer, tramite_id: UUID, *, text: str) -> Tramite:
    """
    Write a note for those who attend to a trámite; it changes nothing of it, and the register keeps its digest.

    Raises:
        NoSuchTramite, NotYours: as `actions.steps.lock_for_desk`.
        TramiteErased: what it told was erased; a note would be kept for ever.
        InvalidInput: the text is empty or too long.
    """
    checks = Checks()
    said = checks.take("text", clean_note, text)
    checks.refuse_any()
    assert said is not None
    async with tx() as connection:
        tramite = await lock_for_desk(clerk, tramite_id, rights=(Right.WRITE_NOTES,))
        if tramite.erased_at is not None:
            raise TramiteErased
        salt = tools.random_bytes(SALT_BYTES)
        note = await Note.create(
            tramite=tramite, author_id=clerk.user_id, text=said, salt=salt, written_at=tools.clock()
        )
        detail = {"note": str(note.id), "text": text_digest(said, salt=salt)}
        await record_aside(connection, tools, clerk, tramite, act=Act.NOTE_ADDED, detail=detail)
    return tramite
