"""Pages as pictures on their way out, to those who may see the file; a picture is never the bytes handed in."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from starlette.responses import Response
from starlette.routing import Route

from actions import reads
from actions.file_views import refusal_of
from files.pictures import VERSION
from files.views import NotDrawn, ViewsFull
from reading.files import find_attachment
from reading.judgements import judgement_of
from rules.access import Role
from rules.file_views import LAST_PAGE, READING_WIDTH, WIDTHS, NoSuchPage, NoSuchWidth, ViewsBusy, check_shown
from transfers.answers import refusing
from transfers.viewers import viewer_of_file

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime
    from uuid import UUID

    from starlette.requests import Request

    from actions.tools import Tools
    from models.tramites import Attachment
    from reading.access import Viewer

MOST_AT_ONCE_EACH: Final = 12
"""How many pictures one person waits for at a time, so that others' are drawn too."""

PAGE: Final = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
NOTED_AGAIN_AFTER: Final = timedelta(minutes=10)
MOST_REMEMBERED: Final = 20_000


def picture_routes(tools: Tools) -> list[Route]:
    """Return where pages are fetched as pictures."""
    return [Route("/files/{id}/pages/{page}.webp", refusing(_Pictures(tools).page), methods=["GET"])]


class _Pictures:
    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._waiting: Counter[UUID] = Counter()
        self._noted: OrderedDict[tuple[UUID, UUID], datetime] = OrderedDict()

    async def page(self, request: Request) -> Response:
        """Answer with a page of a file, drawn in the jail; who may see it is judged each time."""
        viewer, id_ = await viewer_of_file(self._tools, request)
        file = await find_attachment(viewer, id_)
        check_shown(judgement_of(file.content))
        page, width = _page_asked(request), _width_asked(request)
        await self._note(viewer, file)
        headers = _headers(file, page, width)
        if headers["etag"] in (request.headers.get("if-none-match") or "").split(", "):
            return Response(status_code=304, headers=headers)
        with self._counted(viewer):
            drawn = await self._drawn(viewer, file, page, width)
        return Response(drawn, headers=headers, media_type="image/webp")

    async def _drawn(self, viewer: Viewer, file: Attachment, page: int, width: int) -> bytes:
        try:
            is_staff = viewer.role is not Role.APPLICANT
            return await self._tools.views.picture(file.content_id, page, width=width, is_staff=is_staff)
        except NotDrawn as error:
            raise refusal_of(error.problem) from None
        except ViewsFull:
            raise ViewsBusy from None

    async def _note(self, viewer: Viewer, file: Attachment) -> None:
        """Note that the file is looked at, once in ten minutes for each session: a file is read by many pictures."""
        known, now = (viewer.session_id, file.id), self._tools.clock()
        if known in self._noted and self._noted[known] + NOTED_AGAIN_AFTER > now:
            return
        await reads.note_file(self._tools, viewer, file, shown="pages")
        self._noted[known] = now
        self._noted.move_to_end(known)
        if len(self._noted) > MOST_REMEMBERED:
            self._noted.popitem(last=False)

    @contextmanager
    def _counted(self, viewer: Viewer) -> Generator[None]:
        if self._waiting[viewer.user_id] >= MOST_AT_ONCE_EACH:
            raise ViewsBusy
        self._waiting[viewer.user_id] += 1
        try:
            yield
        finally:
            self._waiting[viewer.user_id] -= 1
            if not self._waiting[viewer.user_id]:
                del self._waiting[viewer.user_id]


def _page_asked(request: Request) -> int:
    asked = PAGE.fullmatch(request.path_params["page"])
    if asked is None or int(asked[0]) > LAST_PAGE:
        raise NoSuchPage
    return int(asked[0])


def _width_asked(request: Request) -> int:
    asked = request.query_params.get("width", str(READING_WIDTH))
    width = next((width for width in WIDTHS if str(width) == asked), None)
    if width is None:
        raise NoSuchWidth
    return width


def _headers(file: Attachment, page: int, width: int) -> dict[str, str]:
    return {
        "etag": f'"{file.content_id}-{page}-{width}-{VERSION}"',
        "cache-control": "private, no-cache",
        "content-security-policy": "sandbox; default-src 'none'",
        "cross-origin-resource-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }
