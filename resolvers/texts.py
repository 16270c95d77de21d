"""The text of files: how far it is, and another try."""

import strawberry

from actions import texts
from reading.texts import progress_for
from resolvers.context import Info, signed_in
from schema.texts import RetryTextsResult, RetryTextsSuccess, TextProgress


@strawberry.type
class TextQuery:
    """How far it is."""

    @strawberry.field(description="How far the text of all files has been taken out; null for all but staff.")
    async def text_progress(self, info: Info) -> TextProgress | None:
        """Return the progress."""
        found = await progress_for(await signed_in(info))
        return TextProgress(**vars(found)) if found else None


@strawberry.type
class TextMutation:
    """Another try."""

    @strawberry.mutation(
        description="Try again to take out the text of files of which that failed (reintentar). Administrators only."
    )
    async def retry_texts(self, info: Info) -> RetryTextsResult:
        """Queue them again."""
        count = await texts.retry_texts(info.context.tools, await signed_in(info))
        return RetryTextsSuccess(count=count)
