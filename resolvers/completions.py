"""Completing what came by mail: for whoever holds the link, signed in or not."""

from typing import Annotated, Any

import strawberry

from actions import completing, gate
from models.tramites import Tramite
from resolvers.bringing import take_brought
from resolvers.context import Context, Info
from resolvers.uploads import kept
from rules.throttling import Door
from schema.completions import CompleteFilingInput, CompleteFilingResult, CompleteFilingSuccess, FilingToComplete
from schema.described import takes


@strawberry.type
class CompletionQuery:
    """What a link is about."""

    @strawberry.field(
        description="What a filing lacks that came by mail, by the link that was mailed (enlace); null for one that is "
        "not good, or no longer."
    )
    async def filing_to_complete(
        self,
        info: Info,
        link: Annotated[str, strawberry.argument(description="The last part of the link.")],
    ) -> FilingToComplete | None:
        """Return what the holder of a link may see."""
        await gate.admit(info.context.tools, Door.COMPLETE_FILING, info.context.client)
        found = await completing.find_completion(info.context.tools, link)
        return _shown(found) if found else None


@strawberry.type
class CompletionMutation:
    """Complete."""

    @strawberry.mutation(
        description="Add what a filing lacked that came by mail (completar), once, by the link that was mailed. It "
        "keeps its instant and its legal date."
    )
    async def complete_filing(
        self, info: Info, given: Annotated[CompleteFilingInput, takes("What is added.")]
    ) -> CompleteFilingResult:
        """Complete a filing."""
        context = info.context
        viewer = await context.viewer()
        form = _form(context, given, is_signed_in=viewer is not None)
        row = await completing.complete_filing(context.tools, given.link, form, client=context.client, viewer=viewer)
        context.brought.clear()
        return CompleteFilingSuccess(filing=_shown(row))


def _form(context: Context, given: CompleteFilingInput, *, is_signed_in: bool) -> completing.Completion:
    said: dict[str, Any] = {
        "subject": given.subject,
        "document_kind": given.document_kind,
        "document_number": given.document_number,
        "folios": given.folios,
    }
    annexes = [(annex, ("annexUploads", str(place))) for place, annex in enumerate(given.annex_uploads)]
    if is_signed_in:
        return completing.Completion(
            **said,
            main_upload=kept(context, given.main_upload, "mainUpload") if given.main_upload else None,
            annex_uploads=tuple(kept(context, annex, *path) for annex, path in annexes),
        )
    return completing.Completion(
        **said,
        main=take_brought(context, given.main_upload, "mainUpload") if given.main_upload else None,
        annexes=tuple(take_brought(context, annex, *path) for annex, path in annexes),
    )


def _shown(tramite: Tramite) -> FilingToComplete:
    return FilingToComplete(
        number=tramite.number,
        filed_on=tramite.filed_on,
        office_name=tramite.office.name,
        missing=list(tramite.missing),
    )
