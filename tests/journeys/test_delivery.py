"""The delivery as a process of its own."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
import httpx
import pytest
import pytest_asyncio

from actions.credentials import PasswordPool
from mesadepartes.clock import now
from mesadepartes.database import connected
from tests.counter import Clock, Counter, make_tools
from tests.journeys.parts import INSTITUTION, end, part
from tests.journeys.stack import free_ports, until_ready

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from tests.lasting_jail import LastingJail
    from tests.servers.postgres import Database
    from tests.servers.sink import Sink

PATIENCE_SECONDS = 60.0


@pytest_asyncio.fixture
async def maria_filed(database: Database, tmp_path: Path, lasting_jail: LastingJail) -> AsyncGenerator[str]:
    """Return the number of a trámite that was filed just now; its receipt and a welcome are promised."""
    clock, pool = Clock(now()), PasswordPool()
    async with connected(database.web_url):
        counter = Counter(make_tools(tmp_path, clock=clock, jail=lasting_jail, hasher=pool), clock)
        await counter.open()
        tramite = await counter.file(await counter.register())
        yield tramite.number
    pool.close()


@pytest.fixture
def environ(database: Database, tmp_path: Path) -> Callable[[int], dict[str, str]]:
    """Return a maker of a delivery's environment, from the port of its SMTP server."""
    return lambda smtp_port: {
        **INSTITUTION,
        "MESA_DATABASE_URL": database.web_url,
        "MESA_DATA": str(tmp_path / "data"),
        "MESA_SMTP_HOST": "127.0.0.1",
        "MESA_SMTP_PORT": str(smtp_port),
        "MESA_SMTP_TLS": "off",
    }


@pytest.mark.usefixtures("maria_filed")
async def test_delivery_sends_what_was_promised_and_ends_cleanly(
    sink: Sink, environ: Callable[[int], dict[str, str]]
) -> None:
    async with part("delivery", "run", environ=environ(sink.port)) as process:
        receipt = await sink.wait_for(is_receipt)

        assert await end(process) == 0
    assert [each.get_content_type() for each in receipt.message.iter_attachments()] == ["application/pdf"]


@pytest.mark.usefixtures("maria_filed")
async def test_mail_of_a_delivery_killed_before_it_recorded_is_sent_again_as_the_same(
    database: Database, sink: Sink, environ: Callable[[int], dict[str, str]]
) -> None:
    async with killing_server() as (port, seen), part("delivery", "run", environ=environ(port)) as doomed:
        seen.victim = doomed
        await asyncio.wait_for(doomed.wait(), PATIENCE_SECONDS)
    await let_leases_expire(database)

    async with part("delivery", "run", environ=environ(sink.port)) as process:
        await sink.wait_for_attempts(2)
        await wait_until_nothing_is_due(database)
        assert await end(process) == 0

    assert seen.content in [each.content for each in sink.mails]
    ids = [each.message["Message-ID"] for each in sink.mails]
    assert len(ids) == len(set(ids)) == 2


async def test_health_tells_a_database_that_is_away_from_one_that_is_there(
    database: Database, environ: Callable[[int], dict[str, str]]
) -> None:
    (port,) = free_ports(1)
    nowhere = {"MESA_HEALTH_PORT": str(port), "MESA_DATABASE_URL": "postgresql://mesa:x@127.0.0.1:1/mesa"}
    async with part("delivery", "run", environ=environ(1) | nowhere) as process:
        assert await answer_of(port, "/healthz") == 200
        assert await answer_of(port, "/readyz") == 503
        assert await end(process) == 0
    somewhere = nowhere | {"MESA_DATABASE_URL": database.web_url}
    async with part("delivery", "run", environ=environ(1) | somewhere) as process:
        await until_ready(port)
        assert await end(process) == 0


async def answer_of(port: int, path: str) -> int:
    """Return the status that a part answers, once it answers at all."""
    async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient() as http:
        while True:
            try:
                return (await http.get(f"http://127.0.0.1:{port}{path}")).status_code
            except httpx.TransportError:
                await asyncio.sleep(0.05)


def is_receipt(mail: object) -> bool:
    return b"constancia-" in getattr(mail, "content", b"")


class Seen:
    """What the killing server got, and whom it kills for it."""

    victim: Process | None = None
    content: bytes = b""


@asynccontextmanager
async def killing_server() -> AsyncGenerator[tuple[int, Seen]]:
    """Serve SMTP; take one mail whole, kill the client, and only then answer."""
    seen = Seen()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                if not seen.content:
                    seen.content = content.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
                assert seen.victim is not None
                if seen.victim.returncode is None:
                    seen.victim.kill()
                break
            writer.write(b"250 here\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1_000_000)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()


async def let_leases_expire(database: Database) -> None:
    """Do to the database what waiting for 75 seconds does."""
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("UPDATE notices SET leased_until = now() - interval '1 second' WHERE state = 'PENDING'")
    await connection.close()


async def wait_until_nothing_is_due(database: Database) -> None:
    connection = await asyncpg.connect(database.owner_url)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await connection.fetchval("SELECT count(*) FROM notices WHERE state = 'PENDING'"):
            await asyncio.sleep(0.02)
    await connection.close()
