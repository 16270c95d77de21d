"""Several folders of one account: one content is one filing, whoever drags it from one into the other."""

from __future__ import annotations

import asyncio
import imaplib
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
import pytest

from intake.audit import Scope, audit
from intake.imap import Account as SigningIn
from intake.mailbox import Folders, Source
from models.mail import Mailbox, MailItem, MailSlot
from models.receipts import Notice
from models.tramites import Tramite
from rules.mail import MailOutcome
from rules.mail_audit import DifferenceKind
from rules.mailboxes import Placement
from tests.journeys.test_intake import EARLIER, Desk, desk, password_pool, until
from tests.mails import SUSPICIOUS
from tests.unit.intake.mails import PDF, write_mail

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from rules.mail_audit import Difference
    from tests.servers.dovecot import Account, Dovecot
    from tests.servers.postgres import Database

__all__ = ["desk", "password_pool"]

OFFICE = "Oficina"
"""Another folder of the account that is read."""

MAIL = write_mail(("a.pdf", PDF)).as_bytes()


def reads(account: Account, folder: str = "INBOX", **folders: str) -> Source:
    """Return a folder of an account to be read."""
    signing_in = SigningIn(account.host, account.port, account.user, account.password, None)
    return Source(signing_in, "SEDE-CENTRAL", Folders(folder, **folders))


@pytest.fixture(autouse=True)
async def office(desk: Desk) -> None:
    """Make the other folder."""
    await asyncio.to_thread(make_folder, desk.account)


def make_folder(account: Account) -> None:
    """Make the other folder."""
    with imaplib.IMAP4(account.host, account.port) as client:
        client.login(account.user, account.password)
        answer, _ = client.create(OFFICE)
        assert answer == "OK"


@asynccontextmanager
async def working(desk: Desk, *sources: Source) -> AsyncGenerator[None]:
    """Run a worker for each of them while the block runs."""
    async with AsyncExitStack() as stack:
        for source in sources:
            await stack.enter_async_context(desk.working(account=source.account, folders=source.folders))
        yield


async def differences(desk: Desk, *sources: Source) -> list[Difference]:
    """Return what the audit finds, an hour later."""
    desk.clock.advance(hours=1)
    return [each async for each in audit(desk.means.tools, sources, Scope(desk.clock()))]


def drag(account: Account, from_folder: str, to_folder: str) -> None:
    """Move all mails of a folder into another one, as a person does with the mouse."""
    with imaplib.IMAP4(account.host, account.port) as client:
        client.login(account.user, account.password)
        client.select(from_folder)
        answer, _ = client.uid("MOVE", "1:*", to_folder)
        assert answer == "OK"


async def until_moved(number: int) -> None:
    """Wait until so many places are done with."""
    await until(lambda: MailSlot.filter(placement=Placement.MOVED).count(), number)


async def filed() -> tuple[int, int]:
    """Return how many trámites there are, and how many receipts were promised."""
    return await Tramite.all().count(), await Notice.all().count()


async def test_a_mail_dragged_into_another_folder_that_is_read_is_one_filing(desk: Desk) -> None:
    await desk.account.deliver(write_mail(("b.pdf", PDF + b"b")).as_bytes(), internal_date=EARLIER, folder=OFFICE)
    sources = reads(desk.account), reads(desk.account, OFFICE)
    await desk.put(MAIL)
    async with working(desk, *sources):
        await until_moved(2)
        await asyncio.to_thread(drag, desk.account, "Procesados", OFFICE)
        await until_moved(4)

    assert await filed() == (2, 2)
    assert await MailSlot.filter(duplicate=True, mailbox__folder=OFFICE).count() == 2
    assert await desk.places() == {"Procesados": 2}
    assert await differences(desk, *sources) == []


async def test_the_same_bytes_in_two_folders_at_once_are_one_filing(desk: Desk) -> None:
    sources = reads(desk.account), reads(desk.account, OFFICE)
    for folder in ("INBOX", OFFICE):
        await desk.account.deliver(MAIL, internal_date=EARLIER, folder=folder)
    async with working(desk, *sources):
        await until_moved(2)

    assert await filed() == (1, 1)
    assert sorted([slot.duplicate for slot in await MailSlot.all()]) == [False, True]
    assert await differences(desk, *sources) == []


