"""The intake and the development mail server, as `make run` puts them together."""

from __future__ import annotations

import asyncio
import smtplib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_asyncio

from actions.credentials import PasswordPool
from files.jail import Jail
from intake.imap import Account
from intake.mailbox import Source
from intake.parsing import PARSE
from intake.reception import Means
from intake.spool import Spool
from intake.worker import Worker
from mesadepartes.database import connected
from mesadepartes.embedded.mail import DevelopmentMail
from models.mail import MailSlot
from models.tramites import Tramite
from tests.counter import INSTITUTION, JAILED, Clock, Counter, make_tools
from tests.journeys.test_intake import until
from tests.lasting_jail import ANYWHERE
from tests.unit.intake.mails import PDF, write_mail

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.servers.postgres import Database

ADDRESS = INSTITUTION.intake_address


@pytest_asyncio.fixture
async def means(database: Database, tmp_path: Path) -> AsyncGenerator[Means]:
    """Return what an intake needs, over an open counter."""
    clock, jail, hasher = Clock(), Jail([PARSE, *JAILED], reads=ANYWHERE), PasswordPool()
    async with connected(database.web_url):
        tools = make_tools(tmp_path, clock=clock, jail=jail, hasher=hasher)
        await Counter(tools, clock).open()
        yield Means(tools, jail, Spool(tmp_path / "spool"))
    await jail.close()
    hasher.close()


async def test_a_mail_handed_in_by_smtp_is_one_tramite_over_restarts(means: Means, tmp_path: Path) -> None:
    for start in (1, 2):
        server = DevelopmentMail(tmp_path / "mail", intake_address=ADDRESS, password="x", smtp_port=0, imap_port=0)
        await server.start()
        account = Account("127.0.0.1", server.imap_port, ADDRESS, "x", None)
        worker = asyncio.create_task(Worker(means, Source(account, office_code="SEDE-CENTRAL")).run())
        if start == 1:
            await asyncio.to_thread(hand_in, server.smtp_port)
        await until(lambda start=start: MailSlot.filter(moved_at__isnull=False).count(), start)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        await server.stop()

    assert await Tramite.all().count() == 1


def hand_in(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(write_mail(("a.pdf", PDF)))
