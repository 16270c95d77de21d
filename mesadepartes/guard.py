"""What uvicorn lacks: a deadline for a request's headers, limits for them, and a cap on connections."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from resolvers.engine.wires import EXTENSION

if TYPE_CHECKING:
    from asyncio import TimerHandle, Transport

HEADER_BYTES = 32_768
HEADERS = 100
FRAMING_BYTES = 65_536
"""What a body may have besides its bytes, as the heads of its chunks; for each of them a byte as a chunk of its own."""
FRAMING_SHARE = 8
FAREWELL_SECONDS = 5.0
REFUSAL = "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class GuardedProtocol(HttpToolsProtocol):
    """
    uvicorn's strict parser, which refuses ambiguous requests, with the limits that it does not know.

    A client that opens a connection must send whole headers within ten seconds: 300 silent connections would otherwise
    stay for ever. A request has exactly one Host.
    """

    header_seconds = 10.0
    most_connections = 2_000

    _deadline: TimerHandle | None = None
    _header_bytes = 0
    _is_within_message = False
    _framing_bytes = 0
    _is_refused = False

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin, unless too many others are here."""
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            self._refuse("503 Service Unavailable")
        else:
            self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._headers_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what arrives until the headers are whole; what comes after a refusal is not read."""
        if self._is_refused:
            return
        if self._deadline is None and not self._is_within_message:
            self._expect_headers()
        if self._deadline is not None:
            self._header_bytes += len(data)
        else:
            self._framing_bytes += len(data)
        super().data_received(data)
        if self._deadline is not None and self._header_bytes > HEADER_BYTES:
            self._refuse("431 Request Header Fields Too Large")
        if self._framing_bytes > FRAMING_BYTES:
            self._refuse("400 Bad Request")

    def on_message_begin(self) -> None:
        """Note the first byte of a request."""
        self._is_within_message = True
        if self._deadline is None:
            self._expect_headers()
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: self}

    def dismiss(self, _code: int, _reason: str) -> None:
        """Close the connection at once, whatever was not taken yet."""
        self.transport.abort()

    def on_headers_complete(self) -> None:
        """Judge the headers as a whole."""
        self._headers_came()
        if self._is_refused:
            return
        size, hosts = len(self.url), 0
        for name, value in self.headers:
            size += len(name) + len(value)
            hosts += name == b"host"
        if size > HEADER_BYTES or len(self.headers) > HEADERS:
            self._refuse("431 Request Header Fields Too Large")
        elif hosts != 1:
            self._refuse("400 Bad Request")
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Pass on a piece of the body."""
        self._framing_bytes -= len(body) * FRAMING_SHARE
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Note the last byte of a request."""
        self._is_within_message = False
        self._framing_bytes = 0
        if not self._is_refused:
            super().on_message_complete()

    def _should_upgrade(self) -> bool:
        return not self._is_refused and super()._should_upgrade()

    def _expect_headers(self) -> None:
        self._header_bytes = 0
        self._deadline = asyncio.get_running_loop().call_later(self.header_seconds, self._refuse, "408 Request Timeout")

    def _headers_came(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: str) -> None:
        self._headers_came()
        if self._is_refused or self.transport.is_closing():
            return
        self._is_refused = True
        self.transport.write(REFUSAL.format(status=status).encode())
        self.transport.close()


class GuardedSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSockets, with an end for those who take nothing: closing politely waits for them for ever."""

    async def run_asgi(self) -> None:
        """Serve one socket."""
        self.scope["extensions"][EXTENSION] = self  # type: ignore[index]
        await super().run_asgi()

    def dismiss(self, code: int, reason: str) -> None:
        """Send the code after all that was not taken yet, and close the connection a little later in any case."""
        if not self.close_sent:
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.loop.call_later(FAREWELL_SECONDS, self.transport.abort)
