"""Who sends or fetches: a program by its token, or a browser by its cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from actions.file_links import viewer_of_link
from actions.sessions import recognise
from reading.files import NoSuchFile
from rules.refusals import NotSignedIn
from rules.sessions import cookie_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from actions.tools import Tools
    from reading.access import Viewer
    from rules.refusals import NotFound


async def authenticate(tools: Tools, request: Request) -> Viewer:
    """
    Return who holds the token of the `Authorization` header (RFC 6750), or that of the cookie if our page sent it.

    Raises:
        NotSignedIn: there is neither, or its session is unknown, ended or expired.
    """
    viewer = await recognise(
        tools,
        authorization=request.headers.get("authorization"),
        cookie=cookie_of(request.headers, request.cookies, public_url=tools.institution.public_url),
    )
    if viewer is None:
        raise NotSignedIn
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
