"""Received mails on their way out, to staff who may see them: as they came, or as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from actions.mail_reading import fetch_mail
from reading.mails import kept_mail
from rules.mail_desk import NoSuchMail
from transfers.answers import refusing
from transfers.downloads import ANYTHING, begun, safe_headers, stored
from transfers.viewers import authenticate, id_in_path

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from actions.tools import Tools
    from models.mail import MailItem


def mail_routes(tools: Tools) -> list[Route]:
    """Return where mails are fetched."""
    door = _Mails(tools)
    return [
        Route("/mails/{id}/raw", refusing(door.raw), methods=["GET"]),
        Route("/mails/{id}/text", refusing(door.text), methods=["GET"]),
    ]


class _Mails:
    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def raw(self, request: Request) -> Response:
        """Answer with the mail, byte by byte as it came, to be saved and never opened by the browser."""
        viewer, id_ = await authenticate(self._tools, request), id_in_path(request, or_else=NoSuchMail)
        if request.method == "HEAD":
            return StreamingResponse(iter(()), headers=_headers(await kept_mail(viewer, id_)))
        mail = await fetch_mail(self._tools, viewer, id_, form="raw")
        return StreamingResponse(await begun(stored(self._tools.store, mail.original_id)), headers=_headers(mail))

    async def text(self, request: Request) -> Response:
        """Answer with what the mail says as plain text; nothing of it is run, and nothing fetched from elsewhere."""
        viewer, id_ = await authenticate(self._tools, request), id_in_path(request, or_else=NoSuchMail)
        if request.method == "HEAD":
            await kept_mail(viewer, id_)
            return PlainTextResponse("", headers=safe_headers(_name(id_, "txt")))
        mail = await fetch_mail(self._tools, viewer, id_, form="text")
        said = await self._tools.mails.text_of(self._tools, mail.original_id)
        return PlainTextResponse(said, headers=safe_headers(_name(id_, "txt")))


def _headers(mail: MailItem) -> dict[str, str]:
    return {
        **safe_headers(_name(mail.id, "eml")),
        "content-type": ANYTHING,
        "content-length": str(mail.original.size_bytes),
        "etag": f'"{mail.original_id}"',
    }


def _name(mail_id: object, extension: str) -> str:
    return f"correo-{mail_id}.{extension}"
