"""The web part as one ASGI application: GraphQL, transfers, health, and a few small pages."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from mesadepartes.completing import completion_page
from mesadepartes.confirming import confirm_page
from mesadepartes.edge import API_HEADERS, PatientBody, SecurityHeaders
from mesadepartes.graphiql import graphiql_page, graphiql_routes
from mesadepartes.health import Readiness
from mesadepartes.page import Frame
from mesadepartes.receipt_files import receipt_file_routes
from mesadepartes.reference import reference_routes
from mesadepartes.source_archive import source_route
from mesadepartes.status import status_page
from mesadepartes.stopping import stop_page
from mesadepartes.verification import verification_page
from mesadepartes.web_files import PagesSite
from resolvers.refusing import ERRORS
from resolvers.root import build_door, build_hub, print_sdl

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from actions.tools import Tools
    from reading.feed import Feed
    from resolvers.engine.execution import Trust
    from resolvers.engine.hub import Hub
    from resolvers.engine.terms import Terms

logger = logging.getLogger(__name__)


def sdl() -> str:
    """Return the GraphQL schema as text."""
    return print_sdl()


def create_site(
    tools: Tools,
    feed: Feed,
    *,
    routes: Sequence[BaseRoute] = (),
    checks: Sequence[Callable[[], Awaitable[bool]]] = (),
    has_explorer: bool = False,
    has_get: bool = False,
    follows_edits: bool = False,
    private: Sequence[Path] = (),
    terms: Terms | None = None,
    trust: Trust | None = None,
    has_plans: bool = True,
    hub: Hub | None = None,
) -> ASGIApp:
    """
    Return the web part; the feed runs for as long as the application does, and so does the hub, made unless given.

    *routes* are those of the transfers. *checks* must all hold for `/readyz`. With the explorer, introspection is on.
    With *has_get*, queries are answered by GET too. With *follows_edits*, pages are shown as their files are now.
    Nothing below *private* is given as source.
    """
    hub = hub or build_hub(tools, feed)
    door = build_door(
        tools,
        hub,
        patience=feed.stalled,
        has_introspection=has_explorer,
        has_get=has_get,
        page=SecurityHeaders(graphiql_page()) if has_explorer else None,
        terms=terms,
        trust=trust,
        has_plans=has_plans,
        headers=API_HEADERS,
    )
    health = _Health([Readiness(check) for check in checks])
    pages = PagesSite(tools.institution.public_url, follows_edits=follows_edits)
    ours = [*pages.routes(), *_for_people(tools, pages, has_explorer=has_explorer), *health.routes]
    ours += [source_route(private)] if tools.institution.source_url is None else []
    rest = Starlette(
        routes=[*ours, *routes],
        exception_handlers={HTTPException: _refusing(pages), Exception: _crash},
        lifespan=_lifespan([feed.run, hub.run], health),
    )
    return _ApiFirst(door, SecurityHeaders(PatientBody(rest)))


def _for_people(tools: Tools, pages: PagesSite, *, has_explorer: bool) -> list[BaseRoute]:
    """Return the pages that the server makes: what the links in mails and on paper lead to, and the reference."""
    frame = Frame(tools.institution.name, pages.look)
    return [
        *reference_routes(sdl, tools.institution),
        Route("/verificar/{code}", verification_page(tools, frame), methods=["GET"]),
        *receipt_file_routes(tools),
        Route("/estado", status_page(tools, frame), methods=["GET", "POST"]),
        Route("/completar/{code}", completion_page(tools, frame), methods=["GET", "POST"]),
        Route("/detener/{code}", stop_page(tools, frame), methods=["GET", "POST"]),
        Route("/confirmar/{code}", confirm_page(tools, frame), methods=["GET", "POST"]),
        *(graphiql_routes() if has_explorer else ()),
    ]


class _ApiFirst:
    """
    Leads to the API before everything else: it is asked most, and routes are tried one after the other.

    The API sees to its own headers, to bodies that pause and to its crashes.
    """

    def __init__(self, api: ASGIApp, rest: ASGIApp) -> None:
        self._api, self._rest = api, rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._api if scope.get("path") == "/graphql" else self._rest)(scope, receive, send)


def _lifespan(
    works: Sequence[Callable[[], Coroutine[None, None, None]]], health: _Health
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_site: Starlette) -> AsyncGenerator[None]:
        running = [asyncio.create_task(work(), name="feed") for work in works]
        for task in running:
            task.add_done_callback(_note_end)

        async def is_followed() -> bool:
            return not any(task.done() for task in running)

        health.checks.append(Readiness(is_followed))
        yield
        for task in running:
            task.cancel()
        await asyncio.wait(running)

    return lifespan


def _note_end(running: asyncio.Task[None]) -> None:
    if not running.cancelled() and (error := running.exception()):
        logger.error("The feed has ended", exc_info=error, extra={"action": "feed_ended"})


class _Health:
    """Whether the process lives, and whether it can do its work."""

    def __init__(self, checks: list[Readiness]) -> None:
        self.checks = checks
        self.routes = [Route("/healthz", self.alive), Route("/readyz", self.ready)]

    async def alive(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        is_ready = all([await check() for check in self.checks])
        return JSONResponse({"status": "ready" if is_ready else "not ready"}, status_code=200 if is_ready else 503)


def _refusing(pages: PagesSite) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return what answers for addresses and methods that there are not: to people by a page, to programs as data."""

    async def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == HTTPStatus.NOT_FOUND and "text/html" in request.headers.get("accept", ""):
            return await pages.not_found(request)
        body = {"errors": [{"message": error.detail, "extensions": {"code": "HTTP_ERROR"}}]}
        return JSONResponse(body, status_code=error.status_code, headers=error.headers)

    return refuse


async def _crash(_request: Request, error: Exception) -> Response:
    return JSONResponse({"errors": [ERRORS.crash(error)]}, status_code=500)
