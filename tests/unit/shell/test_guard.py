"""What the web server refuses before any of our code sees a request."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import websockets
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mesadepartes.guard import GuardedProtocol
from mesadepartes.serving import WS_MESSAGE_BYTES, WebServer
from resolvers.engine.wires import connection_of, frame_start

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.websockets import WebSocket

GOOD = b"GET / HTTP/1.1\r\nHost: mesa\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: mesa\r\nTransfer-Encoding: chunked\r\n\r\n"
UPGRADE = (
    b"GET /socket HTTP/1.1\r\nHost: mesa\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
PATIENCE_SECONDS = 30.0


async def hello(request: Request) -> Response:
    body = await request.body()
    assert request.client is not None
    return PlainTextResponse(f"{request.client.host} {len(body)}")


async def slow(_request: Request) -> Response:
    await asyncio.sleep(2 * Impatient.header_seconds)
    return PlainTextResponse("at last")


async def refuse(_request: Request) -> Response:
    return PlainTextResponse("too long", 413)


class Impatient(GuardedProtocol):
    header_seconds = 0.3


class Restless(GuardedProtocol):
    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self.timeout_keep_alive = 0.3  # pyright: ignore[reportAttributeAccessIssue] - any number will do


class Small(GuardedProtocol):
    most_connections = 2
    most_sockets = 3


LENGTHS = [0, 1, 125, 126, 65_535, 65_536]


async def tell(socket: WebSocket) -> None:
    """Say texts of all the lengths at once, and go on until the client leaves."""
    await socket.accept()
    connection = connection_of(socket.scope)
    for length in LENGTHS:
        assert connection.write_now(frame_start(length) + b"x" * length)
    with suppress(WebSocketDisconnect):
        await socket.receive_text()
    assert not connection.write_now(frame_start(0)), "nobody is there any more"


@asynccontextmanager
async def serving(protocol: type[HttpToolsProtocol] = GuardedProtocol) -> AsyncGenerator[int]:
    server = WebServer(
        Starlette(
            routes=[
                Route("/", hello, methods=["GET", "POST"]),
                Route("/slow", slow),
                Route("/refused", refuse, methods=["POST"]),
                WebSocketRoute("/socket", tell),
            ]
        ),
        "127.0.0.1",
        0,
        protocol=protocol,
    )
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.stop()
        await running


async def talk(port: int, *pieces: bytes) -> bytes:
    """Send the pieces one after another, and return all that comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        return await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_good_request_is_answered_and_tells_nothing_about_us() -> None:
    async with serving() as port:
        answer = await talk(port, b"GET / HTTP/1.1\r\nHost: mesa\r\nConnection: close\r\n\r\n")

    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.1 200")
    assert b"server:" not in head


async def test_forwarded_address_is_not_believed() -> None:
    async with serving() as port:
        answer = await talk(
            port, b"GET / HTTP/1.1\r\nHost: mesa\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n"
        )

    assert answer.endswith(b"127.0.0.1 0")


async def test_requests_one_after_another_on_one_connection() -> None:
    async with serving() as port:
        answer = await talk(
            port, GOOD, b"POST / HTTP/1.1\r\nHost: mesa\r\nContent-Length: 3\r\nConnection: close\r\n\r\n", b"abc"
        )

    assert answer.count(b"HTTP/1.1 200") == 2
    assert answer.endswith(b"127.0.0.1 3")


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"x: y\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\nx: " + b"y" * 40_000 + b"\r\n\r\n", 431),
        (b"GET /?" + b"y" * 40_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\nx: " + b"y" * 40_000, 431),
        (b"POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 3\r\n\r\nabc" + GOOD, 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400),
        (b"nonsense\r\n\r\n", 400),
    ],
)
async def test_request_that_is_not_in_order_is_refused_once(request_bytes: bytes, status: int) -> None:
    async with serving() as port:
        answer = await talk(port, request_bytes)

    assert answer.startswith(b"HTTP/1.1 %d" % status)
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"x: y\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nx: " + b"y" * 40_000 + b"\r\n\r\n",
        b"GET /?" + b"y" * 40_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        CHUNKED + b"3;" + b"a" * 300_000 + b"\r\nabc\r\n0\r\n\r\n",
    ],
)
async def test_uvicorn_alone_would_take_what_is_refused(request_bytes: bytes) -> None:
    async with serving(HttpToolsProtocol) as port, asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request_bytes)
        answer = await reader.readline()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("padding", [b"3;" + b"a" * 60_000, b"3\r\nabc\r\n0\r\n" + b"x: y\r\n" * 10_000])
