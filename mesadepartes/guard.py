"""What uvicorn lacks: a deadline for a request's headers, limits for them, and a cap on connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from resolvers.engine.wires import EXTENSION

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, BaseTransport, TimerHandle, Transport
    from collections.abc import Callable

    from uvicorn.config import Config

HEADER_BYTES = 32_768
HEADERS = 100
FRAMING_BYTES = 65_536
"""What a body may have besides its bytes, as the heads of its chunks; for each of them a byte as a chunk of its own."""
FRAMING_SHARE = 8
FAREWELL_SECONDS = 5.0
ROUNDED_SECONDS = 0.002
"""Loops count in milliseconds: a clock may ring so much early."""
REFUSAL = "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Deadline:
    """Until when something is waited for; putting it off sets no clock, which is asked what it is for when it rings."""

    __slots__ = ("_act", "_at", "_loop", "_rings_at", "_timer")

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._at = self._rings_at = 0.0
        self._act: Callable[[], None] | None = None
        self._timer: TimerHandle | None = None

    def set(self, seconds: float, act: Callable[[], None]) -> None:
        """Act after so long; nothing else is waited for then."""
        self._at, self._act = self._loop.time() + seconds, act
        if self._timer is None:
            self._wind()
        elif self._rings_at > self._at:
            self._timer.cancel()
            self._wind()

    def clear(self) -> None:
        """Wait for nothing."""
        self._act = None

    def end(self) -> None:
        """Wait for nothing any more."""
        self._act = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wind(self) -> None:
        self._rings_at = self._at
        self._timer = self._loop.call_at(self._at, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._act is None:
            return
        if self._loop.time() < self._at - ROUNDED_SECONDS:
            self._wind()
            return
        act, self._act = self._act, None
        act()


class GuardedProtocol(HttpToolsProtocol):
    """
    uvicorn's strict parser, which refuses ambiguous requests, with the limits that it does not know.

    A client that opens a connection must send whole headers within ten seconds: 300 silent connections would otherwise
    stay for ever. A request has exactly one Host. What a client may rest between two requests counts from the answer,
    also while the rest of a body arrives that is not read any more.
    """

    header_seconds = 10.0
    most_connections = 2_000
    most_sockets = 10_000
    """Apart: who follows stays for hours, and takes no place from those who come with a request."""

    _deadline: Deadline
    _extensions: dict[str, Any]
    _awaits_headers = True
    _header_bytes = 0
    _is_within_message = False
    _framing_bytes = 0
    _is_refused = False

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin, unless too many others are here."""
        super().connection_made(transport)
        self._deadline, self._extensions = Deadline(self.loop), {EXTENSION: self}
        if len(self.connections) - len(_sockets_of(self.server_state)) > self.most_connections:
            self._refuse("503 Service Unavailable")
        else:
            self._deadline.set(self.header_seconds, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._deadline.end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what arrives until the headers are whole; what comes after a refusal is not read."""
        if self._is_refused:
            return
        is_timed = self._awaits_headers
        if not is_timed and not self._is_within_message:
            self._await_headers()
        if self._awaits_headers:
            self._header_bytes += len(data)
        else:
            self._framing_bytes += len(data)
        HttpToolsProtocol.data_received(self, data)
        if self._awaits_headers:
            self._wait_on(is_timed)
        elif self._framing_bytes > FRAMING_BYTES:
            self._refuse("400 Bad Request")

    def _await_headers(self) -> None:
        self._awaits_headers, self._header_bytes = True, 0

    def _wait_on(self, is_timed: bool) -> None:
        """Give headers that are not whole yet their time, once, and their bytes."""
        if self._header_bytes > HEADER_BYTES:
            self._refuse("431 Request Header Fields Too Large")
        elif not is_timed:
            self._deadline.set(self.header_seconds, self._give_up)

    def on_message_begin(self) -> None:
        """Note the first byte of a request."""
        self._is_within_message = True
        if not self._awaits_headers:
            self._await_headers()
        HttpToolsProtocol.on_message_begin(self)
        self.scope["extensions"] = self._extensions  # pyright: ignore[reportGeneralTypeIssues] - any value may be one

    def dismiss(self, _code: int, _reason: str) -> None:
        """Close the connection at once, whatever was not taken yet."""
        self.transport.abort()

    def on_headers_complete(self) -> None:
        """Judge the headers as a whole."""
        self._awaits_headers = False
        self._deadline.clear()
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
            HttpToolsProtocol.on_headers_complete(self)

    def on_body(self, body: bytes) -> None:
        """Pass on a piece of the body."""
        self._framing_bytes -= len(body) * FRAMING_SHARE
        if not self._is_refused:
            HttpToolsProtocol.on_body(self, body)

    def on_message_complete(self) -> None:
        """Note the last byte of a request."""
        self._is_within_message = False
        self._framing_bytes = 0
        if not self._is_refused:
            HttpToolsProtocol.on_message_complete(self)

    def on_response_complete(self) -> None:
        """Let the client rest, as uvicorn does, which sets a clock for it each time."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        if not self._awaits_headers:
            self._deadline.set(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def handle_websocket_upgrade(self) -> None:
        """Go on as a socket, unless too many others are here."""
        if len(_sockets_of(self.server_state)) >= self.most_sockets:
            self._refuse("503 Service Unavailable")
        else:
            super().handle_websocket_upgrade()

    def _should_upgrade(self) -> bool:
        return not self._is_refused and super()._should_upgrade()

    def _give_up(self) -> None:
        self._refuse("408 Request Timeout")

    def _refuse(self, status: str) -> None:
        self._deadline.clear()
        if self._is_refused or self.transport.is_closing():
            return
        self._is_refused = True
        self.transport.write(REFUSAL.format(status=status).encode())
        self.transport.close()


_SOCKETS: WeakKeyDictionary[ServerState, set[GuardedSocket]] = WeakKeyDictionary()


def _sockets_of(server: ServerState) -> set[GuardedSocket]:
    return _SOCKETS.setdefault(server, set())


class GuardedSocket(WebSocketsSansIOProtocol):
    """
    uvicorn's WebSockets, with an end for those who take nothing: closing politely waits for them for ever.

    Frames that were made once for many are written as they are, without a task or a wait for each.
    """

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._all = _sockets_of(server_state)

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin."""
        self._all.add(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._all.discard(self)
        super().connection_lost(exc)

    async def run_asgi(self) -> None:
        """Serve one socket."""
        self.scope["extensions"][EXTENSION] = self  # type: ignore[index]
        await super().run_asgi()

    def write_now(self, frame: bytes) -> bool:
        """Write a frame; return False, with nothing written, if the client has not taken enough or leaves."""
        if self.close_sent or not self.writable.is_set() or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    def dismiss(self, code: int, reason: str) -> None:
        """Send the code after all that was not taken yet, and close the connection a little later in any case."""
        if not self.close_sent:
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.loop.call_later(FAREWELL_SECONDS, self.transport.abort)
