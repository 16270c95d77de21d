"""GraphiQL, served by ourselves from upstream's own files: the page asks nobody else for anything."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from importlib.resources.abc import Traversable

    from starlette.requests import Request

FOLDER: Traversable = files("mesadepartes.pages") / "graphiql"
VENDOR: Traversable = FOLDER / "vendor"

SCRIPT, STYLE = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
SERVED: dict[str, tuple[Traversable, str]] = {
    "page.js": (FOLDER / "page.js", SCRIPT),
    "page.css": (FOLDER / "page.css", STYLE),
    "examples.json": (FOLDER / "examples.json", "application/json"),
    "graphiql.min.js": (VENDOR / "graphiql.min.js", SCRIPT),
    "graphiql.min.css": (VENDOR / "graphiql.min.css", STYLE),
    "react.production.min.js": (VENDOR / "react.production.min.js", SCRIPT),
    "react-dom.production.min.js": (VENDOR / "react-dom.production.min.js", SCRIPT),
}

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src data:; img-src data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""GraphiQL's editor sets styles inline and carries its fonts and icons; scripts come from our own files only."""


def graphiql_routes() -> list[Route]:
    """Return the page at `/graphql` and the files that it loads."""
    page = (FOLDER / "page.html", "text/html; charset=utf-8")
    parts = [Route(f"/graphiql/{name}", _serve(*served)) for name, served in SERVED.items()]
    return [Route("/graphql", _serve(*page), methods=["GET"]), *parts]


def _serve(file: Traversable, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        headers = {"content-type": media_type, "content-security-policy": POLICY}
        return Response(file.read_bytes(), headers=headers)

    return answer
