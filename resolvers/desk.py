"""The desk: receive, correct the folios, reopen, note, and see who else is looking."""

from typing import Annotated

import strawberry

from actions import folios, notes, presence, reception, reopening
from resolvers.context import Info, signed_in, wanted
from resolvers.shapes.colleagues import COLLEAGUE
from resolvers.tramites import show
from schema.described import takes
from schema.desk import (
    AddNoteResult,
    AddNoteSuccess,
    CorrectFoliosInput,
    CorrectFoliosResult,
    CorrectFoliosSuccess,
    LookAtInput,
    LookAtResult,
    LookAtSuccess,
    ReceiveTramiteInput,
    ReceiveTramiteResult,
    ReceiveTramiteSuccess,
    ReopenTramiteInput,
    ReopenTramiteResult,
    ReopenTramiteSuccess,
)
from schema.notes import AddNoteInput


@strawberry.type
class DeskMutation:
    """What staff do at the desk."""

    @strawberry.mutation(
        description="Record that the desk has a document (recepcionar), once, before it is judged. Staff of its office "
        "only."
    )
    async def receive_tramite(
        self, info: Info, given: Annotated[ReceiveTramiteInput, takes("The reception.")]
    ) -> ReceiveTramiteResult:
        """Receive a trámite."""
        tools, clerk = info.context.tools, await signed_in(info)
        row = await reception.receive_tramite(tools, clerk, given.id, expected=given.expected_revision)
        return ReceiveTramiteSuccess(tramite=await show(info, row))

    @strawberry.mutation(
        description="Correct the number of folios (corregir los folios) while it is pending or referred; its applicant "
        "is told. Staff of its office only."
    )
    async def correct_folios(
        self, info: Info, given: Annotated[CorrectFoliosInput, takes("The count.")]
    ) -> CorrectFoliosResult:
        """Correct the folios."""
        tools, clerk = info.context.tools, await signed_in(info)
        row = await folios.correct_folios(
            tools, clerk, given.id, folios=given.folios, reason=given.reason, expected=given.expected_revision
        )
        return CorrectFoliosSuccess(tramite=await show(info, row))

    @strawberry.mutation(
        description="Take up again what was resolved or had lapsed (reabrir), with a reason; it is pending again and "
        "nobody's. Supervisors only, of any office."
    )
    async def reopen_tramite(
        self, info: Info, given: Annotated[ReopenTramiteInput, takes("The reopening.")]
    ) -> ReopenTramiteResult:
        """Reopen a trámite."""
        tools, viewer = info.context.tools, await signed_in(info)
        row = await reopening.reopen_tramite(
            tools, viewer, given.id, reason=given.reason, expected=given.expected_revision
        )
        return ReopenTramiteSuccess(tramite=await show(info, row))

    @strawberry.mutation(description="Write an internal note (nota interna) about a trámite. Staff of its office only.")
    async def add_note(self, info: Info, given: Annotated[AddNoteInput, takes("The note.")]) -> AddNoteResult:
        """Write a note."""
        clerk, key = await signed_in(info), given.client_key
        row = await notes.add_note(info.context.tools, clerk, given.id, text=given.text, client_key=key)
        return AddNoteSuccess(tramite=await show(info, row))

    @strawberry.mutation(
        description="Say that one is looking at a trámite now, and learn who else is. Give the sign anew within 60 "
        "seconds; it is no act and leaves no trace. Staff of its office only."
    )
    async def look_at(self, info: Info, given: Annotated[LookAtInput, takes("The sign.")]) -> LookAtResult:
        """Look at a trámite."""
        tools, clerk = info.context.tools, await signed_in(info)
        others = await presence.look_at(tools, clerk, given.id, is_leaving=given.is_leaving)
        shown = await COLLEAGUE.show(others, wanted(info, "viewers"), await info.context.scene())
        return LookAtSuccess(viewers=shown)
