"""
Sending without waiting, over whatever ASGI server.

A group must not wait for one of its members. A server's `send` waits only until the client has taken enough of what it
was sent before, and before it sends anything (so does uvicorn's): one step of it shows whether it would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.types import Scope

EXTENSION = "mesa.connection"
"""The extension of the ASGI scope by which our server hands out the connection itself."""


class Connection(Protocol):
    """What ASGI has no word for."""

    def dismiss(self, code: int, reason: str) -> None:
        """Say goodbye, and close the connection soon, whether or not the client takes what it was sent."""
        ...


def connection_of(scope: Scope) -> Connection | None:
    """Return the connection of a request or a socket, if the server hands it out."""
    return (scope.get("extensions") or {}).get(EXTENSION)


def try_now(sending: Coroutine[Any, Any, None]) -> bool:
    """Send at once; return False, with nothing sent, if one would have to wait, or if nobody is there any more."""
    try:
        sending.send(None)
    except StopIteration:
        return True
    except OSError:
        return False
    sending.close()
    return False
