"""Mail to trámite: a worker, a real IMAP server and a real database, and what goes wrong between them."""

from __future__ import annotations

import asyncio
import hashlib
import imaplib
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
import pytest_asyncio

from actions import mail as mail_actions
from actions.credentials import PasswordPool
from actions.mail import LeaseLost
from files.jail import Jail, JailFailed
from intake import imap, reception, wording
from intake.mailbox import Source
from intake.parsing import PARSE
from intake.reception import Arrival, Means
from intake.spool import ContentKey, Spool
from intake.worker import Worker
from mesadepartes.database import connected
from models.mail import Mailbox, MailItem, MailSlot
from models.receipts import Notice
from models.tramites import Attachment, Tramite
from rules.catalogue import AttachmentRole, Channel
from rules.lifecycle import TramiteStatus
from rules.mail import MailOutcome
from rules.mailboxes import Placement
from rules.notices import NoticeState
from tests.counter import MONDAY, Clock, Counter, make_tools
from tests.lasting_jail import ANYWHERE
from tests.unit.intake.mails import PDF, PNG, ZIP, raw_mail, write_mail
from tests.unit.intake.scripted import Line, ScriptedServer

if TYPE_CHECKING:
    from tests.lasting_jail import LastingJail
    from tests.servers.dovecot import Account, Dovecot
    from tests.servers.postgres import Database, DatabaseServer

PATIENCE = timedelta(seconds=60)
EARLIER = MONDAY - timedelta(hours=2)
POISON = b"X-Poison: yes"


class FragileJail(Jail):
    """A jail whose parser dies of mails that say so."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Parse, or die."""
        if function == PARSE and any(POISON in Path(path).read_bytes() for path in json.loads(argument)["paths"]):
            raise JailFailed("killed by signal 9")
        return await super().run(function, argument, timeout=timeout)


class Desk:
    """A counter with a mailbox, and the workers that a test starts on it."""

    def __init__(self, means: Means, counter: Counter, clock: Clock, account: Account) -> None:
        self.means = means
        self.counter = counter
        self.clock = clock
        self.account = account
        self.source = Source(
            imap.Account(account.host, account.port, account.user, account.password, None), office_code="SEDE-CENTRAL"
        )

    @asynccontextmanager
    async def working(self, **changes: object) -> AsyncGenerator[Worker]:
        """Run a worker while the block runs."""
        source = replace(self.source, **changes)  # pyright: ignore[reportArgumentType]
        worker = Worker(self.means, source)
        task = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def put(self, content: bytes) -> int:
        """Deliver a mail two hours ago."""
        return await self.account.deliver(content, internal_date=EARLIER)

    async def mailbox(self) -> Mailbox:
        """Return the mailbox as the counter knows it."""
        return await mail_actions.open_mailbox(
            account=self.account.user, folder="INBOX", office_code=self.source.office_code
        )

    async def arrival(self, content: bytes, *, uid: int, folder: Path) -> Arrival:
        """Return a delivered mail as one that was just fetched."""
        (folder / "mail").write_bytes(content)
        key = ContentKey()
        key.update(content)
        slot = mail_actions.Slot(await self.account.uid_validity(), uid)
        return Arrival(slot, folder / "mail", key.hexdigest(), EARLIER)

    async def places(self) -> dict[str, int]:
        """Return how many mails each folder holds."""
        return await asyncio.to_thread(count_mails, self.account)

    async def until_placed(self, **wanted: int) -> None:
        """Wait until the folders hold so many mails."""
        await until(self.places, wanted)

    async def outcomes(self) -> list[MailOutcome]:
        """Return the outcomes of all mails so far."""
        return sorted([item.outcome for item in await MailItem.all()])


async def until(look: Callable[[], Awaitable[object]], wanted: object) -> None:
    """Wait until looking gives what is wanted."""
    deadline = time.monotonic() + PATIENCE.total_seconds()
    while (seen := await look()) != wanted:
        assert time.monotonic() < deadline, f"still {seen}, not {wanted}"
        await asyncio.sleep(0.05)


@pytest.fixture(scope="session")
def password_pool() -> PasswordPool:
    """Return a pool that these tests do not use."""
    return PasswordPool()


