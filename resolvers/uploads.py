"""Files on their way in: announced by a mutation, or sent along in a multipart request."""

import logging
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated
from uuid import UUID, uuid4

import strawberry

from actions import completing, uploads
from actions.storing import refusal_of
from actions.transaction import OUTAGES
from files.staging import TooLong
from files.store import StoreUnavailable
from reading.access import Viewer
from resolvers.bringing import link_keeper_of
from resolvers.context import Context, Info, signed_in, wanted
from resolvers.engine.uploads import Keep, VariablePath
from resolvers.shapes.files import UPLOAD
from rules import files
from rules.refusals import Refusal
from schema.described import takes
from schema.files import OpenUploadInput, OpenUploadSuccess
from schema.results import OpenUploadResult

logger = logging.getLogger(__name__)

MOST_FILES = 1 + files.MAX_ANNEXES
MOST_BYTES = files.MAIN_MAX_BYTES + files.FIRST_ANNEX_MAX_BYTES + 4 * files.OTHER_ANNEX_MAX_BYTES + files.MEGABYTE
"""All that a filing may weigh, and what the form around it weighs."""


@strawberry.type
class UploadMutation:
    """Announce files."""

    @strawberry.mutation(
        description="Announce a file (cargar un archivo); then PUT its bytes to the URL in the answer."
    )
    async def open_upload(self, info: Info, given: Annotated[OpenUploadInput, takes("The file.")]) -> OpenUploadResult:
        """Open an upload."""
        row = await uploads.open_upload(info.context.tools, await signed_in(info), **asdict(given))
        [shown] = await UPLOAD.show([row], wanted(info, "upload"), await info.context.scene())
        return OpenUploadSuccess(upload=shown)


async def keeper_of(context: Context) -> Keep | None:
    """Return who keeps the files of a multipart request; None unless its sender is signed in, or shows a link."""
    if context.is_program:
        return None
    viewer = await context.viewer()
    if viewer is None:
        return await link_keeper_of(context)

    async def keep(_place: VariablePath, name: str, chunks: AsyncIterator[bytes]) -> str:
        staged = uuid4()
        try:
            upload_id = await _keep(context, viewer, staged, name=name, chunks=chunks)
            context.kept_files.append(upload_id)
            return str(upload_id)
        except (Refusal, StoreUnavailable) as error:
            context.refused_files[staged] = refusal_of(error)
            return str(staged)
        finally:
            await context.tools.staging.discard(staged)

    return keep


async def _keep(context: Context, viewer: Viewer, staged: UUID, *, name: str, chunks: AsyncIterator[bytes]) -> UUID:
    """Stream a file to disk, then make it an upload of the viewer's like any other."""
    tools, clean_name = context.tools, files.clean_file_name(name)
    files.kind_of(clean_name)
    try:
        arrived = await tools.staging.append(staged, 0, chunks, limit_bytes=files.LARGEST_BYTES)
    except TooLong:
        raise files.FileTooLarge(files.LARGEST_BYTES) from None
    files.check_announced(clean_name, size_bytes=arrived.length)
    files.check_head(clean_name, await tools.staging.head(staged, files.HEAD_BYTES))
    upload = await uploads.open_upload(tools, viewer, name=clean_name, size_bytes=arrived.length)
    return (await uploads.store_upload(tools, upload, tools.staging.path(staged), known=arrived.content)).id


async def give_up_unused(context: Context) -> None:
    """Give up the files of a multipart request that nothing was made of: its sender cannot name them again."""
    try:
        if context.kept_files:
            await uploads.give_up(context.tools, context.kept_files)
        if context.brought:
            await completing.give_up(context.tools, list(context.brought.values()))
    except OUTAGES as error:
        # They expire by themselves; the answer to the request stands.
        logger.warning("Unused uploads stay: %s", type(error).__name__, extra={"action": "unused_uploads_stay"})


def kept(context: Context, upload_id: UUID, *path: str) -> UUID:
    """
    Return the id of an upload that the form names.

    Raises:
        Refusal: it stands for a file of this request that was refused.
    """
    if refusal := context.refused_files.get(upload_id):
        raise refusal.at(*path)
    return upload_id
