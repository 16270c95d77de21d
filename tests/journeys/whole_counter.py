"""
The whole counter as its commands wire it, in one process, with its clock in the test's hand.

Everything is real: the database, the web server, IMAP and SMTP, the jails, the passwords. Only the time of day is not.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING
from uuid import uuid4

from actions.administration import keep_policy, plant_offices
from actions.notices import NOTICES
from actions.register import ENTRIES
from delivery.smtp import Protection, Relay
from delivery.worker import Bell, Delivery
from intake.imap import Account as ImapAccount
from intake.mailbox import Source
from intake.worker import Worker
from mesadepartes.operations import trust_of
from mesadepartes.rounds import Runner
from mesadepartes.serving import WebServer
from mesadepartes.settings import Settings
from mesadepartes.site import create_site
from mesadepartes.variables import Part
from mesadepartes.waking import connect_to_listen, listen
from mesadepartes.wiring import intake_means, opened
from models.mail import MailItem
from models.receipts import Notice
from reading.feed import Feed
from rules.notices import NoticeState
from rules.workdays import LIMA
from tests.commands import all_said
from tests.counter import Clock
from tests.journeys.parts import INSTITUTION
from tests.journeys.stack import free_ports, until_ready
from transfers.routes import routes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
    from pathlib import Path

    from actions.tools import Tools
    from tests.servers.dovecot import Account
    from tests.servers.postgres import Database
    from tests.servers.sink import Sink

PATIENCE_SECONDS = 60.0
NOTARY = "custodia@notaria.example"
"""To whom the closing hash of each day is mailed."""


def lima(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    """Return an instant of 2026 as a clock in Lima shows it."""
    return datetime(2026, month, day, hour, minute, tzinfo=LIMA)


@dataclass(frozen=True)
class WholeCounter:
    """A counter at work."""

    tools: Tools
    clock: Clock
    url: str
    account: Account
    sink: Sink
    environ: dict[str, str]

    async def settle(self) -> None:
        """Wait until all mail that was promised has gone out."""

        async def is_settled() -> bool:
            return not await Notice.filter(state=NoticeState.PENDING).exists()

        await until(is_settled)

    async def move_clock(self, to: datetime) -> None:
        """Let it be later, once all mail of before has gone out."""
        await self.settle()
        assert to >= self.clock.at
        self.clock.at = to

    async def do_rounds(self) -> None:
        """Do what the counter does by itself at this hour."""
        assert await Runner(self.tools, asyncio.Event()).run_due() == 0
        await self.settle()

    async def take_mail(self, sender: str, subject: str, document: bytes) -> None:
        """Let a mail with a document arrive now; return when the counter has it."""
        before = await MailItem.all().count()
        await self.account.deliver(mail_with(sender, subject, document), internal_date=self.clock.at)

        async def is_taken() -> bool:
            return await MailItem.all().count() > before

        await until(is_taken)

    async def command(self, *words: str) -> tuple[int, str]:
        """Run a command of the program to its end; return its exit code and all that it says."""
        return await all_said(*words, environ=self.environ)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await holds():
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.02)


def mail_with(sender: str, subject: str, document: bytes) -> bytes:
    """Return a mail as a citizen sends it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = INSTITUTION["MESA_MAIL_ADDRESS"]
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{uuid4().hex}@correo.example>"
    mail.set_content("Adjunto mi documento.\n")
    mail.add_attachment(document, maintype="application", subtype="pdf", filename="documento.pdf")
    return mail.as_bytes()


@asynccontextmanager
async def whole_counter(
    database: Database, account: Account, sink: Sink, folder: Path, *, at: datetime
) -> AsyncGenerator[WholeCounter]:
    """Run all parts of a counter as long as the block lasts; its clock stands at *at*."""
    environ = environ_of(database, account, sink, folder)
    settings = Settings.from_environ(environ, needed=frozenset({Part.WEB, Part.INTAKE, Part.DELIVERY, Part.ROUNDS}))
    clock = Clock(at)
    async with AsyncExitStack() as stack:
        tools = replace(await stack.enter_async_context(opened(settings)), clock=clock)
        await plant_offices()
        await keep_policy(tools)
        means = await stack.enter_async_context(intake_means(settings, tools))
        imap = ImapAccount(account.host, account.port, account.user, account.password, None)
        intake = Worker(means, Source(imap, settings.intake_office))
        await stack.enter_async_context(working(intake.run()))
        await stack.enter_async_context(delivering(tools, sink, database))
        feed = Feed(connect_to_listen(database.web_url), channel=ENTRIES)
        site = create_site(tools, feed, routes=routes(tools), trust=trust_of(settings))
        server = WebServer(site, settings.http_host, settings.http_port)
        await stack.enter_async_context(working(server.serve(), stop=server.stop))
        await until_ready(settings.http_port)
        yield WholeCounter(tools, clock, settings.public_url, account, sink, environ)


def environ_of(database: Database, account: Account, sink: Sink, folder: Path) -> dict[str, str]:
    """Return the settings, as an administrator would write them."""
    [port] = free_ports(1)
    return {
        **INSTITUTION,
        "MESA_DATABASE_URL": database.web_url,
        "MESA_DATA": str(folder / "data"),
        "MESA_HTTP_PORT": str(port),
        "MESA_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MESA_IMAP_HOST": account.host,
        "MESA_IMAP_PORT": str(account.port),
        "MESA_IMAP_USER": account.user,
        "MESA_IMAP_PASSWORD": account.password,
        "MESA_IMAP_TLS": "off",
        "MESA_SMTP_HOST": "127.0.0.1",
        "MESA_SMTP_PORT": str(sink.port),
        "MESA_SMTP_TLS": "off",
        "MESA_ANCHOR_ADDRESS": NOTARY,
    }


@asynccontextmanager
async def delivering(tools: Tools, sink: Sink, database: Database) -> AsyncGenerator[None]:
    """Send mail as long as the block lasts."""
    bell, stopping = Bell(), asyncio.Event()
    relay = Relay(host=sink.host, port=sink.port, hello="example.pe", protection=Protection.OFF)

    def stop() -> None:
        stopping.set()
        bell.ring()

    async with (
        working(Delivery(tools, relay, bell, stopping).run(), stop=stop),
        working(listen(database.web_url, NOTICES, bell.ring)),
    ):
        yield


@asynccontextmanager
async def working(
    work: Coroutine[object, object, None], *, stop: Callable[[], None] | None = None
) -> AsyncGenerator[None]:
    """Let something work as long as the block lasts; then tell it to stop, or cancel it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        (stop or task.cancel)()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(task, PATIENCE_SECONDS)