@pytest_asyncio.fixture
async def desk(
    database: Database,
    mail_account: Account,
    tmp_path: Path,
    password_pool: PasswordPool,
    lasting_jail: LastingJail,
) -> AsyncGenerator[Desk]:
    """Return an open counter with an empty mailbox on Monday 9 March 2026, 10:00 in Lima."""
    clock, jail = Clock(), FragileJail([PARSE], reads=ANYWHERE)
    async with connected(database.web_url):
        tools = make_tools(tmp_path, clock=clock, jail=lasting_jail, hasher=password_pool)
        counter = Counter(tools, clock)
        await counter.open()
        yield Desk(Means(tools, jail, Spool(tmp_path / "spool")), counter, clock, mail_account)
    await jail.close()
    assert not list((tmp_path / "spool").iterdir())


async def test_a_mail_with_a_pdf_and_three_annexes_becomes_a_tramite(desk: Desk) -> None:
    files = [("Solicitud.pdf", PDF), ("dni.png", PNG), ("boleta.pdf", PDF + b"2"), ("todo.zip", ZIP)]
    content = write_mail(*files, subject="Solicitud de copias certificadas").as_bytes()
    await desk.put(content)

    async with desk.working():
        await desk.until_placed(Procesados=1)

    tramite = await Tramite.get().prefetch_related("office")
    assert (tramite.status, tramite.channel, tramite.subject) == (
        TramiteStatus.PENDING,
        Channel.EMAIL,
        "Solicitud de copias certificadas",
    )
    assert (tramite.sender_name, tramite.contact_email, tramite.sent_at) == ("Rosa Ñaupari", "rosa@example.pe", EARLIER)
    assert tramite.missing == []
    attachments = await Attachment.filter(tramite=tramite).order_by("position")
    assert [(file.role, file.name, file.content_id) for file in attachments] == [
        (
            AttachmentRole.MAIN if place == 0 else AttachmentRole.ANNEX,
            name,
            hashlib.sha256(data).hexdigest(),
        )
        for place, (name, data) in enumerate(files)
    ]
    stored = b"".join([chunk async for chunk in desk.means.tools.store.read(attachments[0].content_id)])
    assert stored == PDF
    notice = await Notice.get()
    assert (notice.address, notice.state, notice.in_reply_to) == (
        "rosa@example.pe",
        NoticeState.PENDING,
        "<1@example.pe>",
    )


async def test_the_mail_itself_is_kept_as_it_came_and_not_marked_as_seen(desk: Desk) -> None:
    content = write_mail(("a.pdf", PDF)).as_bytes()
    await desk.put(content)

    async with desk.working():
        await desk.until_placed(Procesados=1)

    item = await MailItem.get()
    kept = b"".join([chunk async for chunk in desk.means.tools.store.read(item.original_id)])
    assert kept == content
    (moved,) = await desk.account.mails("Procesados")
    assert (moved.content, moved.flags) == (content, frozenset())


async def test_a_mail_that_comes_while_the_worker_listens_is_taken_in(desk: Desk) -> None:
    async with desk.working() as worker:
        await until(lambda: ready(worker), True)
        await desk.put(write_mail(("a.pdf", PDF)).as_bytes())
        await desk.until_placed(Procesados=1)

    assert await Tramite.all().count() == 1


async def ready(worker: Worker) -> bool:
    return worker.is_ready


async def test_seen_and_flagged_mails_are_taken_in_all_the_same(desk: Desk) -> None:
    await desk.put(write_mail(("a.pdf", PDF)).as_bytes())
    assert await desk.account.mails("INBOX")
    await asyncio.to_thread(mark_all_as_seen, desk.account)

    async with desk.working():
        await desk.until_placed(Procesados=1)

    assert await Tramite.all().count() == 1


def count_mails(account: Account) -> dict[str, int]:
    counts: dict[str, int] = {}
    with imaplib.IMAP4(account.host, account.port) as client:
        client.login(account.user, account.password)
        for folder in ("INBOX", "Procesados", "Cuarentena"):
            [line] = client.status(folder, "(MESSAGES)")[1]
            if count := int(line.split()[-1].rstrip(b")")):
                counts[folder] = count
    return counts


def mark_all_as_seen(account: Account) -> None:
    with imaplib.IMAP4(account.host, account.port) as client:
        client.login(account.user, account.password)
        client.select("INBOX")
        client.store("1:*", "+FLAGS", r"(\Seen \Flagged)")


