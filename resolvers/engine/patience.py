"""How long the rest of a body is waited for; what has arrived already is taken without setting a clock."""

from __future__ import annotations

import asyncio
from types import coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

    from starlette.types import Message, Receive

BODY_PAUSE_SECONDS = 30.0


async def receive_soon(receive: Receive, seconds: float = BODY_PAUSE_SECONDS) -> Message:
    """Return the next message of a body; whose body pauses for longer counts as gone."""
    steps = receive().__await__()
    try:
        waits_for = next(steps)
    except StopIteration as arrived:
        return arrived.value
    try:
        async with asyncio.timeout(seconds):
            return await _go_on(steps, waits_for)
    except TimeoutError:
        return {"type": "http.disconnect"}


@coroutine
def _go_on(steps: Generator[Any, Any, Message], waits_for: Any) -> Generator[Any, Any, Message]:
    """Await the rest of something that waits since its first step."""
    has_come = False
    try:
        yield waits_for
        has_come = True
    finally:
        if not has_come:
            steps.close()
    return (yield from steps)
