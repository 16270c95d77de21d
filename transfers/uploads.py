"""Files on their way in: `HEAD` tells how far an upload has come, `PUT` continues it from there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actions import uploads
from actions.counter_policy import policy_of
from actions.storing import refusal_of
from files.staging import TooLong, UploadBusy, WrongOffset
from files.store import StoreFull, StoreUnavailable
from reading.judgements import judgements_of
from rules import files
from rules.refusals import Refusal
from rules.verdicts import findings_for, fitness_of, say_finding
from transfers.answers import (
    EncodedBody,
    LongerThanAnnounced,
    MalformedRequest,
    OffsetMismatch,
    UploadInUse,
    refuse,
    refusing,
)
from transfers.body import Body, EarlyAnswer, Patience
from transfers.viewers import authenticate, id_in_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from actions.tools import Tools
    from files.staging import Arrived
    from files.store import StoredContent
    from models.files import Upload
    from reading.access import Viewer

logger = logging.getLogger(__name__)

LONGEST_OFFSET = 15


def upload_routes(tools: Tools, *, patience: Patience) -> list[Route]:
    """Return where uploads are sent and asked for."""
    door = _Uploads(tools, patience)
    return [
        Route("/uploads/{id}", refusing(door.tell), methods=["HEAD"]),
        Route("/uploads/{id}", door.take, methods=["PUT"]),
    ]


class _Uploads:
    def __init__(self, tools: Tools, patience: Patience) -> None:
        self._tools = tools
        self._patience = patience

    async def tell(self, request: Request) -> Response:
        """Answer how many bytes have arrived, and of how many."""
        upload = await self._upload(await authenticate(self._tools, request), request)
        return Response(headers=_progress(upload, self._arrived(upload)) | {"upload-length": str(upload.size_bytes)})

    async def take(self, request: Request) -> Response:
        """Take further bytes."""
        body = Body(request, self._patience)
        try:
            answer = await self._take(request, body)
        except (Refusal, StoreUnavailable) as error:
            answer = refuse(refusal_of(error))
        except ClientDisconnect:
            return Response(status_code=400)
        return answer if body.has_ended else EarlyAnswer(answer, body)

    async def _take(self, request: Request, body: Body) -> Response:
        viewer = await authenticate(self._tools, request)
        upload = await self._upload(viewer, request)
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise EncodedBody
        offset = _offset(request)
        if upload.content_id is not None and offset != upload.size_bytes:
            raise OffsetMismatch(upload.size_bytes)
        if upload.content_id is None:
            arrived = await self._append(viewer, upload, offset, body.chunks())
            offset = arrived.length
            if offset == upload.size_bytes:
                upload = await self._complete(upload, arrived.content)
        progress = {"offset": offset, "complete": upload.content_id is not None, "sha256": upload.content_id}
        return JSONResponse(progress | await self._verdict(upload), headers=_progress(upload, offset))

    async def _verdict(self, upload: Upload) -> dict[str, object]:
        """Return what was found of a file that has arrived whole, as the API tells it."""
        judgement = (await judgements_of([upload])).get(upload.id)
        if judgement is None:
            return {}
        found = findings_for(upload.name, judgement)
        refused = (await policy_of(self._tools)).files.refused_findings
        return {
            "kind": judgement.kind,
            "findings": [{"code": finding, "message": say_finding(finding)} for finding in found],
            "fitness": fitness_of(found, refused),
        }

    async def _append(self, viewer: Viewer, upload: Upload, offset: int, chunks: AsyncIterator[bytes]) -> Arrived:
        staging = self._tools.staging
        try:
            judged = self._judged(upload, offset, chunks)
            return await staging.append(upload.id, offset, judged, limit_bytes=upload.size_bytes)
        except WrongOffset:
            # Another request may just have completed it: ask again before telling where it stands.
            raise OffsetMismatch(self._arrived(await uploads.own_upload(self._tools, viewer, upload.id))) from None
        except UploadBusy:
            raise UploadInUse from None
        except TooLong:
            await staging.discard(upload.id)
            raise LongerThanAnnounced(upload.size_bytes) from None
        except (files.FileContentMismatch, StoreFull):
            await staging.discard(upload.id)  # where there is no room, what is half there takes it from others
            raise

    async def _judged(self, upload: Upload, offset: int, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Pass chunks on, and refuse the file as soon as enough of it is there to see that it is not what it says."""
        needed = min(files.HEAD_BYTES, upload.size_bytes)
        head = await self._tools.staging.head(upload.id, min(offset, needed))
        async for chunk in chunks:
            if len(head) < needed:
                head += chunk[: needed - len(head)]
                if len(head) == needed:
                    files.check_head(upload.name, head)
            yield chunk
            del chunk  # not to be kept while the next one is waited for

    async def _complete(self, upload: Upload, content: StoredContent | None) -> Upload:
        """Put an upload into the store that has arrived whole: nobody writes to it any more, as it has no room left."""
        tools = self._tools
        try:
            known = content or await tools.staging.content(upload.id)
            upload = await uploads.store_upload(tools, upload, tools.staging.path(upload.id), known=known)
        except FileNotFoundError:
            raise UploadInUse from None  # another request completes it at this moment
        await tools.staging.discard(upload.id)
        logger.info(
            "An upload has arrived whole",
            extra={"action": "upload_completed", "upload_id": str(upload.id), "size_bytes": upload.size_bytes},
        )
        return upload

    async def _upload(self, viewer: Viewer, request: Request) -> Upload:
        upload_id = id_in_path(request, or_else=uploads.NoSuchUpload)
        return await uploads.own_upload(self._tools, viewer, upload_id)

    def _arrived(self, upload: Upload) -> int:
        return upload.size_bytes if upload.content_id else self._tools.staging.length(upload.id)


def _progress(upload: Upload, arrived: int) -> dict[str, str]:
    return {"upload-offset": str(arrived), "upload-complete": "?1" if upload.content_id else "?0"}


def _offset(request: Request) -> int:
    text = request.headers.get("upload-offset", "0")
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_OFFSET):
        raise MalformedRequest("Upload-Offset debe ser el número de bytes que ya llegaron.")
    return int(text)