async def test_automatic_mail_is_moved_and_never_answered(desk: Desk) -> None:
    samples = Path(__file__).parents[1] / "data" / "mail"
    for name in ("vacation-answer", "bounce-with-our-receipt"):
        await desk.put((samples / f"{name}.eml").read_bytes())

    async with desk.working():
        await desk.until_placed(Procesados=2)

    assert await desk.outcomes() == [MailOutcome.AUTOMATIC, MailOutcome.BOUNCE]
    assert await Tramite.all().count() == 0
    assert await Notice.all().count() == 0


async def test_an_automatic_mail_with_a_document_is_filed_and_not_answered(desk: Desk) -> None:
    mail = write_mail(("a.pdf", PDF))
    mail["Auto-Submitted"] = "auto-generated"
    await desk.put(mail.as_bytes())

    async with desk.working():
        await desk.until_placed(Procesados=1)

    assert await Tramite.all().count() == 1
    assert [(notice.state, notice.reason) for notice in await Notice.all()] == [
        (NoticeState.SUPPRESSED, "AUTO_SUBMITTED")
    ]


async def test_a_mail_without_anything_attached_is_received_from_somebody_unknown(desk: Desk) -> None:
    await desk.put(raw_mail("To: mesadepartes@example.pe\nSubject: =?utf-8?q?Pido_informaci=C3=B3n?=\n\nTexto."))

    async with desk.working():
        await desk.until_placed(Procesados=1)

    tramite = await Tramite.get()
    assert (tramite.subject, tramite.sender_name, tramite.contact_email, tramite.missing) == (
        "Pido información",
        wording.UNKNOWN_SENDER,
        None,
        [wording.NO_MAIN],
    )
    assert [notice.state for notice in await Notice.all()] == [NoticeState.SUPPRESSED]


async def test_a_mail_that_can_be_read_in_two_ways_is_quarantined_and_others_go_on(desk: Desk) -> None:
    await desk.put(raw_mail("From: a@example.pe\nFrom: b@example.pe\n\nx"))
    await desk.put(write_mail(("a.pdf", PDF)).as_bytes())

    async with desk.working():
        await desk.until_placed(Cuarentena=1, Procesados=1)

    item = await MailItem.get(outcome=MailOutcome.QUARANTINED)
    assert item.reason == "TWO_FROM"
    assert await Tramite.all().count() == 1


async def test_a_mail_that_kills_the_parser_is_quarantined_at_the_third_time_and_stops_nobody(desk: Desk) -> None:
    await desk.put(POISON + b"\r\n" + write_mail(("a.pdf", PDF)).as_bytes())
    await desk.put(write_mail(("b.pdf", PDF + b"b")).as_bytes())

    async with desk.working():
        await desk.until_placed(INBOX=1, Procesados=1)
    assert [slot.attempts for slot in await MailSlot.filter(item_id=None)] == [1]
    for _ in range(2):
        desk.clock.advance(minutes=1)
        async with desk.working() as worker:
            await until(lambda worker=worker: ready(worker), True)

    assert await desk.places() == {"Cuarentena": 1, "Procesados": 1}
    item = await MailItem.get(outcome=MailOutcome.QUARANTINED)
    assert item.reason == "FAILED"
    assert await Tramite.all().count() == 1


async def test_a_mail_that_kills_the_parser_stops_nobody_of_those_read_with_it(desk: Desk) -> None:
    for place in range(7):
        content = write_mail(("a.pdf", PDF + bytes([place]))).as_bytes()
        await desk.put(POISON + b"\r\n" + content if place == 5 else content)

    async with desk.working():
        await desk.until_placed(INBOX=1, Procesados=6)

    assert [slot.attempts for slot in await MailSlot.filter(item_id=None)] == [1]
    assert await Tramite.all().count() == 6


