"""GraphiQL, served by ourselves from upstream's own files: the page asks nobody else for anything."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from importlib.resources.abc import Traversable

    from starlette.requests import Request
    from starlette.types import ASGIApp

FOLDER: Traversable = files("mesadepartes.pages") / "graphiql"
VENDOR: Traversable = FOLDER / "vendor"

PAGE = "page.html"
OURS = ("page.js", "page.css", "examples.json")
MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
}

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src data:; img-src data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""GraphiQL's editor sets styles inline and carries its fonts and icons; scripts come from our own files only."""

FOR_GOOD = "public, max-age=31536000, immutable"
"""For upstream's files: their paths say the version, so what a path answers never changes."""


def graphiql_page() -> ASGIApp:
    """Return the page itself, which is at the address of the API."""
    return _response(FOLDER / PAGE)


def graphiql_routes() -> list[Route]:
    """Return the files that the page loads."""
    ours = {name: FOLDER / name for name in OURS}
    return [
        *(Route(f"/graphiql/{path}", _serve(file)) for path, file in ours.items()),
        *(Route(f"/graphiql/{path}", _serve(file, cached=FOR_GOOD)) for path, file in vendored().items()),
    ]


def vendored() -> dict[str, Traversable]:
    """Return upstream's files by the paths they are served under."""
    rows: list[dict[str, str]] = json.loads((VENDOR / "VENDOR.json").read_text(encoding="utf-8"))
    served = [row for row in rows if _suffix(row["file"]) in MEDIA_TYPES]
    return {f"{row['package']}@{row['version']}/{row['file']}": VENDOR / row["file"] for row in served}


def _serve(file: Traversable, *, cached: str = "no-store") -> Callable[[Request], Awaitable[Response]]:
    response = _response(file, cached=cached)

    async def answer(_request: Request) -> Response:
        return response

    return answer


def _response(file: Traversable, *, cached: str = "no-store") -> Response:
    # Read once, while the site is made: no request waits for the disk.
    headers = {
        "content-type": MEDIA_TYPES[_suffix(file.name)],
        "content-security-policy": POLICY,
        "cache-control": cached,
    }
    return Response(file.read_bytes(), headers=headers)


def _suffix(name: str) -> str:
    return name.rpartition(".")[2]
