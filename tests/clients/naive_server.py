"""
A server as somebody writes it in an afternoon, who believes what is sent: for the probes that Strawberry's view passes.

It reads names and lengths as they come, takes any method, any type and any address, and answers lists with lists.
"""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.clients.probes import Target

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncGenerator

READ_BYTES = 32_000_000


@asynccontextmanager
async def naive_server() -> AsyncGenerator[Target]:
    """Serve in this process."""
    server = await asyncio.start_server(_serve, "127.0.0.1", 0, limit=READ_BYTES)
    async with server:
        yield Target(server.sockets[0].getsockname()[1], os.getpid(), patience_seconds=0.5)


async def _serve(reader: StreamReader, writer: StreamWriter) -> None:
    try:
        status, answer = 200, await _answer(reader)
    except (LookupError, TypeError, ValueError, AttributeError, asyncio.IncompleteReadError) as error:
        status, answer = 500, str(error)
    body = json.dumps(answer).encode()
    writer.write(b"HTTP/1.1 %d .\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
    writer.close()


async def _answer(reader: StreamReader) -> Any:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    fields = (line.partition(b":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    if b"transfer-encoding" in headers:
        body = await reader.readexactly(int(await reader.readline(), 16))
    else:
        body = await reader.readexactly(abs(int(headers.get(b"content-length", 0))))
    query = parse_qs(first.split(b" ")[1].partition(b"?")[2] or body).get(b"query")
    return _answered({"query": query[0].decode()} if query else json.loads(body or '{"query": "{ greeting }"}'))


def _answered(asked: Any) -> Any:
    if isinstance(asked, list):
        return [_answered(each) for each in asked]
    return {"data": {"greeting": asked["query"].strip()}}