async def test_a_body_that_is_mostly_framing_is_refused(padding: bytes) -> None:
    async with serving() as port:
        answer = await talk(port, CHUNKED, padding, b"x: y" * 3_000)

    assert answer.startswith(b"HTTP/1.1 400")


async def test_a_body_in_very_small_chunks_is_read_whole() -> None:
    async with serving() as port:
        answer = await talk(
            port, CHUNKED, b"1\r\na\r\n" * 100_000 + b"0\r\n\r\n" + GOOD.replace(b"mesa", b"a\r\nConnection: close")
        )

    assert answer.count(b"HTTP/1.1 200") == 2
    assert b"127.0.0.1 100000" in answer


@pytest.mark.parametrize("pieces", [(), (b"GET / HT",), (GOOD, b"\r\n"), (GOOD, b"GET / HTTP/1.1\r\nHost:")])
async def test_connection_that_does_not_go_on_is_closed(pieces: tuple[bytes, ...]) -> None:
    async with serving(Impatient) as port:
        answer = await talk(port, *pieces)

    assert answer.endswith(b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")


async def test_what_takes_long_to_answer_is_answered() -> None:
    async with serving(Impatient) as port:
        answer = await talk(port, GOOD.replace(b"/ ", b"/slow ").replace(b"mesa", b"mesa\r\nConnection: close"))

    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"at last")


STALLED = b"POST /refused HTTP/1.1\r\nHost: mesa\r\nContent-Length: 9\r\n\r\nabc"


@pytest.mark.parametrize("pieces", [(GOOD,), (GOOD, GOOD), (STALLED,), (STALLED, b"d")])
async def test_connection_that_rests_for_long_after_an_answer_is_closed(pieces: tuple[bytes, ...]) -> None:
    async with serving(Restless) as port:
        answer = await talk(port, *pieces)

    assert answer.count(b"HTTP/1.1 ") == pieces.count(GOOD) + (STALLED in pieces)
    assert b"408" not in answer


async def test_connections_beyond_the_cap_are_refused() -> None:
    async with serving(Small) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await asyncio.sleep(0.05)

        answer = await talk(port, GOOD)

        for _, writer in held:
            writer.close()
    assert answer.startswith(b"HTTP/1.1 503")


async def test_sockets_take_no_place_from_requests_and_have_an_end_of_their_own() -> None:
    async with serving(Small) as port, AsyncExitStack() as stack:
        url = f"ws://127.0.0.1:{port}/socket"
        first = [await stack.enter_async_context(websockets.connect(url)) for _ in range(3)]
        with pytest.raises(websockets.InvalidStatus) as refused:
            await stack.enter_async_context(websockets.connect(url))
        answer = await talk(port, GOOD.replace(b"mesa", b"mesa\r\nConnection: close"))

        assert refused.value.response.status_code == 503
        assert answer.startswith(b"HTTP/1.1 200")
        await first[0].close()
        await stack.enter_async_context(websockets.connect(url))


async def test_a_message_that_is_announced_as_too_big_is_not_waited_for() -> None:
    """Nor one whose frames become so together."""
    whole = b"\x81\xff" + (WS_MESSAGE_BYTES + 1).to_bytes(8)
    half = b"\xfe" + (size := WS_MESSAGE_BYTES // 2 + 1).to_bytes(2)
    async with serving() as port:
        for frames in ([whole + bytes(4)], [b"\x01" + half + bytes(4 + size), b"\x00" + half + bytes(4)]):
            answer = await talk(port, UPGRADE, *frames)
            assert int.from_bytes(answer.rpartition(b"\x88")[2][1:3]) == 1009


async def test_frames_that_were_made_beforehand_arrive_whole() -> None:
    async with serving() as port, websockets.connect(f"ws://127.0.0.1:{port}/socket", compression="deflate") as socket:
        assert [len(str(await socket.recv())) for _ in LENGTHS] == LENGTHS
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers, "to deflate for each takes 40 KB of memory"
