"""Filings before they are sent: the review, and drafts."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any
from uuid import UUID

import strawberry

from actions import drafts as actions
from actions.filing_forms import FilingForm
from actions.reviewing import Review, review_filing
from models import drafts as rows
from models.files import Upload
from reading import drafts as reading
from reading.drafts import WaitingUpload
from resolvers.context import Info, signed_in, wanted
from resolvers.engine.shapes import Wanted
from resolvers.refusing import said
from resolvers.shapes.catalogue import dating_rule
from resolvers.shapes.files import UPLOAD
from schema.catalogue import ClosedDay
from schema.described import takes
from schema.filings import (
    DiscardDraftInput,
    DiscardDraftResult,
    DiscardDraftSuccess,
    Doubt,
    Draft,
    FilingInput,
    FilingReview,
    SaveDraftInput,
    SaveDraftResult,
    SaveDraftSuccess,
)
from schema.refusals import Problem


@strawberry.type
class FilingQuery:
    """What is not sent yet."""

    @strawberry.field(
        description="Everything that is wrong or doubtful with a filing, all at once, without changing anything."
    )
    async def review_filing(self, info: Info, given: Annotated[FilingInput, takes("The filing.")]) -> FilingReview:
        """Review a filing."""
        return _shown(await review_filing(info.context.tools, await signed_in(info), _form(given)))

    @strawberry.field(description="The viewer's drafts (borradores), the last saved first; at most 20.")
    async def drafts(self, info: Info) -> list[Draft]:
        """Return all drafts."""
        rows = await reading.drafts_of(await signed_in(info), at=info.context.tools.clock())
        return [await show_draft(info, row, wanted(info), waiting=reading.uploads_in(row)) for row in rows]

    @strawberry.field(description="One draft (borrador); null if it is none of the viewer's, or gone.")
    async def draft(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="Its id.")],  # noqa: A002
    ) -> Draft | None:
        """Return one draft."""
        row = await reading.draft_of(await signed_in(info), id, at=info.context.tools.clock())
        return await show_draft(info, row, wanted(info)) if row else None


@strawberry.type
class FilingMutation:
    """Keep what is not sent yet."""

    @strawberry.mutation(description="Save a draft (guardar un borrador), new or over an earlier one.")
    async def save_draft(self, info: Info, given: Annotated[SaveDraftInput, takes("The draft.")]) -> SaveDraftResult:
        """Save a draft."""
        viewer = await signed_in(info)
        row = await actions.save_draft(
            info.context.tools,
            viewer,
            _form(given.form),
            draft_id=given.id,
            version=given.version,
            client_key=given.client_key,
        )
        return SaveDraftSuccess(draft=await show_draft(info, row, wanted(info, "draft")))

    @strawberry.mutation(description="Discard a draft (descartar un borrador).")
    async def discard_draft(
        self, info: Info, given: Annotated[DiscardDraftInput, takes("Which.")]
    ) -> DiscardDraftResult:
        """Discard a draft."""
        await actions.discard_draft(info.context.tools, await signed_in(info), given.id)
        return DiscardDraftSuccess(draft_id=given.id)


def _form(given: FilingInput) -> FilingForm:
    values: dict[str, Any] = {field.name: getattr(given, field.name, None) for field in fields(FilingForm)}
    values["annex_uploads"] = tuple(given.annex_uploads)
    return FilingForm(**values)


def _shown(review: Review) -> FilingReview:
    filed, calendar = review.filed, review.calendar
    return FilingReview(
        is_ready=not review.problems,
        problems=[Problem(**said(problem)) for problem in review.problems],
        doubts=[Doubt(code=each.code, message=each.message, path=["input", *each.path]) for each in review.doubts],
        filed_on_if_sent_now=filed.day if filed else None,
        rule=dating_rule(calendar.policy) if calendar else None,
        skipped=[
            ClosedDay(day=each.day, reason=each.reason, source=each.source) for each in (filed.skipped if filed else ())
        ],
        message=review.message,
    )


async def show_draft(
    info: Info, row: rows.Draft, asks: Wanted, *, waiting: Mapping[UUID, Upload | WaitingUpload] | None = None
) -> Draft:
    """Return a draft, with what is asked of its files, as the API shows it; *waiting* are those that were read along."""
    form, scene = actions.form_of(row), await info.context.scene()
    if waiting is None:
        waiting = await reading.waiting_uploads(await signed_in(info), form.named_ids(), at=scene.now)
    main = [waiting[id_] for id_ in form.named_ids() if id_ == form.main_upload and id_ in waiting]
    annexes = [waiting[id_] for id_ in form.annex_uploads if id_ in waiting]
    texts = {field.name: getattr(form, field.name) for field in fields(FilingForm)}
    for name in ("client_key", "draft_id", "main_upload", "annex_uploads"):
        texts.pop(name)
    return Draft(
        id=row.id,
        version=row.version,
        saved_at=row.saved_at,
        expires_at=row.expires_at,
        main_upload=next(iter(await UPLOAD.show(main, asks.at("mainUpload"), scene)), None),
        annex_uploads=await UPLOAD.show(annexes, asks.at("annexUploads"), scene),
        **texts,
    )
