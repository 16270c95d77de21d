"""
What uvicorn does not bound: slow or huge request heads, connections per address, bodies that stop arriving.

A reverse proxy in front does the same; the counter does not rely on there being one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD_SECONDS = 8.0
HEAD_BYTES = 32 * 1024
HEADERS = 100
CONNECTIONS = 1_000
CONNECTIONS_PER_ADDRESS = 200
BODY_PAUSE_SECONDS = 30.0


class BadHead(ValueError):
    """The request's head is none that is served; the parser turns this into a 400."""


class GuardedProtocol(HttpToolsProtocol):
    """
    Closes connections whose head is late (408) or large (431), and those beyond the limits of connections.

    Give it to uvicorn as `http=GuardedProtocol`. One instance serves one connection. A head must name exactly one
    host; httptools, otherwise the strict parser, does not mind none or two.
    """

    head_seconds = HEAD_SECONDS
    per_address: ClassVar[Counter[str]] = Counter()

    _deadline: asyncio.TimerHandle | None = None
    _address: str | None = None
    _is_in_head = True
    _head_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Take a connection, or cut it off."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else "local"
        self.per_address[self._address] += 1
        if len(self.connections) > CONNECTIONS or self.per_address[self._address] > CONNECTIONS_PER_ADDRESS:
            transport.abort()
            return
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._cancel_deadline()
        self._release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what arrived; a head that is still not complete may not be larger than 32 KiB."""
        if self._is_in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and self._head_bytes > HEAD_BYTES:
            self._refuse("431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """Note that a head has begun."""
        self._is_in_head = True
        if self._deadline is None:
            self._expect_head()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header, up to a hundred."""
        if len(self.headers) >= HEADERS:
            raise BadHead("too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Serve a request whose head is complete."""
        self._cancel_deadline()
        self._is_in_head, self._head_bytes = False, 0
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_BYTES or sum(name == b"host" for name, _ in self.headers) != 1:
            raise BadHead("too large, or not of one host")
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over; sockets are bounded elsewhere."""
        self._release()
        super().handle_websocket_upgrade()

    def _expect_head(self) -> None:
        self._deadline = asyncio.get_running_loop().call_later(self.head_seconds, self._refuse, "408 Request Timeout")

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: str) -> None:
        self._cancel_deadline()
        if not self.transport.is_closing():
            self.transport.write(f"HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".encode())
            self.transport.close()

    def _release(self) -> None:
        if self._address is not None:
            self.per_address[self._address] -= 1
            if not self.per_address[self._address]:
                del self.per_address[self._address]
            self._address = None


class PatientBody:
    """Treats a client whose body pauses for half a minute as gone."""

    def __init__(self, app: ASGIApp, *, pause_seconds: float = BODY_PAUSE_SECONDS) -> None:
        self._app = app
        self._pause_seconds = pause_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_arriving = scope["type"] == "http"

        async def receive_soon() -> Message:
            nonlocal is_arriving
            if not is_arriving:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self._pause_seconds)
            except TimeoutError:
                return {"type": "http.disconnect"}
            is_arriving = message.get("more_body", False)
            return message

        await self._app(scope, receive_soon, send)
