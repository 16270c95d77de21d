"""GraphQL over HTTP: one strict request in, one answer as JSON out; everything else is refused early."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson
from starlette.requests import HTTPConnection

from resolvers.engine.execution import BAD_REQUEST, QUERIES, QUERIES_AND_MUTATIONS, Answer, Asked, Execution
from resolvers.engine.negotiation import MediaType, is_json, negotiate
from resolvers.engine.patience import BODY_PAUSE_SECONDS
from resolvers.engine.requests import Refused, read_json, read_multipart, read_query_string

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from resolvers.engine.uploads import Keep

PREFLIGHT_HEADERS = (b"x-mesa-client", b"apollo-require-preflight")
"""A page of another origin cannot send one of these without being asked first; multipart requests need one (CSRF)."""

Header: TypeAlias = tuple[bytes, bytes]
Stream: TypeAlias = "Callable[[Asked, Any, Scope, Receive, Send], Awaitable[None]]"
"""Answers with server-sent events, from the start of the response to its end."""

NOT_ACCEPTABLE = "Answers are application/graphql-response+json or application/json."
VARY: Header = (b"vary", b"Accept")
COST_HEADER = b"x-mesa-cost"
"""Whoever sends it is told what the operation costs, under `extensions` of the answer."""

ALLOW_POST: Sequence[Header] = ((b"allow", b"POST"),)
ALLOW_BOTH: Sequence[Header] = ((b"allow", b"GET, POST"),)


@dataclass(frozen=True)
class Doorkeeper:
    """
    What the door must be told by those who use it.

    `context` makes the context of a request; `headers` says which headers what was run wants its answer to have;
    `keeper` says who keeps the files of a multipart request, or refuses with None when the sender may not send any;
    `clear` is told after each such request, and must not fail: what was answered stands.
    """

    context: Callable[[HTTPConnection], Any]
    headers: Callable[[Any], Sequence[Header]]
    keeper: Callable[[Any], Awaitable[Keep | None]]
    clear: Callable[[Any], Awaitable[None]]
    most_files: int
    most_bytes: int
    pause_seconds: float = BODY_PAUSE_SECONDS
    """For so long a body may pause."""


@dataclass(frozen=True)
class Offer:
    """What is served besides POST: sockets, events, queries by GET, and a page for people who come with a browser."""

    sockets: ASGIApp
    stream: Stream | None = None
    has_get: bool = False
    page: ASGIApp | None = None
    headers: Sequence[Header] = ()
    """What every answer of the door says besides; sockets, events and the page see to theirs."""


class GraphQLDoor:
    """The ASGI application of the one address at which the API is."""

    def __init__(self, execution: Execution, doorkeeper: Doorkeeper, offer: Offer) -> None:
        self._execution = execution
        self._doorkeeper = doorkeeper
        self._offer = offer
        self._always = (VARY, *offer.headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or serve one socket."""
        if scope["type"] == "websocket":
            await self._offer.sockets(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        wanted = negotiate(headers.get(b"accept", b""))
        try:
            if scope["method"] != "POST" and self._is_for_page(scope["method"], headers):
                await self._offer.page(scope, receive, send)  # pyright: ignore[reportOptionalCall]
            elif wanted is None:
                raise Refused(406, "NOT_ACCEPTABLE", NOT_ACCEPTABLE)
            elif scope["method"] == "POST":
                await self._serve_post(_Request(scope, receive, send, headers, wanted))
            else:
                await self._serve_get(_Request(scope, receive, send, headers, wanted))
        except Refused as error:
            await self._refuse(error, wanted or MediaType.JSON, send)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and logged where it is presented
            await self._tell(500, self._execution.errors.crash(error), wanted or MediaType.JSON, send)

    def _is_for_page(self, method: str, headers: Mapping[bytes, bytes]) -> bool:
        if self._offer.page is None or method not in ("GET", "HEAD"):
            return False
        accept = headers.get(b"accept", b"*/*")
        return b"text/html" in accept or (accept == b"*/*" and not self._offer.has_get)

    async def _serve_get(self, request: _Request) -> None:
        if request.scope["method"] == "GET" and self._offer.has_get:
            asked = read_query_string(request.scope["query_string"])
            await self._answer(request, asked, self._context(request), by_get=True)
        else:
            raise Refused(405, "METHOD_NOT_ALLOWED", f"{self._methods} is served.")

    async def _serve_post(self, request: _Request) -> None:
        content_type = request.headers.get(b"content-type", b"")
        if b"content-encoding" in request.headers:
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "The body must come as it is, without Content-Encoding.")
        if is_json(content_type):
            asked = await read_json(request.receive, request.headers, self._doorkeeper.pause_seconds)
            await self._answer(request, asked, self._context(request))
        elif content_type.lower().startswith(b"multipart/form-data;"):
            await self._serve_files(request)
        else:
            message = "The content type must be application/json in UTF-8, or multipart/form-data."
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", message)

    async def _serve_files(self, request: _Request) -> None:
        if not any(header in request.headers for header in PREFLIGHT_HEADERS):
            raise Refused(403, "PREFLIGHT_REQUIRED", "A multipart request needs the header X-Mesa-Client.")
        keeper, context = self._doorkeeper, self._context(request)
        try:
            if (keep := await keeper.keeper(context)) is None:
                raise Refused(401, "NOT_SIGNED_IN", "Sign in before sending files.")
            limits = {"most_bytes": keeper.most_bytes, "most_files": keeper.most_files}
            asked = await read_multipart(
                request.receive, request.headers, keep, pause_seconds=keeper.pause_seconds, **limits
            )
            await self._answer(request, asked, context)
        finally:
            await keeper.clear(context)

    def _context(self, request: _Request) -> Any:
        return self._doorkeeper.context(HTTPConnection(request.scope))

    async def _answer(self, request: _Request, asked: Asked, context: Any, *, by_get: bool = False) -> None:
        if request.wanted is MediaType.EVENTS:
            if self._offer.stream is None:
                raise Refused(406, "NOT_ACCEPTABLE", NOT_ACCEPTABLE)
            await self._offer.stream(asked, context, request.scope, request.receive, request.send)
            return
        kinds = QUERIES if by_get else QUERIES_AND_MUTATIONS
        if COST_HEADER in request.headers:
            asked = replace(asked, wants_cost=True)
        answer = await self._execution.answer(asked, context, kinds=kinds)
        status, headers = 200, self._doorkeeper.headers(context)
        if answer.is_request_error:
            status, headers = _refusal(answer, request.wanted, headers)
            if by_get and answer.prepared is not None and answer.prepared.kind not in kinds:
                status, headers = 405, ALLOW_POST
        await self._send(request.send, status, request.wanted, answer.body, headers)

    async def _refuse(self, refused: Refused, wanted: MediaType, send: Send) -> None:
        error = {"message": refused.message, "extensions": {"code": refused.code}}
        allowed = ALLOW_BOTH if self._offer.has_get else ALLOW_POST
        await self._tell(refused.status, error, wanted, send, allowed if refused.status == 405 else ())

    async def _tell(
        self, status: int, error: Mapping[str, Any], wanted: MediaType, send: Send, headers: Sequence[Header] = ()
    ) -> None:
        form = MediaType.JSON if wanted is MediaType.EVENTS else wanted
        await self._send(send, status, form, orjson.dumps({"errors": [error]}), headers)

    async def _send(self, send: Send, status: int, form: MediaType, body: bytes, headers: Sequence[Header]) -> None:
        said = [(b"content-type", form.value), (b"content-length", b"%d" % len(body)), *self._always, *headers]
        await send({"type": "http.response.start", "status": status, "headers": said})
        await send({"type": "http.response.body", "body": body})

    @property
    def _methods(self) -> str:
        return "Only POST, and GET for queries," if self._offer.has_get else "Only POST"


@dataclass(slots=True)
class _Request:
    scope: Scope
    receive: Receive
    send: Send
    headers: dict[bytes, bytes]
    wanted: MediaType


def _refusal(answer: Answer, form: MediaType, headers: Sequence[Header]) -> tuple[int, Sequence[Header]]:
    """Return 400 for what no client can mean, and for all that was not run if the client knows what the form says."""
    if answer.retry_after_seconds is not None:
        return 429, [*headers, (b"retry-after", b"%d" % answer.retry_after_seconds)]
    return 400 if form is MediaType.RESPONSE or answer.code == BAD_REQUEST else 200, headers
