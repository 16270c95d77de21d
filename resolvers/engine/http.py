"""GraphQL over HTTP: one strict JSON or multipart POST in, one JSON answer out; everything else is refused early."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from cross_web import HTTPException, StarletteRequestAdapter
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLRequestData
from strawberry.types import ExecutionResult

from resolvers.engine.execution import BAD_REQUEST, QUERIES_AND_MUTATIONS, Answer, Asked, Execution, encode
from resolvers.engine.multipart import BadMultipart, PartReader
from resolvers.engine.strict_json import BadJson, read_object
from resolvers.engine.uploads import BadUploadRequest, Keep, read_upload_request

BODY_BYTES = 64 * 1024
PREFLIGHT_HEADERS = ("x-mesa-client", "apollo-require-preflight")
"""A page of another origin cannot send one of these without being asked first; multipart requests need one (CSRF)."""


@dataclass(frozen=True)
class Doorkeeper:
    """
    What the door must be told by those who use it.

    `context` makes the context of a request; `keeper`
    says who keeps the files of a multipart request, or refuses with None when the sender may not send any; `clear` is
    told after each request, and must not fail: what was answered stands.
    """

    context: Callable[[Request], Any]
    keeper: Callable[[Any], Awaitable[Keep | None]]
    clear: Callable[[Any], Awaitable[None]]
    most_files: int
    most_bytes: int


class _Adapter(StarletteRequestAdapter):
    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.request = request


class GraphQLDoor(GraphQL[Any, None]):
    """The ASGI application for HTTP POST and WebSocket."""

    request_adapter_class = _Adapter

    def __init__(self, schema: Schema, doorkeeper: Doorkeeper, *, execution: Execution, sockets: ASGIApp) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
        )
        self.execution = execution
        self._sockets = sockets
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or serve one socket."""
        if scope["type"] == "websocket":
            await self._sockets(scope, receive, send)
            return
        await (await self._answer(Request(scope, receive)))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return _refusal(405, "METHOD_NOT_ALLOWED", "Only POST is served.", headers={"allow": "POST"})
        try:
            return await self.run(request)
        except HTTPException as error:
            return _refusal(error.status_code, _CODES.get(error.status_code, "BAD_REQUEST"), error.reason)
        finally:
            if (context := getattr(request.state, "graphql_context", None)) is not None:
                await self._doorkeeper.clear(context)

    async def get_context(self, request: Request, response: Response) -> Any:
        """Return the context of one request or socket."""
        context = self._doorkeeper.context(request)
        if isinstance(response, Response):
            context.response = response
        request.state.graphql_context = context
        return context

    def encode_json(self, data: object) -> Any:
        """Return the answer as it is, or a message of a socket as JSON."""
        return data.body if isinstance(data, Answer) else encode(data).decode()

    async def parse_http_body(self, request: Any) -> GraphQLRequestData:
        """Return the operation in the body."""
        data = await self._read(request.request)
        match data:
            case {"query": str(query)}:
                pass
            case _:
                raise HTTPException(400, "The query must be a string.")
        return GraphQLRequestData(
            query=query,
            variables=_optional(data, "variables", dict),
            operation_name=_optional(data, "operationName", str),
            extensions=_optional(data, "extensions", dict),
        )

    async def execute_operation(
        self,
        request: Request,
        request_adapter: Any,
        request_data: Any,
        context: Any,
        root_value: None,
        sub_response: Response,
    ) -> Any:
        """Run one query or mutation; subscriptions are for sockets."""
        asked = Asked(request_data.query, variables=request_data.variables, operation_name=request_data.operation_name)
        answer = await self.execution.answer(asked, context, kinds=QUERIES_AND_MUTATIONS)
        if answer.code == BAD_REQUEST and answer.is_request_error:
            sub_response.status_code = 400
        return ExecutionResult(data=answer, errors=None)  # pyright: ignore[reportArgumentType] - taken as it is below

    async def process_result(self, request: Request, result: Any) -> Any:
        """Return the answer as it is."""
        return result.data

    async def _read(self, request: Request) -> dict[str, Any]:
        kind, options = parse_options_header(request.headers.get("content-type"))
        if kind == b"application/json" and options.get(b"charset", b"utf-8").lower() in (b"utf-8", b"utf8"):
            return await _read_json(request)
        if kind == b"multipart/form-data" and b"boundary" in options:
            return await self._read_multipart(request, options[b"boundary"])
        raise HTTPException(415, "The content type must be application/json in UTF-8, or multipart/form-data.")

    async def _read_multipart(self, request: Request, boundary: bytes) -> dict[str, Any]:
        if not any(header in request.headers for header in PREFLIGHT_HEADERS):
            raise HTTPException(403, "A multipart request needs the header X-Mesa-Client.")
        keep = await self._doorkeeper.keeper(request.state.graphql_context)
        if keep is None:
            raise HTTPException(401, "Sign in before sending files.")
        try:
            parts = PartReader(_bounded(request, self._doorkeeper.most_bytes), boundary)
            return await read_upload_request(parts, keep, most_files=self._doorkeeper.most_files)
        except (BadUploadRequest, BadMultipart) as error:
            raise HTTPException(400, f"Not a GraphQL multipart request: {error}.") from error
        except ClientDisconnect as error:
            raise HTTPException(400, "The body broke off.") from error


async def _read_json(request: Request) -> dict[str, Any]:
    body = bytearray()
    try:
        async for chunk in _bounded(request, BODY_BYTES):
            body += chunk
        return read_object(bytes(body))
    except BadJson as error:
        raise HTTPException(400, f"The body must be one JSON object: {error}.") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "The body broke off.") from error


async def _bounded(request: Request, most_bytes: int) -> AsyncIterator[bytes]:
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > most_bytes:
            raise HTTPException(413, f"The body may have at most {most_bytes} bytes.")
        yield chunk


def _optional(data: dict[str, Any], name: str, kind: type[Any]) -> Any:
    value = data.get(name)
    if value is not None and not isinstance(value, kind):
        raise HTTPException(400, f"The field {name} has the wrong type.")
    return value


_CODES = {
    401: "NOT_SIGNED_IN",
    403: "PREFLIGHT_REQUIRED",
    405: "METHOD_NOT_ALLOWED",
    413: "BODY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}


def _refusal(status: int, code: str, message: str, *, headers: dict[str, str] | None = None) -> JSONResponse:
    body = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return JSONResponse(body, status_code=status, headers=headers)
