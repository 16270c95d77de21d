"""Heads that are late, huge or ambiguous, and bodies that stop, do not hold the server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse

from mesadepartes import guard
from mesadepartes.guard import GuardedProtocol, PatientBody

PATIENCE = 20.0
GOOD = b"GET / HTTP/1.1\r\nHost: mesa\r\n\r\n"


class Hasty(GuardedProtocol):
    """Waits only briefly for a head."""

    head_seconds = 0.5


async def count_body(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the length of the body."""
    try:
        body = await Request(scope, receive).body()
        response = PlainTextResponse(str(len(body)))
    except ClientDisconnect:
        response = PlainTextResponse("gone", status_code=400)
    await response(scope, receive, send)


@pytest_asyncio.fixture
async def port() -> AsyncGenerator[int]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = PatientBody(count_body, pause_seconds=0.5)
    config = uvicorn.Config(app, http=Hasty, log_config=None, lifespan="off", server_header=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    async with asyncio.timeout(PATIENCE):
        while not server.started:
            await asyncio.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    await serving


async def answer(port: int, *pieces: bytes) -> bytes:
    """Send pieces; return all that comes until the server closes or the first answer is whole."""
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            return await reader.readline()
        except ConnectionError:
            return b""
        finally:
            writer.close()


async def test_a_good_request_is_served_and_its_body_does_not_count_as_head(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: mesa\r\nContent-Length: 60000\r\n\r\n"

    assert b" 200 " in await answer(port, GOOD)
    assert b" 200 " in await answer(port, head + b"x" * 60_000)


@pytest.mark.parametrize("start", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: mesa\r\nX: "])
async def test_a_head_that_does_not_come_is_answered_408(port: int, start: bytes) -> None:
    assert b" 408 " in await answer(port, start)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 101 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 40_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=["no-host", "two-hosts", "many-headers", "long-header", "two-lengths"],
)
async def test_an_odd_head_is_refused(port: int, head: bytes) -> None:
    status = await answer(port, head)

    assert b" 400 " in status or b" 431 " in status


async def test_a_head_without_end_is_refused_while_it_arrives(port: int) -> None:
    status = await answer(port, b"GET / HTTP/1.1\r\nHost: a\r\nX: ", *[b"y" * 16_000] * 100)

    assert b" 431 " in status or status == b""


async def test_a_body_that_stops_arriving_is_given_up(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: mesa\r\nContent-Length: 100\r\n\r\n"

    assert b" 400 " in await answer(port, head + b"only this")


async def test_one_address_holds_so_many_connections(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "CONNECTIONS_PER_ADDRESS", 3)
    monkeypatch.setattr(Hasty, "head_seconds", PATIENCE)
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]

    assert await answer(port, GOOD) == b""
    for _, writer in held:
        writer.close()
    async with asyncio.timeout(PATIENCE):
        while Hasty.per_address:
            await asyncio.sleep(0.01)
    assert b" 200 " in await answer(port, GOOD)
