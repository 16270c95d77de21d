"""Trámites: file, list, look up, and what applicants and clerks do with them."""

from dataclasses import fields
from typing import Annotated, Any

import strawberry

from actions import applicant, corrections, filing, reads
from actions import tramites as actions
from actions.filing_forms import FilingForm
from models import tramites as rows
from resolvers.context import Info, signed_in, wanted
from resolvers.shapes.tramites import TRAMITE
from resolvers.uploads import kept
from schema.described import takes
from schema.desk import (
    ObserveTramiteInput,
    ObserveTramiteSuccess,
    ReferTramiteInput,
    ReferTramiteSuccess,
    ResolveTramiteInput,
    ResolveTramiteSuccess,
)
from schema.results import (
    CorrectTramiteResult,
    FileTramiteResult,
    ObserveTramiteResult,
    ReferTramiteResult,
    ResolveTramiteResult,
    UpdateTramiteResult,
    VoidTramiteResult,
)
from schema.tramites import (
    CorrectTramiteInput,
    CorrectTramiteSuccess,
    FileTramiteInput,
    FileTramiteSuccess,
    Tramite,
    UpdateTramiteInput,
    UpdateTramiteSuccess,
    VoidTramiteInput,
    VoidTramiteSuccess,
)


async def show(info: Info, row: rows.Tramite) -> Tramite:
    """Return a trámite as the field `tramite` of a mutation's answer."""
    [shown] = await TRAMITE.show([row], wanted(info, "tramite"), await info.context.scene())
    return shown


@strawberry.type
class TramiteQuery:
    """What the viewer may see."""

    @strawberry.field(description="The trámite of that number; null if there is none that the viewer may see.")
    async def tramite(
        self,
        info: Info,
        number: Annotated[
            str, strawberry.argument(description="Its number (número de trámite), in any case, with or without dashes.")
        ],
    ) -> Tramite | None:
        """Return one trámite."""
        row = await reads.look_at_tramite(info.context.tools, await signed_in(info), number)
        shown = await TRAMITE.show([row] if row else [], wanted(info), await info.context.scene())
        return shown[0] if shown else None


@strawberry.type
class TramiteMutation:
    """What may be done with a trámite."""

    @strawberry.mutation(description="File a document (presentar). The same client key gives the same answer.")
    async def file_tramite(
        self,
        info: Info,
        given: Annotated[FileTramiteInput, takes("The filing.")],
    ) -> FileTramiteResult:
        """File a document."""
        tools, viewer = info.context.tools, await signed_in(info)
        return FileTramiteSuccess(
            tramite=await show(info, await filing.file_tramite(tools, viewer, _form(info, given)))
        )

    @strawberry.mutation(
        description="Change the main data of a trámite (actualizar) while it is pending and was never validated. Its "
        "applicant only."
    )
    async def update_tramite(
        self,
        info: Info,
        given: Annotated[UpdateTramiteInput, takes("The main data.")],
    ) -> UpdateTramiteResult:
        """Update a trámite."""
        tools, viewer = info.context.tools, await signed_in(info)
        form = applicant.MainData(**{each.name: getattr(given, each.name) for each in fields(applicant.MainData)})
        return UpdateTramiteSuccess(
            tramite=await show(info, await applicant.update_tramite(tools, viewer, given.id, form))
        )

    @strawberry.mutation(
        description="Withdraw a trámite (anular), for good, while it is pending and was never validated. Its "
        "applicant only."
    )
    async def void_tramite(
        self,
        info: Info,
        given: Annotated[VoidTramiteInput, takes("The withdrawal.")],
    ) -> VoidTramiteResult:
        """Void a trámite."""
        tools, viewer = info.context.tools, await signed_in(info)
        row = await applicant.void_tramite(tools, viewer, given.id, reason=given.reason)
        return VoidTramiteSuccess(tramite=await show(info, row))

    @strawberry.mutation(
        description="Correct what was observed (subsanar), within its term. Its applicant only. "
        "The same client key gives the same answer."
    )
    async def correct_tramite(
        self,
        info: Info,
        given: Annotated[CorrectTramiteInput, takes("The correction.")],
    ) -> CorrectTramiteResult:
        """Correct a trámite."""
        tools, viewer = info.context.tools, await signed_in(info)
        row = await corrections.correct_tramite(tools, viewer, given.id, _correction(info, given))
        return CorrectTramiteSuccess(tramite=await show(info, row))

    @strawberry.mutation(
        description="Observe a trámite (observar), once, with all that must be corrected. Staff of its office only."
    )
    async def observe_tramite(
        self,
        info: Info,
        given: Annotated[ObserveTramiteInput, takes("The observation.")],
    ) -> ObserveTramiteResult:
        """Observe a trámite."""
        tools, clerk = info.context.tools, await signed_in(info)
        row = await actions.observe_tramite(
            tools, clerk, given.id, text=given.text, points=given.points, expected=given.expected_revision
        )
        return ObserveTramiteSuccess(tramite=await show(info, row))

    @strawberry.mutation(
        description="Refer a trámite to an office, or refer on to another what was referred (derivar). Staff of its "
        "office only."
    )
    async def refer_tramite(
        self,
        info: Info,
        given: Annotated[ReferTramiteInput, takes("The referral.")],
    ) -> ReferTramiteResult:
        """Refer a trámite."""
        tools, clerk = info.context.tools, await signed_in(info)
        row = await actions.refer_tramite(
            tools,
            clerk,
            given.id,
            office_code=given.office_code,
            text=given.text,
            expected=given.expected_revision,
        )
        return ReferTramiteSuccess(tramite=await show(info, row))

    @strawberry.mutation(description="Answer a trámite (atender). Staff of its office only.")
    async def resolve_tramite(
        self,
        info: Info,
        given: Annotated[ResolveTramiteInput, takes("The answer.")],
    ) -> ResolveTramiteResult:
        """Answer a trámite."""
        tools, clerk = info.context.tools, await signed_in(info)
        files = [kept(info.context, file, "files", str(place)) for place, file in enumerate(given.files)]
        row = await actions.resolve_tramite(
            tools, clerk, given.id, text=given.text, files=files, expected=given.expected_revision
        )
        return ResolveTramiteSuccess(tramite=await show(info, row))


def _form(info: Info, given: FileTramiteInput) -> FilingForm:
    values: dict[str, Any] = {field.name: getattr(given, field.name) for field in fields(FilingForm)}
    values["main_upload"] = kept(info.context, given.main_upload, "mainUpload")
    values["annex_uploads"] = tuple(
        kept(info.context, annex, "annexUploads", str(place)) for place, annex in enumerate(given.annex_uploads)
    )
    return FilingForm(**values)


def _correction(info: Info, given: CorrectTramiteInput) -> corrections.Correction:
    main = kept(info.context, given.main_upload, "mainUpload") if given.main_upload is not None else None
    annexes = tuple(
        corrections.CorrectedAnnex(kept(info.context, annex.upload, "annexes", str(index), "upload"), annex.replaces)
        for index, annex in enumerate(given.annexes)
    )
    return corrections.Correction(given.client_key, given.text, main, annexes)
