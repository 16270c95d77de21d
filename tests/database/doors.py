"""The ways by which an operation comes, each as a client of it would take it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg

from tests.api import PATIENCE, Api, connected_socket

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    import httpx

    from tests.servers.postgres import Database

Asked = dict[str, Any]
Answer = dict[str, Any]
"""As over HTTP: with `errors`, `data`, or both."""

BOUNDARY = "a-boundary"


def headers_of(api: Api, **more: str) -> Mapping[str, str]:
    """Return what says who asks."""
    return {"authorization": f"Bearer {api.token}", **more}


async def by_post(api: Api, asked: Asked) -> Answer:
    """Ask as most do."""
    return (await api.http.post("/graphql", json=asked, headers=headers_of(api))).json()


async def by_get(api: Api, asked: Asked) -> Answer:
    """Ask by an address."""
    words = {name: value if isinstance(value, str) else json.dumps(value) for name, value in asked.items()}
    return (await api.http.get("/graphql", params=words, headers=headers_of(api))).json()


async def by_stream(api: Api, asked: Asked) -> Answer:
    """Ask for events; return the first."""
    headers = headers_of(api, accept="text/event-stream")
    async with api.http.stream("POST", "/graphql", json=asked, headers=headers) as response:
        return await _first(response)


async def _first(response: httpx.Response) -> Answer:
    async for line in response.aiter_lines():
        if line.startswith("data: {"):
            return json.loads(line.removeprefix("data: "))
    raise AssertionError("a stream without an event")


async def by_socket(api: Api, asked: Asked) -> Answer:
    """Ask over a socket; return what comes first."""
    async with connected_socket(api) as socket, asyncio.timeout(PATIENCE):
        await socket.send(type="connection_init", payload=headers_of(api))
        assert (await socket.receive())["type"] == "connection_ack"
        await socket.send(type="subscribe", id="1", payload=asked)
        told = await socket.receive()
        return {"errors": told["payload"]} if told["type"] == "error" else told["payload"]


async def by_form(api: Api, asked: Asked) -> Answer:
    """Ask with a file, which goes where `variables.input.mainUpload` is."""
    fields = {"operations": json.dumps(asked), "map": '{"0": ["variables.input.mainUpload"]}'}
    files = {**{name: (None, value) for name, value in fields.items()}, "0": ("a.pdf", b"%PDF-1.7\n%%EOF\n")}
    headers = headers_of(api, **{"x-mesa-client": "tests"})
    return (await api.http.post("/graphql", files=files, headers=headers)).json()


DOORS: Mapping[str, Callable[[Api, Asked], Awaitable[Answer]]] = {
    "post": by_post,
    "get": by_get,
    "stream": by_stream,
    "socket": by_socket,
}
"""Those by which queries come."""
FOLLOWING = ("stream", "socket")


@asynccontextmanager
async def locked(database: Database, table: str) -> AsyncGenerator[asyncpg.Connection]:
    """Let everybody wait who asks for a table, until the block ends."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield connection
    finally:
        await connection.close()


def codes_of(answer: Answer) -> list[str]:
    """Return the codes of the errors."""
    return [error["extensions"]["code"] for error in answer.get("errors", [])]
