"""Who sends or fetches: the bearer of a live session's token."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from actions.credentials import token_hash
from reading.access import viewer_of
from rules.refusals import NotSignedIn

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from actions.tools import Tools
    from reading.access import Viewer
    from rules.refusals import NotFound


class SignInFirst(NotSignedIn):
    """The request carries no token of a live session."""

    code = "NOT_SIGNED_IN"

    def __init__(self) -> None:
        super().__init__("Ingrese con su documento y contraseña para continuar; si ya lo hizo, su sesión terminó.")


async def authenticate(tools: Tools, request: Request) -> Viewer:
    """
    Return who holds the token of the `Authorization` header (RFC 6750).

    Raises:
        SignInFirst: there is no such header, or its session is unknown, ended or expired.
    """
    scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
    viewer = await viewer_of(token_hash(token.strip()), at=tools.clock()) if scheme.lower() == "bearer" else None
    if viewer is None:
        raise SignInFirst
    return viewer


def id_in_path(request: Request, *, or_else: Callable[[], NotFound]) -> UUID:
    """Return the id in the request's path; what is no id names nothing, and raises *or_else*."""
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise or_else() from None
