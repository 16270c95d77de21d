"""Files: seen without being opened, and linked to."""

import uuid
from typing import Annotated

import strawberry

from actions.file_links import link_to_file
from actions.file_views import Part, see_file
from resolvers.context import Info, signed_in
from resolvers.shapes.file_views import show_file
from schema.described import takes
from schema.file_views import FileView, LinkToFileInput, LinkToFileResult, LinkToFileSuccess


@strawberry.type
class FileViewQuery:
    """See files."""

    @strawberry.field(
        description="A file seen without being opened: pages as pictures, an Office file's properties and text, or "
        "what an archive holds. For whoever may see the file."
    )
    async def file_view(
        self,
        info: Info,
        file_id: Annotated[uuid.UUID, strawberry.argument(name="id", description="Id of the file (Attachment).")],
        first: Annotated[int, strawberry.argument(description="How many pages or members, from 1 to 200.")] = 20,
        after: Annotated[int, strawberry.argument(description="How many of them to pass over.")] = 0,
        text_after: Annotated[int, strawberry.argument(description="How many characters of text to pass over.")] = 0,
    ) -> FileView:
        """See a file."""
        context, viewer = info.context, await signed_in(info)
        seen = await see_file(context.tools, viewer, file_id, Part(first, after, text_after))
        return await show_file(seen, await context.scene())


@strawberry.type
class FileViewMutation:
    """Link to files."""

    @strawberry.mutation(
        description="Make a link to a file, good for some minutes, by which whoever may see it fetches the original "
        "without an Authorization header: a browser saves it by itself."
    )
    async def link_to_file(self, info: Info, given: Annotated[LinkToFileInput, takes("The file.")]) -> LinkToFileResult:
        """Link to a file."""
        context = info.context
        link = await link_to_file(context.tools, await signed_in(info), given.id)
        scene = await context.scene()
        return LinkToFileSuccess(url=f"{scene.url('files', link.file.id)}?key={link.key}", expires_at=link.expires_at)
