"""Lists on their way out (exportaciones), to who asked for them; made whole before the first byte goes."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from contextlib import AsyncExitStack
from typing import IO, TYPE_CHECKING

from starlette.responses import StreamingResponse
from starlette.routing import Route

from actions.exports import ExportTooLarge, NoSuchExport, reading_rows, running
from actions.reads import note_read
from rules.reads import ReadKind
from rules.refusals import TooManyRequests
from rules.workdays import in_lima
from transfers.answers import refusing
from transfers.downloads import disposition
from transfers.spreadsheets import MEDIA_TYPES, write_out
from transfers.viewers import authenticate, id_in_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from actions.tools import Tools
    from models.searches import Export
    from reading.access import Viewer

logger = logging.getLogger(__name__)

CHUNK_BYTES = 2**16
MOST_AT_ONCE = 2
"""How many exports a process makes at a time: each holds a connection of the database while it is made."""

MAKE_SECONDS = 180.0
SEND_SECONDS = 300.0
"""Together less than the run that is granted to an export."""


class ExportsBusy(TooManyRequests):
    """Others are exporting at this moment."""

    code = "EXPORTS_BUSY"

    def __init__(self) -> None:
        super().__init__("Se están preparando otras exportaciones en este momento. Vuelva a intentar en un minuto.")


def export_routes(tools: Tools) -> list[Route]:
    """Return where exports are fetched."""
    return [Route("/exports/{id}", refusing(_Exports(tools).export), methods=["GET"])]


class _Exports:
    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._making = 0

    async def export(self, request: Request) -> Response:
        """Answer with the list as a file."""
        viewer = await authenticate(self._tools, request)
        export_id = id_in_path(request, or_else=NoSuchExport)
        if self._making >= MOST_AT_ONCE:
            raise ExportsBusy
        self._making += 1
        try:
            async with AsyncExitStack() as stack:
                export = await stack.enter_async_context(running(self._tools, viewer, export_id))
                file = stack.enter_context(tempfile.TemporaryFile(prefix="mesa-export-"))  # noqa: SIM115 - the stack closes it
                size_bytes = await self._make(viewer, export, file)
                # What was opened stays so until the answer is sent.
                return _FileAnswer(file, stack.pop_all(), headers=self._headers(export, size_bytes))
        finally:
            self._making -= 1

    async def _make(self, viewer: Viewer, export: Export, file: IO[bytes]) -> int:
        limit = asyncio.timeout(MAKE_SECONDS)
        try:
            async with limit, reading_rows(self._tools, viewer, export) as rows:
                count = await write_out(rows, file, export.format)
        except TimeoutError:
            if limit.expired():
                raise ExportTooLarge from None
            raise
        await note_read(
            self._tools, viewer, ReadKind.EXPORT, subject_id=export.id, detail={"format": export.format, "rows": count}
        )
        file.flush()
        size_bytes = file.seek(0, 2)
        file.seek(0)
        told = {"action": "exported", "export_id": str(export.id), "size_bytes": size_bytes}
        logger.info("A list was exported", extra=told)
        return size_bytes

    def _headers(self, export: Export, size_bytes: int) -> dict[str, str]:
        at = in_lima(self._tools.clock())
        return {
            "content-type": MEDIA_TYPES[export.format],
            "content-length": str(size_bytes),
            "content-disposition": disposition(f"tramites-{at:%Y-%m-%d-%H%M}.{export.format.extension}"),
            "content-security-policy": "sandbox; default-src 'none'",
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        }


class _FileAnswer(StreamingResponse):
    """Sends a file piece by piece, then closes what it was made with, also when the client has gone or is too slow."""

    def __init__(self, file: IO[bytes], opened: AsyncExitStack, *, headers: dict[str, str]) -> None:
        super().__init__(_pieces(file), headers=headers)
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""
        async with self._opened:
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await super().__call__(scope, receive, send)
            except TimeoutError:
                logger.warning("An export was fetched too slowly", extra={"action": "export_cut"})


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := file.read(CHUNK_BYTES):
        yield piece
