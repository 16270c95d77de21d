"""The transfers served by the real HTTP server, and a person who uses them."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import uvicorn
from starlette.applications import Starlette

from actions import uploads
from reading.access import Viewer
from transfers.body import Patience
from transfers.routes import routes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from models.files import Upload
    from rules.access import Role
    from tests.counter import Counter

SOME_PATIENCE = Patience(chunk=timedelta(seconds=30), whole=timedelta(seconds=60))


@dataclass
class Person:
    """Somebody who is signed in, with a client of their own."""

    counter: Counter
    viewer: Viewer
    token: str
    http: httpx.AsyncClient

    async def open_upload(self, name: str, data: bytes) -> Upload:
        """Announce a file."""
        return await uploads.open_upload(self.counter.tools, self.viewer, name=name, size_bytes=len(data))

    async def put(
        self, upload: Upload, data: bytes, *, offset: int | None = None, encoding: str | None = None
    ) -> httpx.Response:
        """Send bytes of an upload."""
        wanted = {"Upload-Offset": None if offset is None else str(offset), "Content-Encoding": encoding}
        headers = {name: value for name, value in wanted.items() if value is not None}
        return await self.http.put(f"/uploads/{upload.id}", content=data, headers=headers)

    async def offset(self, upload: Upload) -> tuple[str, str, str]:
        """Ask how far an upload has come: arrived, announced, complete."""
        response = await self.http.head(f"/uploads/{upload.id}")
        assert response.status_code == 200
        return (
            response.headers["upload-offset"],
            response.headers["upload-length"],
            response.headers["upload-complete"],
        )


@dataclass
class Served:
    """A running server."""

    counter: Counter
    port: int

    async def person(self, *, role: Role | None = None, office: str | None = None) -> Person:
        """Register somebody and sign them in."""
        form = self.counter.registration()
        changes = {"role": role} if role else {}
        viewer = await self.counter.register(
            office=office, identity_number=form.identity_number, email=form.email, **changes
        )
        signed_in = await self.counter.begin_session(form)
        viewer = await self.counter.viewer_of(signed_in.token)
        return Person(self.counter, viewer, signed_in.token, self.client(signed_in.token))

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        """Return a client; its connections end with the server."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=60)


@asynccontextmanager
async def served(counter: Counter, *, patience: Patience = SOME_PATIENCE) -> AsyncGenerator[Served]:
    """Serve the transfers on a free port."""
    site = Starlette(routes=routes(counter.tools, patience=patience))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(
            uvicorn.Config(site, http="httptools", lifespan="off", log_config=None, timeout_graceful_shutdown=5)
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield Served(counter, listener.getsockname()[1])
        finally:
            server.should_exit = True
            await serving
