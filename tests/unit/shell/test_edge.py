"""A body that stops arriving does not hold the server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from mesadepartes.edge import PatientBody


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