async def test_a_mail_in_quarantine_dragged_into_another_folder_goes_back_to_quarantine(desk: Desk) -> None:
    sources = reads(desk.account), reads(desk.account, OFFICE)
    await desk.account.deliver(MAIL, internal_date=EARLIER, folder=OFFICE)
    await desk.put(SUSPICIOUS + write_mail(("c.pdf", PDF), subject="c").as_bytes())
    async with working(desk, *sources):
        await until_moved(2)
        await asyncio.to_thread(drag, desk.account, "Cuarentena", OFFICE)
        await until_moved(3)

    assert await desk.outcomes() == [MailOutcome.FILED, MailOutcome.QUARANTINED]
    assert await desk.places() == {"Procesados": 1, "Cuarentena": 1}
    assert await differences(desk, *sources) == []


async def test_folders_that_put_their_mails_into_different_ones_know_those_of_each_other(desk: Desk) -> None:
    await desk.account.deliver(write_mail(("b.pdf", PDF + b"b")).as_bytes(), internal_date=EARLIER, folder=OFFICE)
    sources = reads(desk.account), reads(desk.account, OFFICE, archive="Oficina hecha")
    await desk.put(MAIL)
    async with working(desk, *sources):
        await until_moved(2)
        await asyncio.to_thread(drag, desk.account, "Procesados", OFFICE)
        await until_moved(3)
        await desk.put(write_mail(("c.pdf", PDF + b"c")).as_bytes())
        await until_moved(4)

    assert await filed() == (3, 3)
    assert await desk.places() == {"Procesados": 1}
    assert await differences(desk, *sources) == []


AGAIN = """
WITH item AS (
    INSERT INTO mail_items (
        id, account, mailbox_id, content_key, original_id, received_at, recorded_at, outcome, reason, suppression,
        earlier_copies)
    SELECT gen_random_uuid(), i.account, m.id, i.content_key, i.original_id, i.received_at, i.recorded_at, 'AUTOMATIC',
        'x', 'NOT_FILED', $1
    FROM mail_items i JOIN mailboxes m ON m.folder = 'Oficina' RETURNING id, mailbox_id)
INSERT INTO mail_slots (id, mailbox_id, uidvalidity, uid, item_id, duplicate, attempts)
SELECT gen_random_uuid(), mailbox_id, 1, 1, id, false, 0 FROM item
"""
UNGUARDED = "ALTER TABLE mail_items DROP CONSTRAINT %s"
GUARD = "SELECT conname FROM pg_constraint WHERE conrelid = 'mail_items'::regclass AND contype = 'u'"


@pytest.mark.parametrize(("copies", "found"), [(0, [DifferenceKind.DOUBLED] * 2), (1, [])])
async def test_one_content_twice_is_found_unless_it_is_of_when_each_folder_had_its_own(
    desk: Desk, database: Database, copies: int, found: list[DifferenceKind]
) -> None:
    sources = reads(desk.account), reads(desk.account, OFFICE)
    await desk.put(MAIL)
    async with working(desk, *sources):
        await until_moved(1)
        await until(lambda: Mailbox.all().count(), 2)
    connection = await asyncpg.connect(database.owner_url)
    if copies == 0:
        await connection.execute(UNGUARDED % await connection.fetchval(GUARD))
    await connection.execute(AGAIN, copies)
    await connection.close()

    assert [each.kind for each in await differences(desk, *sources)] == found


async def test_the_same_bytes_in_two_accounts_are_two_filings(desk: Desk, dovecot: Dovecot) -> None:
    other = dovecot.new_account()
    sources = reads(desk.account), reads(other)
    for account in (desk.account, other):
        await account.deliver(MAIL, internal_date=EARLIER)
    async with working(desk, *sources):
        await until_moved(2)

    assert await filed() == (2, 2)
    assert {item.account for item in await MailItem.all()} == {desk.account.user, other.user}
    assert await Mailbox.all().count() == 2
    assert await differences(desk, *sources) == []
