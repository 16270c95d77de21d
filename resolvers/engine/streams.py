"""
graphql-sse, in distinct connections mode: one operation as a stream of server-sent events over HTTP.

Each result is an event `next`, and the end is an event `complete`; errors from before the first result come as a
result too. The other mode of that protocol, one stream for many operations, is what a WebSocket is for.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from resolvers.engine.execution import QUERIES, Asked, RequestError
from resolvers.engine.members import Gone, Member, Result
from resolvers.engine.messages import TOO_SLOW, Close
from resolvers.engine.operations import encode
from resolvers.engine.wires import connection_of, try_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Receive, Scope, Send

    from resolvers.engine.hosting import House


MEDIA_TYPE = "text/event-stream"
ALIVE_EVERY_SECONDS = 12.0
"""So often a comment is sent: proxies close what is silent for long."""

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
COMPLETE = b"event: complete\ndata:\n\n"
COMMENT = b":\n\n"


class StreamDoor:
    """Answers requests with streams."""

    def __init__(self, house: House, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        self._house = house
        self._headers = [*HEADERS, *(header for header in headers if header[0] != b"cache-control")]

    async def stream(self, asked: Asked, context: Any, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose body was read with a stream, until it ends or the client leaves."""
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        stream = Stream(self._house, scope, send)
        guest = await self._house.host.greet(context, None)
        if guest is not None and not self._house.places.take(guest):
            stream.refuse(
                [GraphQLError("There are too many streams of yours.", extensions={"code": "TOO_MANY_STREAMS"})]
            )
            return
        try:
            await stream.serve(asked, context, receive)
        finally:
            if guest is not None:
                self._house.places.free(guest)


class Stream(Member):
    """One stream."""

    __slots__ = ("_alive", "_house", "_is_over", "_scope", "_send")

    def __init__(self, house: House, scope: Scope, send: Send) -> None:
        super().__init__()
        self._house, self._scope, self._send = house, scope, send
        self._is_over = False
        self._alive: asyncio.TimerHandle | None = None

    async def serve(self, asked: Asked, context: Any, receive: Receive) -> None:
        """Serve until it ends or the client leaves."""
        self._keep_alive()
        beginning = self.task = asyncio.create_task(self._run(asked, context))
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._is_over = True
            if self._alive is not None:
                self._alive.cancel()
            beginning.cancel()
            if self.is_admitted:
                self._house.hub.leave(self)

    async def _run(self, asked: Asked, context: Any) -> None:
        """Begin a subscription, which the hub serves from then on, or answer a query."""
        house = self._house
        try:
            if await house.is_to_follow(asked, context):
                holder, begun = await house.begin(asked, context)
                self.task = None
                house.hub.admit(self, holder, begun)
            else:
                answer = await house.execution.answer(asked, context, kinds=QUERIES)
                await self.send(Result(answer.body))
                self._complete()
        except RequestError as error:
            self.refuse(error.errors)
        except Gone:
            pass
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and logged where it is presented
            self.fail(error)

    def push(self, result: Result) -> bool:
        """Send a result at once, if the client takes it."""
        return self._push(_next(result))

    async def send(self, result: Result) -> None:
        """Send a result."""
        if self._is_over:
            raise Gone
        try:
            async with asyncio.timeout(self._house.host.patience.total_seconds()):
                await self._send(_chunk(_next(result)))
        except TimeoutError:
            self.cut_off()
            raise Gone from None
        except OSError:
            raise Gone from None

    def fail(self, error: Exception, *, is_session_over: bool = False) -> None:
        """End it with an error."""
        self.refuse([GraphQLError(str(error), original_error=error)])

    def refuse(self, errors: Sequence[GraphQLError]) -> None:
        """End it with errors."""
        if not self.push(Result(encode({"errors": self._house.execution.errors.present(errors)}))):
            self.cut_off()
        self._complete()

    def cut_off(self) -> None:
        """Close the connection."""
        self._is_over = True
        if (connection := connection_of(self._scope)) is not None:
            connection.dismiss(Close.TRY_AGAIN_LATER, TOO_SLOW)

    def _complete(self) -> None:
        if not self._is_over and not try_now(self._send(_chunk(COMPLETE, is_last=True))):
            self.cut_off()
        self._is_over = True

    def _push(self, content: bytes) -> bool:
        return not self._is_over and try_now(self._send(_chunk(content)))

    def _keep_alive(self) -> None:
        if self._alive is not None:
            self._push(COMMENT)
        if not self._is_over:
            self._alive = asyncio.get_running_loop().call_later(ALIVE_EVERY_SECONDS, self._keep_alive)


def _next(result: Result) -> bytes:
    if (made := result.made.get(MEDIA_TYPE)) is None:
        made = result.keep(MEDIA_TYPE, b"event: next\ndata: %b\n\n" % result.body)
    return made


def _chunk(content: bytes, *, is_last: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": not is_last}
