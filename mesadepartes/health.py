"""`/healthz` and `/readyz` of a worker: the process lives; it can work."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncGenerator, Awaitable, Callable

logger = logging.getLogger(__name__)

REQUEST_SECONDS = 5.0
READY_SECONDS = 3.0
ANSWERS = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}


@asynccontextmanager
async def health_served(
    host: str, port: int | None, is_ready: Callable[[], Awaitable[bool]]
) -> AsyncGenerator[int | None]:
    """Answer on *port* as long as the block lasts; yields the port, None when none is wanted."""
    if port is None:
        yield None
        return

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS + READY_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(_response(await _status(head, is_ready)))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a prober that went away or talks nonsense is owed no answer
        finally:
            writer.close()

    server = await asyncio.start_server(serve, host, port, limit=8192)
    bound: int = server.sockets[0].getsockname()[1]
    logger.info("Health is told on port %d", bound, extra={"action": "health_served"})
    try:
        yield bound
    finally:
        server.close()


async def _status(head: bytes, is_ready: Callable[[], Awaitable[bool]]) -> int:
    path = head.split(b" ", 2)[1] if head.count(b" ") >= 2 else b""
    if path == b"/healthz":
        return 200
    if path == b"/readyz":
        return 200 if await is_ready_soon(is_ready) else 503
    return 404


async def is_ready_soon(is_ready: Callable[[], Awaitable[bool]]) -> bool:
    """Ask *is_ready*; no answer within three seconds, or an error, is a no."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            return await is_ready()
    except Exception as error:  # noqa: BLE001 - whatever it is, it means not ready, and a prober asks every second
        logger.debug("Not ready: %s", type(error).__name__, extra={"action": "not_ready"})
        return False


def _response(status: int) -> bytes:
    body = ANSWERS[status].encode() + b"\n"
    head = (
        f"HTTP/1.1 {status} {ANSWERS[status]}\r\nContent-Type: text/plain\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