async def test_mails_that_are_read_together_have_each_their_own_outcome(desk: Desk) -> None:
    for place in range(3):
        await desk.put(write_mail(("a.pdf", PDF + bytes([place]))).as_bytes())
    twice = write_mail(("b.pdf", PDF)).as_bytes()
    for content in (
        twice,
        raw_mail("From: a@example.pe\nFrom: b@example.pe\n\nx"),
        raw_mail("From: a@example.pe\nAuto-Submitted: auto-replied\n\nx"),
        twice,
    ):
        await desk.put(content)

    async with desk.working():
        await desk.until_placed(Cuarentena=1, Procesados=6)

    assert await desk.outcomes() == sorted([*4 * [MailOutcome.FILED], MailOutcome.QUARANTINED, MailOutcome.AUTOMATIC])
    assert [slot.placement for slot in await MailSlot.all()] == 7 * [Placement.MOVED]
    assert await Tramite.all().count() == 4
    assert await Notice.all().count() == 4


async def test_of_a_mail_that_is_too_large_the_header_is_kept_and_it_is_received(desk: Desk) -> None:
    content = write_mail(("a.pdf", PDF + b" " * 50_000)).as_bytes()
    await desk.put(content)
    await desk.put(write_mail(("b.pdf", PDF)).as_bytes())

    async with desk.working(longest_mail=30_000):
        await desk.until_placed(Procesados=2)

    item = await MailItem.get(reason="TOO_LARGE").select_related("tramite")
    kept = b"".join([chunk async for chunk in desk.means.tools.store.read(item.original_id)])
    assert item.outcome is MailOutcome.FILED
    assert item.tramite is not None
    assert (item.tramite.sent_at, item.tramite.missing) == (EARLIER, [wording.TOO_LARGE])
    assert content.startswith(kept)
    assert kept.endswith(b"\r\n\r\n")


async def test_the_same_mail_twice_is_one_filing(desk: Desk) -> None:
    content = write_mail(("a.pdf", PDF)).as_bytes()
    await desk.put(content)
    await desk.put(content)

    async with desk.working():
        await desk.until_placed(Procesados=2)

    assert await Tramite.all().count() == 1
    assert await Notice.all().count() == 1
    assert sorted([slot.duplicate for slot in await MailSlot.all()]) == [False, True]


async def test_the_same_message_id_with_other_content_is_another_filing(desk: Desk) -> None:
    await desk.put(write_mail(("a.pdf", PDF)).as_bytes())
    await desk.put(write_mail(("a.pdf", PDF + b"other")).as_bytes())

    async with desk.working():
        await desk.until_placed(Procesados=2)

    assert await Tramite.all().count() == 2


async def test_a_worker_that_died_between_commit_and_move_only_moves(desk: Desk, tmp_path: Path) -> None:
    content = write_mail(("a.pdf", PDF)).as_bytes()
    uid = await desk.put(content)
    await receive_without_moving(desk, content, uid=uid, folder=tmp_path)
    assert await desk.places() == {"INBOX": 1}

    async with desk.working():
        await desk.until_placed(Procesados=1)

    assert await Tramite.all().count() == 1
    assert [slot.moved_at is not None for slot in await MailSlot.all()] == [True]


async def receive_without_moving(desk: Desk, content: bytes, *, uid: int, folder: Path) -> None:
    mailbox = await desk.mailbox()
    lease = await mail_actions.take_lease(mailbox.id, holder=mailbox.id)
    assert lease is not None
    await reception.receive(desk.means, lease, await desk.arrival(content, uid=uid, folder=folder))
    await mail_actions.release_lease(lease)


async def test_new_uids_for_old_mails_double_nothing(desk: Desk, tmp_path: Path) -> None:
    contents = [write_mail((f"{n}.pdf", PDF + b"%d" % n)).as_bytes() for n in range(3)]
    for content in contents:
        uid = await desk.put(content)
        await receive_without_moving(desk, content, uid=uid, folder=tmp_path)
    await desk.account.change_uid_validity()

    async with desk.working():
        await desk.until_placed(Procesados=3)

    assert await Tramite.all().count() == 3


async def test_two_workers_share_a_mailbox_without_doubling_anything(desk: Desk) -> None:
    for n in range(10):
        await desk.put(write_mail((f"{n}.pdf", PDF + b"%d" % n)).as_bytes())

    async with desk.working(), desk.working():
        await desk.until_placed(Procesados=10)

    assert await Tramite.all().count() == 10


async def test_a_worker_that_ends_lets_the_next_one_begin(desk: Desk) -> None:
    async with desk.working() as worker:
        await until(lambda: ready(worker), True)

    mailbox = await Mailbox.get()
    assert (mailbox.holder, mailbox.leased_until) == (None, None)


