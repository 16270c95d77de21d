"""A body that stops arriving does not hold the server; every answer says what protects it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from mesadepartes.edge import API_HEADERS, ENCODED, PatientBody, SecurityHeaders


async def read_body(scope: Any, receive: Any, send: Any) -> None:
    """Read the whole body, then wait for what comes after it."""
    await Request(scope, receive).body()
    await send(await receive())


async def serve(messages: list[dict[str, Any]], *, then_after: float | None = None) -> list[dict[str, Any]]:
    """Serve a request whose body comes as *messages*, after which nothing comes, or a disconnect after some seconds."""
    sent: list[dict[str, Any]] = []
    coming = iter(messages)

    async def receive() -> dict[str, Any]:
        if message := next(coming, None):
            return message
        await asyncio.sleep(60 if then_after is None else then_after)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    await PatientBody(read_body, pause_seconds=0.1)(scope, receive, send)  # pyright: ignore[reportArgumentType]
    return sent


async def test_a_body_that_stops_is_given_up() -> None:
    with pytest.raises(ClientDisconnect):
        await serve([{"type": "http.request", "body": b"only this", "more_body": True}])


async def test_after_the_body_there_is_no_hurry() -> None:
    sent = await serve([{"type": "http.request", "body": b"all", "more_body": False}], then_after=0.5)

    assert sent == [{"type": "http.disconnect"}]


async def test_a_body_that_comes_late_but_in_time_is_read_whole() -> None:
    bodies = iter([b"one ", b"two ", b"three"])
    read: list[bytes] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        body = next(bodies)
        return {"type": "http.request", "body": body, "more_body": body != b"three"}

    async def keep(scope: Any, receive: Any, send: Any) -> None:
        read.append(await Request(scope, receive).body())

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    await PatientBody(keep, pause_seconds=5)(scope, receive, print)  # pyright: ignore[reportArgumentType]

    assert read == [b"one two three"]


async def test_who_waits_for_a_body_can_be_cancelled() -> None:
    ended: list[str] = []

    async def receive() -> dict[str, Any]:
        try:
            return await asyncio.Future[dict[str, Any]]()
        finally:
            ended.append("receive")

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    serving = asyncio.create_task(PatientBody(read_body, pause_seconds=5)(scope, receive, print))  # pyright: ignore[reportArgumentType]
    await asyncio.sleep(0.01)
    serving.cancel()

    with pytest.raises(asyncio.CancelledError):
        await serving
    assert ended == ["receive"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/ingresar", 200, ENCODED),
        ("/work", 404, ENCODED),
        ("/w/0123456789abcdef/app/main.js", 200, API_HEADERS),
        ("/ingresar", 304, ()),
    ],
)
async def test_a_page_says_what_it_may_do_a_file_less_and_what_is_unchanged_nothing(
    path: str, status: int, said: tuple[tuple[bytes, bytes], ...]
) -> None:
    sent: list[Any] = []

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"cache-control", b"no-cache")]})

    async def keep(message: Any) -> None:
        sent.append(message)

    await SecurityHeaders(answer)({"type": "http", "path": path}, print, keep)  # pyright: ignore[reportArgumentType]

    lacked = [each for each in said if each[0] != b"cache-control"]
    assert sent[0]["headers"] == [(b"cache-control", b"no-cache"), *lacked]
