"""A way to the mail server that may break inside a message."""

from __future__ import annotations

import asyncio
import re
from typing import cast

LITERAL = re.compile(rb"BODY\[\][^\r\n]*\{\d+\}\r\n")


class CuttingProxy:
    """Passes everything on; when told to cut, the next message breaks off some bytes after it has begun."""

    def __init__(self) -> None:
        self.cuts = 0
        self._cut_after: int | None = None
        self._target = 0
        self._server: asyncio.Server | None = None
        self._ends: set[_End] = set()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return self._server.sockets[0].getsockname()[1]

    async def start(self, target: int) -> None:
        """Listen, and pass on to the port *target*."""
        self._target = target
        self._server = await asyncio.get_running_loop().create_server(lambda: _Near(self), "127.0.0.1", 0)

    async def stop(self) -> None:
        """Cut all ways."""
        assert self._server is not None
        self._server.close()
        for end in list(self._ends):
            end.abort()
        await asyncio.sleep(0)
        await self._server.wait_closed()

    def cut_after(self, size_bytes: int) -> None:
        """Cut the next message after that many of its bytes."""
        self._cut_after = size_bytes

    def open_way(self, near: _Near) -> None:
        """Connect to the server for whoever has connected to us."""
        loop = asyncio.get_running_loop()
        near.connecting = loop.create_task(self._connect(near))

    def note(self, end: _End, *, is_open: bool) -> None:
        """Know which ends are open."""
        (self._ends.add if is_open else self._ends.discard)(end)

    def passed(self, data: bytes) -> tuple[bytes, bool]:
        """Return what of the server's answer goes on, and whether the way ends there."""
        begun = LITERAL.search(data) if self._cut_after is not None else None
        if begun is None:
            return data, False
        assert self._cut_after is not None
        kept, self._cut_after, self.cuts = data[: begun.end() + self._cut_after], None, self.cuts + 1
        return kept, True

    async def _connect(self, near: _Near) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: _Far(self, near), "127.0.0.1", self._target)
        except OSError:
            near.abort()


class _End(asyncio.Protocol):
    """One end of a way."""

    def __init__(self, proxy: CuttingProxy) -> None:
        self.proxy = proxy
        self.other: _End | None = None
        self.transport: asyncio.Transport | None = None
        self._held = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.proxy.note(self, is_open=True)

    def data_received(self, data: bytes) -> None:
        if self.other is None:
            self._held += data
        else:
            self.other.send(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.proxy.note(self, is_open=False)
        if self.other is not None:
            self.other.abort()

    def meet(self, other: _End) -> None:
        self.other = other
        other.send(bytes(self._held))

    def send(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()


class _Near(_End):
    """The end towards the worker."""

    connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.proxy.open_way(self)


class _Far(_End):
    """The end towards the server; here its answers may be cut."""

    def __init__(self, proxy: CuttingProxy, near: _Near) -> None:
        super().__init__(proxy)
        self.near = near

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.meet(self.near)
        self.near.meet(self)

    def data_received(self, data: bytes) -> None:
        kept, is_cut = self.proxy.passed(data)
        self.near.send(kept)
        if is_cut and self.near.transport is not None:
            self.near.transport.close()
