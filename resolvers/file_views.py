"""Files: seen without being opened, and linked to."""

from typing import Annotated

import strawberry

from actions.file_links import link_to_file
from resolvers.context import Info, signed_in
from schema.described import takes
from schema.file_views import LinkToFileInput, LinkToFileResult, LinkToFileSuccess


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
