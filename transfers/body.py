"""The body of a request, read with bounded patience and never trusted to be as long as it says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from rules.files import LARGEST_BYTES
from transfers.answers import UploadStalled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

LINGER_BYTES = LARGEST_BYTES
LINGER_SECONDS = 30.0
LINGER_IDLE_SECONDS = 2.0


@dataclass(frozen=True)
class Patience:
    """How long to wait for the next bytes of a body, and for all of it."""

    chunk: timedelta = timedelta(seconds=30)
    whole: timedelta = timedelta(minutes=15)


class Body:
    """Reads one request's body, once."""

    def __init__(self, request: Request, patience: Patience) -> None:
        self._receive = request.receive
        self._patience = patience
        self.has_ended = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """
        Yield the bytes as they come.

        Raises:
            UploadStalled: the next bytes, or all of them together, took too long.
            ClientDisconnect: the client went away.
        """
        clock = asyncio.get_running_loop().time
        end = clock() + self._patience.whole.total_seconds()
        while not self.has_ended:
            yield await self._next(min(end, clock() + self._patience.chunk.total_seconds()))

    async def drain(self) -> None:
        """Read what is left and throw it away, within bounds."""
        clock = asyncio.get_running_loop().time
        end, left = clock() + LINGER_SECONDS, LINGER_BYTES
        while left >= 0 and not self.has_ended:
            try:
                left -= len(await self._next(min(end, clock() + LINGER_IDLE_SECONDS)))
            except (UploadStalled, ClientDisconnect):
                return

    async def _next(self, until: float) -> bytes:
        try:
            async with asyncio.timeout_at(until):
                message = await self._receive()
        except TimeoutError:
            raise UploadStalled from None
        if message["type"] != "http.request":
            raise ClientDisconnect
        self.has_ended = not message.get("more_body", False)
        return message.get("body", b"")


class EarlyAnswer(Response):
    """
    An answer to a request whose body has not ended.

    It is sent at once, so that who listens while sending can stop. The connection is closed after it, but not before
    the rest of the body was taken from those who listen only when they have sent all: they would lose the answer.
    """

    def __init__(self, answer: Response, body: Body) -> None:
        super().__init__(bytes(answer.body), answer.status_code)
        self.raw_headers = [*answer.raw_headers, (b"connection", b"close")]
        self._unread = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, then take in the rest."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        await self._unread.drain()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
