"""Out by a real SMTP server and back into a real mailbox: a notice that does not arrive, told by a delivery report."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from actions import tramites
from actions.credentials import PasswordPool
from delivery.smtp import Protection, Relay
from delivery.worker import Bell, Delivery
from files.jail import Jail
from intake.parsing import PARSE
from intake.reception import Means
from intake.spool import Spool
from mesadepartes.database import connected
from models.bounces import BouncedAddress
from models.mail import MailItem
from models.receipts import Notice
from models.tasks import Task
from models.tramites import Tramite
from rules.access import Role
from rules.mail import MailOutcome
from rules.notices import NoticeKind, NoticeState
from rules.tasks import TaskKind
from tests.counter import Clock, Counter, make_tools
from tests.journeys.test_intake import Desk, until
from tests.lasting_jail import ANYWHERE
from tests.unit.intake.mails import raw_mail

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.lasting_jail import LastingJail
    from tests.servers.dovecot import Account
    from tests.servers.postgres import Database
    from tests.servers.sink import SentMail, Sink

OURS = "mesadepartes@example.pe"


@pytest_asyncio.fixture
async def desk(
    database: Database, mail_account: Account, tmp_path: Path, lasting_jail: LastingJail
) -> AsyncGenerator[Desk]:
    """Return an open counter with an empty mailbox."""
    clock, jail, pool = Clock(), Jail([PARSE], reads=ANYWHERE), PasswordPool()
    async with connected(database.web_url):
        tools = make_tools(tmp_path, clock=clock, jail=lasting_jail, hasher=pool)
        counter = Counter(tools, clock)
        await counter.open()
        yield Desk(Means(tools, jail, Spool(tmp_path / "spool")), counter, clock, mail_account)
    await jail.close()
    pool.close()


@asynccontextmanager
async def delivering(desk: Desk, port: int) -> AsyncGenerator[None]:
    bell, stopping = Bell(), asyncio.Event()
    relay = Relay("127.0.0.1", port, "mesa.example.pe", Protection.OFF, command_seconds=5.0)
    working = asyncio.create_task(Delivery(desk.means.tools, relay, bell, stopping).run())
    try:
        yield
    finally:
        stopping.set()
        bell.ring()
        await working


def report_on(mail: SentMail, *, action: str = "failed", status: str = "5.1.1", recipient: str | None = None) -> bytes:
    """Return the report that the mail server of the recipient sends to the sender of *mail*, with the whole mail."""
    recipient = recipient or mail.recipients[0]
    head = raw_mail(f"""
        Return-Path: <>
        From: Mail Delivery System <MAILER-DAEMON@mx.example.pe>
        To: {mail.sender}
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="report"

        --report

        The mail system could not deliver your message.

        --report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.pe

        Final-Recipient: rfc822; {recipient}
        Action: {action}
        Status: {status}

        --report
        Content-Type: message/rfc822

        """)
    return head + mail.content + b"\r\n--report--\r\n"


async def observed(desk: Desk, sink: Sink) -> SentMail:
    """File and observe a trámite; return the mail about the observation as the recipient's server got it."""
    clerk = await desk.counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await desk.counter.file(await desk.counter.register())
    await tramites.observe_tramite(desk.means.tools, clerk, tramite.id, text="Falta la firma.")
    async with delivering(desk, sink.port):
        await until(lambda: Notice.filter(state=NoticeState.PENDING).count(), 0)
        message_id = (await Notice.get(kind=NoticeKind.OBSERVED)).message_id
        return await sink.wait_for(lambda mail: mail.message["Message-ID"] == message_id)


async def test_a_notice_that_comes_back_is_known_by_its_report(desk: Desk, sink: Sink) -> None:
    mail = await observed(desk, sink)
    assert mail.sender == OURS

    await desk.account.deliver(report_on(mail), internal_date=desk.clock())
    async with desk.working():
        await desk.until_placed(Procesados=1)

    notice = await Notice.get(kind=NoticeKind.OBSERVED)
    assert (notice.state, notice.reason) == (NoticeState.UNDELIVERABLE, "BOUNCED 5.1.1")
    assert (await BouncedAddress.get()).address == notice.address
    assert sorted([task.kind for task in await Task.all()]) == [
        TaskKind.ADDRESS_BOUNCED,
        TaskKind.OBSERVATION_UNDELIVERED,
    ]
    assert [item.outcome for item in await MailItem.all()] == [MailOutcome.BOUNCE]
    assert await Tramite.all().count() == 1


@pytest.mark.parametrize("forged", ["delayed", "for somebody else", "with another Message-ID"])
async def test_a_report_that_proves_nothing_changes_nothing(desk: Desk, sink: Sink, forged: str) -> None:
    mail = await observed(desk, sink)
    report = {
        "delayed": report_on(mail, action="delayed", status="4.4.1"),
        "for somebody else": report_on(mail, recipient="juan@example.pe"),
    }.get(forged, report_on(mail).replace(b"Message-ID: <observed.", b"Message-ID: <observed.0"))

    await desk.account.deliver(report, internal_date=desk.clock())
    async with desk.working():
        await desk.until_placed(Procesados=1)

    assert {notice.state for notice in await Notice.all()} == {NoticeState.SENT}
    assert (await BouncedAddress.all().count(), await Task.all().count()) == (0, 0)
    assert [item.outcome for item in await MailItem.all()] == [MailOutcome.BOUNCE]


async def test_a_letter_that_only_speaks_of_a_bounce_is_none_and_a_person_decides(desk: Desk) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "rosa@example.pe", OURS, "Undelivered Mail Returned to Sender"
    mail.set_content("Final-Recipient: rfc822; juan@example.pe\nAction: failed\nStatus: 5.1.1\n")

    await desk.account.deliver(mail.as_bytes(), internal_date=desk.clock())
    async with desk.working():
        await desk.until_placed(Cuarentena=1)

    assert [item.outcome for item in await MailItem.all()] == [MailOutcome.QUARANTINED]
    assert await BouncedAddress.all().count() == 0
