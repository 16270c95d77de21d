"""
Sending without waiting, over whatever ASGI server.

A group must not wait for one of its members. A server's `send` waits only until the client has taken enough of what it
was sent before, and before it sends anything (so does uvicorn's): one step of it shows whether it would.
"""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from starlette.types import Scope

EXTENSION = "mesa.connection"
"""The extension of the ASGI scope by which our server hands out the connection itself."""


TEXT = 0x81
ONE_BYTE, TWO_BYTES = 125, 0xFFFF
"""How long a message may be whose length is told in so many bytes."""


class Connection(Protocol):
    """What ASGI has no word for."""

    def dismiss(self, code: int, reason: str) -> None:
        """Say goodbye, and close the connection soon, whether or not the client takes what it was sent."""
        ...


class SocketConnection(Connection, Protocol):
    """That of a WebSocket, to which whole frames can be written."""

    def write_now(self, frame: bytes) -> bool:
        """Write a frame; return False, with nothing written, if it would have to wait or nobody is there any more."""
        ...


def connection_of(scope: Scope) -> Any:
    """Return the connection of a request or a socket, if the server hands it out."""
    return (scope.get("extensions") or {}).get(EXTENSION)


def frame_start(length: int) -> bytes:
    """Return what stands before so many bytes of text that are a whole WebSocket message (RFC 6455, 5.2)."""
    if length <= ONE_BYTE:
        return bytes((TEXT, length))
    if length <= TWO_BYTES:
        return bytes((TEXT, 126)) + length.to_bytes(2, "big")
    return bytes((TEXT, 127)) + length.to_bytes(8, "big")


def try_now(sending: Awaitable[None]) -> bool:
    """Send at once; return False, with nothing sent, if one would have to wait, or if nobody is there any more."""
    assert isinstance(sending, Coroutine), "what ASGI servers call `send` is a coroutine function"
    try:
        sending.send(None)
    except StopIteration:
        return True
    except OSError:
        return False
    sending.close()
    return False