async def test_a_worker_whose_lease_was_taken_writes_nothing_more(desk: Desk) -> None:
    async with desk.working() as worker:
        await until(lambda: ready(worker), True)
        await Mailbox.all().update(epoch=100, leased_until=datetime.now(UTC) + timedelta(days=1))  # noqa: TID251
        await until(lambda: ready(worker), False)
        await desk.put(write_mail(("a.pdf", PDF)).as_bytes())

    assert await desk.places() == {"INBOX": 1}
    assert await Tramite.all().count() == 0


async def test_a_mail_whose_worker_lost_its_lease_meanwhile_is_not_recorded(desk: Desk, tmp_path: Path) -> None:
    content = write_mail(("a.pdf", PDF)).as_bytes()
    uid = await desk.put(content)
    mailbox = await desk.mailbox()
    lease = await mail_actions.take_lease(mailbox.id, holder=mailbox.id)
    assert lease is not None
    await Mailbox.all().update(epoch=100)

    with pytest.raises(LeaseLost):
        await reception.receive(desk.means, lease, await desk.arrival(content, uid=uid, folder=tmp_path))

    assert await MailItem.all().count() == 0
    assert await Tramite.all().count() == 0


async def test_a_mail_that_the_server_does_not_give_waits_and_stops_nobody(desk: Desk) -> None:
    content = write_mail(("a.pdf", PDF)).as_bytes()
    described = b"".join(b"* %d FETCH (UID %d RFC822.SIZE 9)\r\n" % (n, n) for n in (1, 2))
    answers: dict[str, Line] = {
        "UID SEARCH": b"* SEARCH 1 2\r\n{tag} OK done\r\n",
        "UID FETCH 1:2": described + b"{tag} OK done\r\n",
        "UID FETCH 1 ": b"{tag} OK nothing\r\n",
        "UID FETCH 2 ": b"* 2 FETCH (UID 2 BODY[] {%d}\r\n%s)\r\n{tag} OK done\r\n" % (len(content), content),
        "UID MOVE": b"{tag} OK done\r\n",
        "IDLE": b"+ idling\r\n",
    }

    async with ScriptedServer(answers).running() as server, desk.working(account=server.account):
        await until(lambda: MailSlot.filter(moved_at__isnull=False).count(), 1)

    assert [slot.attempts for slot in await MailSlot.filter(uid=1)] == [1]
    assert await desk.outcomes() == [MailOutcome.FILED]
    assert not any(command.startswith("UID MOVE 1") for command in server.asked)


async def test_a_store_that_cannot_be_written_counts_against_no_mail(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.put(write_mail(("a.pdf", PDF)).as_bytes())
    contents = tmp_path / "store" / "sha256"
    contents.write_bytes(b"a file where the folder should be")

    async def stopped() -> bool:
        return any(record.__dict__.get("action") == "intake_stopped" for record in caplog.records)

    async with desk.working():
        await until(stopped, True)
        assert await desk.places() == {"INBOX": 1}
        contents.unlink()
        await desk.until_placed(Procesados=1)

    assert [slot.attempts for slot in await MailSlot.all()] == [0]


async def test_the_mail_server_may_restart(desk: Desk, dovecot: Dovecot) -> None:
    async with desk.working() as worker:
        await until(lambda: ready(worker), True)
        await dovecot.restart()
        await desk.put(write_mail(("a.pdf", PDF)).as_bytes())
        await desk.until_placed(Procesados=1)

    assert await Tramite.all().count() == 1


async def test_the_database_may_be_cut_off(desk: Desk, database: Database, database_server: DatabaseServer) -> None:
    async with desk.working() as worker:
        await until(lambda: ready(worker), True)
        for n in range(20):
            await desk.put(write_mail((f"{n}.pdf", PDF + b"%d" % n)).as_bytes())
            if n % 5 == 0:
                await cut_connections(database_server, database.name)
        await desk.until_placed(Procesados=20)

    assert await Tramite.all().count() == 20
    assert await Notice.all().count() == 20


async def cut_connections(server: DatabaseServer, name: str) -> None:
    connection = await asyncpg.connect(server.superuser_url())
    await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    await connection.close()
