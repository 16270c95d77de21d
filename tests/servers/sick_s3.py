"""An S3 service that misbehaves: answers with errors, late, not at all, half, or wrongly."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from files.bucket import BucketSettings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import timedelta

LOCAL = "127.0.0.1"
PUT_WELL = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 0\r\n\r\n'
SAID = b"<Error><Code>%s</Code><Message>what lies at secret-places</Message></Error>"


def failure(status: bytes, code: bytes) -> bytes:
    """Return an answer that is an error of S3's."""
    body = SAID % code
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


class SickS3:
    """Gives the same answer to each request of a verb; to verbs without one, none, and keeps the connection open."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._answer(reader, writer):
                    continue
        finally:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; say whether the connection goes on."""
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        await reader.readexactly(next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0))
        verb = head.partition(b" ")[0].decode()
        self.asked.append(verb)
        if verb not in self.answers:
            await asyncio.Event().wait()
        writer.write(self.answers[verb])
        await writer.drain()
        return not self.answers[verb].endswith(b"cut off")


@asynccontextmanager
async def sick_s3(
    answers: dict[str, bytes], *, answer_time: timedelta
) -> AsyncGenerator[tuple[SickS3, BucketSettings]]:
    """Serve while the block lasts; yield the service, and how a bucket of it is used."""
    sick, tasks = SickS3(answers), set[asyncio.Task[None]]()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(sick.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, LOCAL, 0)
    port = server.sockets[0].getsockname()[1]
    settings = BucketSettings(
        "mesa", "", f"http://{LOCAL}:{port}", "us-east-1", "counter", "never-told", answer_time=answer_time
    )
    try:
        yield sick, settings
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
