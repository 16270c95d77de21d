"""
What the door costs by itself: 18 KB that are there already, beside an endpoint of Starlette's that answers the same.

Both are called in this process as uvicorn calls them, and through uvicorn's protocol, ours with its guard; what a
request costs is told by the clock of the thread. The database has no part in it.
"""

from __future__ import annotations

import asyncio
import gc
import time
from typing import TYPE_CHECKING, Any, cast

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from benchmarks.figures import Figure, parser, run
from benchmarks.graphql_inside import scope_of
from mesadepartes.edge import API_HEADERS
from mesadepartes.guard import GuardedProtocol
from resolvers.context import context_of
from resolvers.engine.execution import Answer, Asked, Execution
from resolvers.engine.http import Doorkeeper, GraphQLDoor, Offer

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from starlette.requests import HTTPConnection, Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from actions.tools import Tools
    from resolvers.context import Context

ANSWER = b"x" * 18_000
BODY = orjson.dumps({"documentId": "a" * 64, "variables": {"first": 20}})
TOKEN = "t" * 43
REQUESTS = 200
MOST_RATIO = 1.1


class Ready:
    """Has the answer already."""

    async def answer(self, asked: Asked, context: Context, *, kinds: object) -> Answer:
        """Answer whoever shows a token."""
        assert asked.document_id
        assert context.authorization
        return Answer(ANSWER)


def door() -> ASGIApp:
    """Return the door as the site makes it."""

    def context(connection: HTTPConnection) -> Context:
        return context_of(connection, cast("Tools", None))

    async def nobody(_context: object) -> None:
        return None

    async def shut(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise NotImplementedError

    keeper = Doorkeeper(context, lambda each: each.answer_headers(), nobody, nobody, most_files=1, most_bytes=1)
    return GraphQLDoor(cast("Execution", Ready()), keeper, Offer(shut, headers=API_HEADERS))


def by_hand() -> ASGIApp:
    """Return the least that Starlette can do."""

    async def page(request: Request) -> Response:
        assert orjson.loads(await request.body())["variables"]
        assert request.headers.get("authorization")
        return Response(ANSWER, media_type="application/json")

    return Starlette(routes=[Route("/graphql", page, methods=["POST"])])


async def called(app: ASGIApp) -> float:
    """Return how many us a call of the application takes."""
    messages = list["Message"]()

    async def receive() -> Message:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    began = time.thread_time()
    for _ in range(REQUESTS):
        messages.clear()
        await app(scope_of(BODY, TOKEN), receive, send)
    spent = time.thread_time() - began
    assert [messages[0]["status"], messages[1]["body"]] == [200, ANSWER]
    return spent * 1e6 / REQUESTS


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Keep it."""
        self.written.append(data)

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Tell the addresses of both ends."""
        return ("127.0.0.1", 40_000) if name in ("peername", "sockname") else default

    def is_closing(self) -> bool:
        """It stays."""
        return False

    def close(self) -> None:
        """It is none."""

    resume_reading = pause_reading = close


async def served(app: ASGIApp, protocol: type[HttpToolsProtocol]) -> float:
    """Return how many us a request takes from its bytes to those of the answer."""
    config = uvicorn.Config(app, log_config=None, server_header=False, date_header=False, proxy_headers=False)
    config.load()
    connection, wire, raw = protocol(config, ServerState(), {}), Wire(), written()
    connection.access_log = False
    connection.connection_made(cast("asyncio.Transport", wire))
    began = time.thread_time()
    for _ in range(REQUESTS):
        wire.written.clear()
        connection.data_received(raw)
        while not connection.cycle.response_complete:
            await asyncio.sleep(0)
    spent = time.thread_time() - began
    assert wire.written[1] == ANSWER
    connection.connection_lost(None)
    return spent * 1e6 / REQUESTS


def written() -> bytes:
    """Return the request as it is sent."""
    headers: Sequence[tuple[bytes, bytes]] = scope_of(BODY, TOKEN)["headers"]
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    return b"POST /graphql HTTP/1.1\r\n" + lines + b"\r\n" + BODY


async def best(measures: Mapping[str, Callable[[], Awaitable[float]]], rounds: int) -> dict[str, float]:
    """Return the least that each has taken, all of them being measured in turn."""
    found = dict.fromkeys(measures, float("inf"))
    gc.disable()
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name] = min(found[name], await measure())
        gc.collect()
    gc.enable()
    return found


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Measure all in turn."""
    hand, ours = by_hand(), door()
    measures: dict[str, Any] = {
        "by hand, called": lambda: called(hand),
        "the door, called": lambda: called(ours),
        "by hand, through uvicorn": lambda: served(hand, HttpToolsProtocol),
        "the door, through uvicorn with the guard": lambda: served(ours, GuardedProtocol),
    }
    found = await best(measures, arguments.rounds)
    *_, least, most = found.values()
    ratio = most / least
    figures = [Figure(name, value, "us") for name, value in found.items()]
    return [*figures, Figure("door ÷ by hand", ratio, "", f"<= {MOST_RATIO}", ratio <= MOST_RATIO)]


if __name__ == "__main__":
    reading = parser(__doc__ or "")
    reading.add_argument("--rounds", type=int, default=40)
    run(reading.parse_args(), measure)
