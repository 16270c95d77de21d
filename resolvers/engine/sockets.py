"""graphql-transport-ws: subscriptions, and queries, over a WebSocket, as the protocol says and within limits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, assert_never

from graphql import GraphQLError
from starlette.requests import HTTPConnection

from resolvers.engine import messages
from resolvers.engine.execution import QUERIES, Asked, RequestError
from resolvers.engine.members import Gone, Member, Result
from resolvers.engine.messages import Close, Complete, Ending, Init, Ping, Pong, Subscribe
from resolvers.engine.wires import connection_of, frame_start, try_now

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from resolvers.engine.hosting import House
    from resolvers.engine.places import Guest
    from resolvers.engine.wires import SocketConnection

INIT_WAIT = timedelta(seconds=5)
OPERATIONS = 10
TOO_MANY = {"code": "TOO_MANY_OPERATIONS"}


class SocketDoor:
    """The ASGI application for WebSockets."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        await receive()
        connection = HTTPConnection(scope)
        if not self._is_from_us(connection):
            await send({"type": "websocket.close"})  # before it is accepted: 403
            return
        speaks = messages.PROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": messages.PROTOCOL if speaks else None})
        if not speaks:
            await send(_closing(Close.NO_SUCH_PROTOCOL, "Subprotocol not acceptable"))
            return
        await Socket(self._house, self._house.host.context(connection), scope, receive, send).serve()

    def _is_from_us(self, connection: HTTPConnection) -> bool:
        """Tell whether no page of another origin opened it; a program says none."""
        origin = connection.headers.get("origin")
        return origin is None or origin in self._house.host.allowed_origins


class Socket:
    """One socket. Nothing runs for it while nothing happens, but what waits for its next message."""

    __slots__ = (
        "_connection",
        "_context",
        "_guest",
        "_has_said_hello",
        "_is_over",
        "_receive",
        "_send",
        "house",
        "operations",
    )

    def __init__(self, house: House, context: Any, scope: Scope, receive: Receive, send: Send) -> None:
        self.house, self._context, self._receive, self._send = house, context, receive, send
        self._connection: SocketConnection | None = connection_of(scope)
        self._guest: Guest | None = None
        self._has_said_hello = False
        self._is_over = False
        self.operations: dict[str, Operation] = {}

    async def serve(self) -> None:
        """Serve until either side closes."""
        loop = asyncio.get_running_loop()
        late = loop.call_later(INIT_WAIT.total_seconds(), self._expect_hello)
        try:
            while (event := await self._receive())["type"] != "websocket.disconnect":
                await self._take(dict(event))
        except Ending as ending:
            self.close(ending.code, ending.reason)
        except Gone:
            pass
        finally:
            self._is_over = True
            late.cancel()
            for operation in tuple(self.operations.values()):
                operation.end()
            if self._guest is not None:
                self.house.places.free(self._guest)

    def _expect_hello(self) -> None:
        if not self._has_said_hello:
            self.close(Close.INIT_TIMEOUT, "Connection initialisation timeout")

    async def _take(self, event: dict[str, Any]) -> None:
        message = messages.read_message(event)
        match message:
            case Init():
                await self._greet(message)
            case Subscribe():
                self._begin(message)
            case Complete():
                if (operation := self.operations.get(message.id)) is not None:
                    operation.end()
            case Ping():
                await self.send(messages.PONG)
            case Pong():
                pass
            case _:
                assert_never(message)

    async def _greet(self, message: Init) -> None:
        if self._has_said_hello:
            raise Ending(Close.TOO_MANY, "Too many initialisation requests")
        self._has_said_hello = True
        places = self.house.places
        if places.is_full:
            raise Ending(Close.TRY_AGAIN_LATER, "Too many sockets; try again later")
        guest = await self.house.host.greet(self._context, message.payload)
        if guest is None:
            raise Ending(Close.FORBIDDEN, "Forbidden")
        if not places.take(guest):
            raise Ending(Close.TOO_MANY, "Too many sockets of yours")
        self._guest = guest
        await self.send(messages.ACKNOWLEDGED)

    def _begin(self, message: Subscribe) -> None:
        if self._guest is None:
            raise Ending(Close.UNAUTHORIZED, "Unauthorized")
        if message.id in self.operations:
            raise Ending(Close.ID_IN_USE, "Subscriber for that id already exists")
        operation = Operation(self, message.id)
        if len(self.operations) >= OPERATIONS:
            operation.refuse([GraphQLError(f"A socket has at most {OPERATIONS} operations.", extensions=TOO_MANY)])
            return
        self.operations[message.id] = operation
        operation.task = asyncio.create_task(self._run(operation, message.asked))

    async def _run(self, operation: Operation, asked: Asked) -> None:
        """Begin a subscription, which the hub serves from then on, or answer a query."""
        try:
            if await self.house.is_to_follow(asked, self._context):
                holder, begun = await self.house.begin(asked, self._context)
                operation.task = None
                self.house.hub.admit(operation, holder, begun)
            else:
                await self._answer(operation, asked)
        except RequestError as error:
            operation.refuse(error.errors)
        except Gone:
            pass
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and logged where it is presented
            operation.fail(error)

    async def _answer(self, operation: Operation, asked: Asked) -> None:
        await self.house.holder(self._context)
        answer = await self.house.execution.answer(asked, self._context, kinds=QUERIES)
        if answer.is_request_error:
            operation.leave()
            await self.send(messages.refusal_message(operation.id, answer.body))
        else:
            await operation.send(Result(answer.body))
            operation.leave()
            await self.send(messages.complete_message(operation.id))

    async def send(self, text: str) -> None:
        """
        Send a message, waiting for the client.

        Raises:
            Gone: it has left.
        """
        if self._is_over:
            raise Gone
        try:
            async with asyncio.timeout(self.house.host.patience.total_seconds()):
                await self._send({"type": "websocket.send", "text": text})
        except TimeoutError:
            self.cut_off()
            raise Gone from None
        except OSError:
            raise Gone from None

    def push(self, text: str) -> bool:
        """Send a message at once; return False if one would have to wait."""
        return not self._is_over and try_now(self._send({"type": "websocket.send", "text": text}))

    def push_next(self, result: Result, end: bytes) -> bool:
        """Send a result at once, as a frame of which all but the *end* was made for everybody, if the server can."""
        if self._connection is None:
            return self.push((messages.NEXT + result.body + end).decode())
        if self._is_over:
            return False
        start = result.made.get(len(end))
        if start is None:
            start = result.keep(len(end), _start_of(result.body, len(end)))
        return self._connection.write_now(start + end)

    def close(self, code: Close, reason: str) -> None:
        """Close the socket without waiting, even if the client takes nothing any more."""
        if self._is_over:
            return
        self._is_over = True
        if not try_now(self._send(_closing(code, reason))) and self._connection is not None:
            self._connection.dismiss(code, reason)

    def cut_off(self) -> None:
        """Close the socket of a client that takes nothing."""
        self.close(Close.TRY_AGAIN_LATER, messages.TOO_SLOW)


