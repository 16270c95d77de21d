"""A line between a browser and the counter that can be slow, cut in the middle of a file, or dead without a word."""

from __future__ import annotations

import asyncio
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

AT_ONCE = 2**14


class Line:
    """A proxy that passes on what it gets; Chromium itself cuts no request that is under way."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open = set[StreamWriter]()
        self.is_cut = False
        self.speaks = asyncio.Event()
        self.speaks.set()
        self.bytes_per_second: int | None = None

    def cut(self) -> None:
        """Break all connections, and let none through."""
        self.is_cut = True
        for each in list(self._open):
            each.transport.abort()

    def fall_silent(self) -> None:
        """Pass nothing on any more, and tell nobody, as a telephone out of reach does."""
        self.speaks.clear()

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Pass one connection on, until either side ends it."""
        if self.is_cut:
            writer.transport.abort()
            return
        answers, counter = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {writer, counter}
        with suppress(OSError, IncompleteReadError):
            await self._begin(reader, writer, counter)
        await asyncio.gather(self._pass(reader, counter, is_slow=True), self._pass(answers, writer))
        self._open -= {writer, counter}

    async def _begin(self, reader: StreamReader, writer: StreamWriter, counter: StreamWriter) -> None:
        """Pass on the head of the first request; to one for a tunnel, as a socket has it, answer by oneself."""
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"CONNECT "):
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            counter.write(head)

    async def _pass(self, source: StreamReader, target: StreamWriter, *, is_slow: bool = False) -> None:
        with suppress(OSError):
            while data := await source.read(AT_ONCE):
                if is_slow and self.bytes_per_second:
                    await asyncio.sleep(len(data) / self.bytes_per_second)
                await self.speaks.wait()
                target.write(data)
                await target.drain()
        with suppress(OSError):
            target.close()


@asynccontextmanager
async def line_to(port: int) -> AsyncGenerator[tuple[Line, str]]:
    """Serve a line to the counter on *port*; with its address, as a browser takes that of a proxy."""
    line = Line(port)
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0, limit=AT_ONCE)
    try:
        yield line, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        line.speaks.set()
        line.cut()
        server.close()
