"""Files and receipts on their way out, to those who may see their trámite; always saved, never shown in place."""

from __future__ import annotations

import base64
import logging
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from actions import reads, sealing
from actions.press import PressFull
from files.jail import JailBroken, JailFailed, JailFull
from files.store import ContentDamaged, ContentMissing
from reading.files import NoSuchReceipt, find_attachment, find_receipt
from reading.judgements import judgement_of
from rules.file_views import check_given
from rules.files import FILE_KINDS, extension_of
from rules.receipts import ReceiptFacts
from seals.seal import SealUnavailable
from transfers.answers import NotSealedYet, PressBusy, refusing
from transfers.ranges import Proved, part_asked, part_of
from transfers.viewers import authenticate, id_in_path, viewer_of_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from actions.tools import Tools
    from files.store import Store, StoredContent
    from models.receipts import Receipt
    from models.tramites import Attachment
    from transfers.ranges import Part

logger = logging.getLogger(__name__)

PDF = FILE_KINDS["pdf"].media_type
ANYTHING = "application/octet-stream"


def download_routes(tools: Tools) -> list[Route]:
    """Return where files and receipts are fetched."""
    door = _Downloads(tools)
    return [
        Route("/files/{id}", refusing(door.attachment), methods=["GET"]),
        Route("/receipts/{id}", refusing(door.receipt), methods=["GET"]),
    ]


class _Downloads:
    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._proved = Proved()

    async def attachment(self, request: Request) -> Response:
        """Answer with a file, exactly as it was received, or with a part of it."""
        viewer, id_ = await viewer_of_file(self._tools, request)
        found = await find_attachment(viewer, id_)
        accepts_risk = request.query_params.get("acceptsRisk") == "true"
        check_given(judgement_of(found.content), viewer.role, accepts_risk=accepts_risk)
        if request.method == "HEAD":
            return Response(headers=_file_headers(found))
        await reads.note_file(self._tools, viewer, found)
        headers = _file_headers(found)
        part = part_asked(request.headers, etag=headers["etag"], size_bytes=found.size_bytes)
        if part is None:
            return StreamingResponse(await begun(stored(self._tools.store, found.content_id)), headers=headers)
        chunks = await begun(self._part(found.content_id, part))
        return StreamingResponse(chunks, 206, headers={**headers, **part.headers()})

    async def _part(self, sha256: str, part: Part) -> AsyncIterator[bytes]:
        """Yield a part; whoever asks for one after the other must not have the whole read for each."""
        if self._proved.is_of_late(sha256):
            async for chunk in stored(self._tools.store, sha256, start=part.first, end=part.last + 1):
                yield chunk
            return
        async for chunk in part_of(stored(self._tools.store, sha256), part):
            yield chunk
        self._proved.note(sha256)

    async def receipt(self, request: Request) -> Response:
        """Answer with the sealed file of a receipt, which is kept: the same bytes for everybody, each time."""
        viewer = await authenticate(self._tools, request)
        id_ = id_in_path(request, or_else=NoSuchReceipt)
        is_shown = request.method != "HEAD"
        found = await (reads.fetch_receipt(self._tools, viewer, id_) if is_shown else find_receipt(viewer, id_))
        kept = await self._sealed(found)
        name = ReceiptFacts.from_json(found.facts).file_name()
        headers = _headers(name, sha256=kept.sha256, size_bytes=kept.size_bytes)
        if not is_shown:
            return Response(headers=headers)
        return StreamingResponse(await begun(stored(self._tools.store, kept.sha256)), headers=headers)

    async def _sealed(self, receipt: Receipt) -> StoredContent:
        try:
            return await sealing.sealed_receipt(self._tools, receipt)
        except (SealUnavailable, JailFailed, JailBroken):
            logger.exception("A receipt waits for its seal", extra={"action": "receipt_unsealed"})
            raise NotSealedYet from None
        except (PressFull, JailFull):
            raise PressBusy from None


async def stored(store: Store, sha256: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
    """
    Yield the bytes of a content; that they are gone, or others, is told to whoever looks after the counter.

    With *end*, those from *start* to before it, which do not prove themselves.
    """
    try:
        async for chunk in store.read(sha256) if end is None else store.read_range(sha256, start, end):
            yield chunk
    except (ContentMissing, ContentDamaged):
        logger.exception("Evidence is lost", extra={"action": "content_lost", "sha256": sha256})
        raise


async def begun(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Return the same chunks after waiting for the first: what fails at once must not have answered 200 before."""
    first = await anext(chunks, b"")
    return _continued(first, chunks)


async def _continued(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in chunks:
        yield chunk


def _file_headers(file: Attachment) -> dict[str, str]:
    return {
        **_headers(file.name, sha256=file.content_id, size_bytes=file.size_bytes),
        "accept-ranges": "bytes",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, no-store",
    }


def _headers(name: str, *, sha256: str, size_bytes: int) -> dict[str, str]:
    return {
        "content-type": PDF if extension_of(name) == "pdf" else ANYTHING,
        "content-length": str(size_bytes),
        **safe_headers(name),
        "etag": f'"{sha256}"',
        "repr-digest": f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:",
    }


def safe_headers(name: str) -> dict[str, str]:
    """Return the headers by which a browser saves under *name* what strangers wrote, and runs nothing of it."""
    return {
        "content-disposition": disposition(name),
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }


def disposition(name: str) -> str:
    """Return a Content-Disposition (RFC 6266) that saves under *name*, or under its ASCII likeness in old clients."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = "".join(letter if letter.isalnum() or letter in "-_.() " else "_" for letter in plain)
    if safe.startswith("."):
        safe = f"archivo{safe}"
    return f"attachment; filename=\"{safe}\"; filename*=UTF-8''{quote(name, safe='')}"
