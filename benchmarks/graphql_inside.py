"""The site in this process, asked without a network: what a request costs it is told by the clock of the thread."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actions.register import ENTRIES
from mesadepartes.site import create_site
from mesadepartes.waking import connect_to_listen
from reading.feed import Feed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message

    from benchmarks.ground import Ground


@dataclass(frozen=True)
class Inside:
    """A site that is called as uvicorn calls it."""

    site: ASGIApp

    @classmethod
    def of(cls, ground: Ground, **options: Any) -> Inside:
        """Return the site of a ground, as `create_site` makes it with those *options*."""
        return cls(create_site(ground.counter.tools, Feed(connect_to_listen(ground.url), channel=ENTRIES), **options))

    async def ask(self, body: bytes, token: str | None) -> tuple[int, bytes]:
        """Send a request; return the status of its answer, and its bytes."""
        messages = list["Message"]()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        await self.site(scope_of(body, token), receive, send)
        return messages[0]["status"], b"".join(message.get("body", b"") for message in messages[1:])

    async def spent(self, bodies: Sequence[tuple[bytes, str | None]]) -> float:
        """Return how many ms of CPU this thread spends on each of the requests."""
        gc.collect()
        gc.disable()
        began = time.thread_time()
        for body, token in bodies:
            await self.ask(body, token)
        spent = time.thread_time() - began
        gc.enable()
        return spent * 1_000 / len(bodies)


def scope_of(body: bytes, token: str | None) -> dict[str, Any]:
    """Return the scope of a request, as uvicorn makes it."""
    headers = [
        (b"host", b"127.0.0.1"),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    if token is not None:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 40_000),
        "scheme": "http",
        "root_path": "",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": headers,
        "state": {},
    }