class Operation(Member):
    """One operation of a socket."""

    __slots__ = ("_end", "_socket", "id")

    def __init__(self, socket: Socket, id_: str) -> None:
        super().__init__()
        self._socket, self.id = socket, id_
        self._end = messages.next_end(id_)

    def push(self, result: Result) -> bool:
        """Send a result at once, if the client takes it."""
        return self._socket.push_next(result, self._end)

    async def send(self, result: Result) -> None:
        """Send a result."""
        await self._socket.send(f"{messages.NEXT.decode()}{result.body.decode()}{self._end.decode()}")

    def fail(self, error: Exception, *, is_session_over: bool = False) -> None:
        """End it with an error; with its session, the socket ends too."""
        self.refuse([GraphQLError(str(error), original_error=error)])
        if is_session_over:
            self._socket.close(Close.UNAUTHORIZED, "Session ended")

    def refuse(self, errors: Sequence[GraphQLError]) -> None:
        """End it with errors."""
        self.leave()
        said = self._socket.house.execution.errors.present(errors)
        if not self._socket.push(messages.error_message(self.id, said)):
            self.cut_off()

    def cut_off(self) -> None:
        """Close the socket."""
        self._socket.cut_off()

    def leave(self) -> None:
        """Give its place back."""
        self._socket.operations.pop(self.id, None)

    def end(self) -> None:
        """Stop it."""
        self.leave()
        if self.is_admitted:
            self._socket.house.hub.leave(self)
        elif self.task is not None:
            self.task.cancel()


def _start_of(body: bytes, end: int) -> bytes:
    return frame_start(len(messages.NEXT) + len(body) + end) + messages.NEXT + body


def _closing(code: Close, reason: str) -> dict[str, Any]:
    return {"type": "websocket.close", "code": int(code), "reason": reason}
