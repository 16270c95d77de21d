"""Who sends or fetches: the bearer of a live session's token."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from reading.access import bearer
from rules.refusals import NotSignedIn

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from actions.tools import Tools
    from reading.access import Viewer
    from rules.refusals import NotFound


async def authenticate(tools: Tools, request: Request) -> Viewer:
    """
    Return who holds the token of the `Authorization` header (RFC 6750).

    Raises:
        NotSignedIn: there is no such header, or its session is unknown, ended or expired.
    """
    viewer = await bearer(request.headers.get("authorization"), at=tools.clock())
    if viewer is None:
        raise NotSignedIn
    return viewer


def id_in_path(request: Request, *, or_else: Callable[[], NotFound]) -> UUID:
    """Return the id in the request's path; what is no id names nothing, and raises *or_else*."""
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise or_else() from None
