"""`/healthz`, `/readyz` and `/metrics` of a worker: the process lives; it can work; how its work stands."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from mesadepartes.ground import cannot_listen

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncGenerator, Awaitable, Callable

logger = logging.getLogger(__name__)

REQUEST_SECONDS = 5.0
READY_SECONDS = 3.0
METRICS = "text/plain; version=0.0.4; charset=utf-8"
ANSWERS = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}


@asynccontextmanager
async def health_served(
    host: str,
    port: int | None,
    is_ready: Callable[[], Awaitable[bool]],
    *,
    metrics: Callable[[], str] | None = None,
    variable: str = "MESA_HEALTH_PORT",
) -> AsyncGenerator[int | None]:
    """
    Answer on *port* as long as the block lasts; yields the port, None when none is wanted.

    *metrics* gives text in Prometheus's format; without it `/metrics` is not found.

    Raises:
        CannotRun: the port, which *variable* sets, cannot be had.
    """
    if port is None:
        yield None
        return
    readiness = Readiness(is_ready)

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS + READY_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                if metrics is not None and _path(head) == b"/metrics":
                    writer.write(_response(200, metrics().encode(), kind=METRICS))
                else:
                    status = await _status(head, readiness)
                    writer.write(_response(status, ANSWERS[status].encode() + b"\n"))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a prober that went away or talks nonsense is owed no answer
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(serve, host, port, limit=8192)
    except OSError as error:
        raise cannot_listen(port, error.strerror or str(error), variable) from None
    bound: int = server.sockets[0].getsockname()[1]
    logger.info("Health is told on port %d", bound, extra={"action": "health_served"})
    try:
        yield bound
    finally:
        server.close()


def _path(head: bytes) -> bytes:
    return head.split(b" ", 2)[1] if head.count(b" ") >= 2 else b""


async def _status(head: bytes, readiness: Readiness) -> int:
    path = _path(head)
    if path == b"/healthz":
        return 200
    if path == b"/readyz":
        return 200 if await readiness() else 503
    return 404


class Readiness:
    """
    A check that always answers: what has not said yes within three seconds, or failed, is a no.

    A question that hangs is neither asked again before it ends nor cancelled: asyncpg waits for a server that does not
    answer even to give up a query, and a prober would pile up one more such wait every second.
    """

    def __init__(self, check: Callable[[], Awaitable[bool]]) -> None:
        self._check = check
        self._asked: asyncio.Task[bool] | None = None

    async def __call__(self) -> bool:
        """Tell whether the check holds now."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(self._ask())
        await asyncio.wait([self._asked], timeout=READY_SECONDS)
        return self._asked.done() and self._asked.result()

    async def _ask(self) -> bool:
        try:
            return await self._check()
        except Exception as error:  # noqa: BLE001 - whatever it is, it means not ready, and a prober asks every second
            logger.debug("Not ready: %s", type(error).__name__, extra={"action": "not_ready"})
            return False


def _response(status: int, body: bytes, *, kind: str = "text/plain") -> bytes:
    head = (
        f"HTTP/1.1 {status} {ANSWERS[status]}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
