"""An IMAP server that says what a test tells it to say, whenever and however broken."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TypeAlias

from intake.imap import Account

Say: TypeAlias = Callable[[str], Awaitable[None]]
Line: TypeAlias = "bytes | Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]"

USUAL: Mapping[str, Line] = {
    "LOGIN": b"{tag} OK in\r\n",
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS\r\n{tag} OK done\r\n",
    "SELECT": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK [READ-WRITE] done\r\n",
    "LOGOUT": b"* BYE bye\r\n{tag} OK out\r\n",
    "UID SEARCH": b"* SEARCH\r\n{tag} OK done\r\n",
    "NOOP": b"{tag} OK done\r\n",
}


class ScriptedServer:
    """
    Answers each command, known by its beginning (`UID` included), with bytes in which `{tag}` stands for its tag.

    An answer may also be a function that is given the connection and the tag. What was asked is in `asked`.
    """

    def __init__(
        self, answers: Mapping[str, Line], *, greeting: bytes = b"* OK ready\r\n", tls: ssl.SSLContext | None = None
    ) -> None:
        self.answers = {**USUAL, **answers}
        self.greeting = greeting
        self.tls = tls
        self.asked: list[str] = []
        self.port = 0
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def account(self) -> Account:
        """An account on this server."""
        return Account("127.0.0.1", self.port, "rosa", 'contra"seña', None)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[ScriptedServer]:
        """Serve while the block runs."""
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.greeting)
        try:
            while line := await reader.readline():
                await self._answer(line.rstrip(b"\r\n"), writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        tag, _, command = line.partition(b" ")
        self.asked.append(command.decode() or tag.decode())
        answer = next(
            (
                self.answers[start]
                for start in sorted(self.answers, key=len, reverse=True)
                if self.asked[-1].startswith(start)
            ),
            b"",
        )
        if isinstance(answer, bytes):
            writer.write(answer.replace(b"{tag}", tag))
        else:
            await answer(writer, tag)
