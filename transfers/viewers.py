"""Who sends or fetches: a program by its token, or a browser by its cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from actions.file_links import viewer_of_link
from actions.sessions import recognise
from reading.files import NoSuchFile
from rules.refusals import NotSignedIn
from rules.service_tokens import OutOfScope, ServiceTokenNotGood, is_service_token
from rules.sessions import bearer_token, cookie_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from actions.tools import Tools
    from reading.access import Viewer
    from rules.refusals import NotFound
    from rules.service_tokens import Scope


async def authenticate(tools: Tools, request: Request, *, scope: Scope | None = None) -> Viewer:
    """
    Return who holds the token of the `Authorization` header (RFC 6750), or that of the cookie if our page sent it.

    Programs are let in only where a *scope* is named, and their token has it.

    Raises:
        NotSignedIn: there is neither, or its session is unknown, ended or expired.
        OutOfScope: a program asks for what its token does not let it read.
    """
    authorization = request.headers.get("authorization")
    viewer = await recognise(
        tools,
        authorization=authorization,
        cookie=cookie_of(request.headers, request.cookies, public_url=tools.institution.public_url),
    )
    if viewer is None:
        raise ServiceTokenNotGood if is_service_token(bearer_token(authorization) or "") else NotSignedIn
    if viewer.is_program and not (scope and viewer.may_read(scope)):
        raise OutOfScope(["/" + request.url.path.split("/")[1]])
    return viewer


async def viewer_of_file(tools: Tools, request: Request) -> tuple[Viewer, UUID]:
    """
    Return who fetches the file in the request's path, and its id; by the link in `?key=` if there is one.

    Raises:
        NoSuchFile: the path names none.
        FileLinkExpired: the link is not good.
        NotSignedIn: there is none, and nobody is signed in.
    """
    key = request.query_params.get("key")
    if key is None:
        viewer = await authenticate(tools, request)
        return viewer, id_in_path(request, or_else=NoSuchFile)
    id_ = id_in_path(request, or_else=NoSuchFile)
    return await viewer_of_link(tools, key, id_), id_


def id_in_path(request: Request, *, or_else: Callable[[], NotFound]) -> UUID:
    """Return the id in the request's path; what is no id names nothing, and raises *or_else*."""
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise or_else() from None
