"""Several mailboxes at once: each files to its office, and one that is broken holds up no other."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest_asyncio

from actions.credentials import PasswordPool
from files.jail import Jail
from intake import imap
from intake.mailbox import Folders, Source
from intake.mailroom import Mailroom
from intake.parsing import PARSE
from intake.reception import Means
from intake.spool import Spool
from mesadepartes.database import connected
from mesadepartes.health import health_served
from models.mail import Mailbox, MailSlot
from models.tramites import Tramite
from rules.mailboxes import MailboxFailure, Placement
from tests.counter import Clock, Counter, make_tools
from tests.journeys.test_intake import until
from tests.lasting_jail import ANYWHERE
from tests.unit.intake.mails import PDF, write_mail
from tests.unit.intake.scripted import Line, ScriptedServer
from tests.unit.intake.test_imap import then_close
from tests.unit.intake.test_sign_in import GivenTokens

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from pathlib import Path

    from intake.tokens import Token
    from tests.lasting_jail import LastingJail
    from tests.servers.dovecot import Account, Dovecot
    from tests.servers.postgres import Database


@pytest_asyncio.fixture
async def means(database: Database, tmp_path: Path, lasting_jail: LastingJail) -> AsyncGenerator[Means]:
    """Return what taking in mail needs at an open counter."""
    jail, clock = Jail([PARSE], reads=ANYWHERE), Clock()
    async with connected(database.web_url):
        tools = make_tools(tmp_path, clock=clock, jail=lasting_jail, hasher=PasswordPool())
        await Counter(tools, clock).open()
        yield Means(tools, jail, Spool(tmp_path / "spool"))
    await jail.close()


@asynccontextmanager
async def working(means: Means, *sources: Source) -> AsyncGenerator[Mailroom]:
    mailroom = Mailroom(means, sources)
    task = asyncio.create_task(mailroom.run())
    try:
        yield mailroom
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def source(account: Account, office: str, **changes: str) -> Source:
    signing_in = imap.Account(account.host, account.port, account.user, account.password, None)
    return Source(signing_in, office, Folders(inbox=changes.pop("inbox", "INBOX")), **changes)  # pyright: ignore[reportArgumentType]


async def failures() -> dict[str | None, MailboxFailure | None]:
    return {row.name: row.failure for row in await Mailbox.all()}


async def test_each_mailbox_files_to_its_office_and_a_broken_one_holds_up_none(
    means: Means, dovecot: Dovecot, mail_account: Account
) -> None:
    cusco, refused = dovecot.new_account(), dovecot.new_account()
    for account in (mail_account, cusco):
        await account.deliver(write_mail((f"{account.user}.pdf", PDF)).as_bytes())
    async with ScriptedServer({}).running() as gone:
        unreachable = gone.account
    async with ScriptedServer({"LOGIN": b"{tag} NO no\r\n"}).running() as server:
        sources = (
            Source(server.account, "SEDE-CENTRAL", name="refused"),
            Source(unreachable, "SEDE-CENTRAL", Folders(inbox="Otra"), name="unreachable"),
            source(refused, "NOWHERE", name="without-office"),
            source(refused, "PUNO", inbox="No existe", name="without-folder"),
            source(mail_account, "SEDE-CENTRAL", name="central"),
            source(cusco, "CUSCO", name="cusco"),
        )
        async with working(means, *sources) as mailroom:
            await until(lambda: MailSlot.filter(placement=Placement.MOVED).count(), 2)
            await until(
                failures,
                {
                    "refused": MailboxFailure.SIGN_IN_REFUSED,
                    "unreachable": MailboxFailure.UNREACHABLE,
                    "without-folder": MailboxFailure.COMMAND_REFUSED,
                    "central": None,
                    "cusco": None,
                },
            )
            assert mailroom.is_ready
            metrics = mailroom.metrics()

    tramites = await Tramite.all().prefetch_related("office")
    assert sorted(tramite.office.code for tramite in tramites) == ["CUSCO", "SEDE-CENTRAL"]
    assert 'mesa_mailbox_listening{mailbox="central"} 1\n' in metrics
    assert 'mesa_mailbox_listening{mailbox="refused"} 0\n' in metrics
    assert 'mesa_mailbox_failures_total{mailbox="without-office",failure="OFFICE_CLOSED"} ' in metrics
    assert "@" not in metrics


async def test_two_folders_of_one_account_file_to_two_offices(means: Means, mail_account: Account) -> None:
    await mail_account.deliver(write_mail(("a.pdf", PDF)).as_bytes())
    await mail_account.deliver(write_mail(("b.pdf", PDF + b"b")).as_bytes(), folder="Cuarentena")
    sources = (
        source(mail_account, "SEDE-CENTRAL", name="a/1"),
        source(mail_account, "PUNO", inbox="Cuarentena", name="a/2"),
    )

    async with working(means, *sources):
        await until(lambda: MailSlot.filter(placement=Placement.MOVED).count(), 2)

    tramites = await Tramite.all().prefetch_related("office")
    assert sorted(tramite.office.code for tramite in tramites) == ["PUNO", "SEDE-CENTRAL"]


async def test_how_mails_are_numbered_and_looked_at_is_in_the_row(means: Means, mail_account: Account) -> None:
    async with working(means, source(mail_account, "SEDE-CENTRAL", name="central")):
        await until(lambda: Mailbox.filter(is_listening=True).count(), 1)

        row = await Mailbox.get()

    assert (row.name, row.looked_at, row.backlog) == ("central", means.tools.clock(), 0)
    assert row.uidvalidity == await mail_account.uid_validity()
    assert not (await Mailbox.get()).is_listening


async def test_a_server_that_can_only_mark_has_its_mails_marked_once(means: Means) -> None:
    content = write_mail(("a.pdf", PDF)).as_bytes()
    answers: dict[str, Line] = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n",
        "SELECT": b"* OK [PERMANENTFLAGS (\\*)] x\r\n* OK [UIDVALIDITY 7] x\r\n{tag} OK done\r\n",
        "UID SEARCH": b"* SEARCH 1\r\n{tag} OK done\r\n",
        "UID FETCH 1 (UID RFC822.SIZE": b"* 1 FETCH (UID 1 RFC822.SIZE 9)\r\n{tag} OK done\r\n",
        "UID FETCH 1 (UID BODY": b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n{tag} OK done\r\n" % (len(content), content),
        "UID STORE": b"{tag} OK done\r\n",
        "NOOP": b"{tag} OK done\r\n",
        "IDLE": b"{tag} NO not today\r\n",
    }
    async with ScriptedServer(answers).running() as server:
        async with working(means, Source(server.account, "SEDE-CENTRAL")):
            await until(lambda: MailSlot.filter(placement=Placement.MARKED).count(), 1)
        async with working(means, Source(server.account, "SEDE-CENTRAL")) as mailroom:
            await until(_ready(mailroom), True)

    assert sum(command.startswith("UID STORE") for command in server.asked) == 1
    assert await Tramite.all().count() == 1


async def test_a_mail_that_another_program_took_away_meanwhile_leaves_no_trace(means: Means) -> None:
    answers: dict[str, Line] = {
        "UID SEARCH ALL": b"* SEARCH 1\r\n{tag} OK done\r\n",
        "UID SEARCH UID": b"* SEARCH\r\n{tag} OK done\r\n",
        "UID FETCH 1 (UID RFC822.SIZE": b"* 1 FETCH (UID 1 RFC822.SIZE 9)\r\n{tag} OK done\r\n",
        "UID FETCH 1 (UID BODY": b"{tag} OK nothing\r\n",
        "IDLE": b"+ idling\r\n",
    }
    async with (
        ScriptedServer(answers).running() as server,
        working(means, Source(server.account, "SEDE-CENTRAL")) as mailroom,
    ):
        await until(_ready(mailroom), True)

    assert await MailSlot.all().count() == 0


async def test_a_mail_inside_which_the_server_always_hangs_up_does_not_hold_up_the_others(means: Means) -> None:
    content = write_mail(("a.pdf", PDF)).as_bytes()
    answers: dict[str, Line] = {
        "UID SEARCH": b"* SEARCH 1 2\r\n{tag} OK done\r\n",
        "UID FETCH 1:2 (": b"* 1 FETCH (UID 1 RFC822.SIZE 9)\r\n* 2 FETCH (UID 2 RFC822.SIZE 9)\r\n{tag} OK done\r\n",
        "UID FETCH 2 (UID RFC": b"* 2 FETCH (UID 2 RFC822.SIZE 9)\r\n{tag} OK done\r\n",
        "UID FETCH 1 (UID BODY": then_close(b"* 1 FETCH (UID 1 BODY[] {100}\r\nabc"),
        "UID FETCH 2 (UID BODY": b"* 2 FETCH (UID 2 BODY[] {%d}\r\n%s)\r\n{tag} OK done\r\n" % (len(content), content),
        "UID MOVE": b"{tag} OK done\r\n",
        "IDLE": b"+ idling\r\n",
    }
    async with (
        ScriptedServer(answers).running() as server,
        working(means, Source(server.account, "SEDE-CENTRAL")),
    ):
        await until(lambda: MailSlot.filter(uid=2, placement=Placement.MOVED).count(), 1)

    assert [slot.uid for slot in await MailSlot.all()] == [2]


async def test_the_metrics_are_told_on_the_port_of_health(means: Means, mail_account: Account) -> None:
    async with working(means, source(mail_account, "SEDE-CENTRAL", name="central")) as mailroom:
        await until(_ready(mailroom), True)
        async with health_served("127.0.0.1", 0, _ready(mailroom), metrics=mailroom.metrics) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = (await asyncio.wait_for(reader.read(), 30)).decode()
            writer.close()

    head, _, body = answer.partition("\r\n\r\n")
    assert "200 OK" in head
    assert "Content-Type: text/plain; version=0.0.4" in head
    assert f'mesa_mailbox_looked_at_seconds{{mailbox="central"}} {means.tools.clock().timestamp()}\n' in body


class ShortTokens(GivenTokens):
    """Tokens of which the first is over as soon as it was used."""

    def is_good(self, token: Token) -> bool:
        if token.text == "token-1":
            self.forget()
        return token.text != "token-1"


async def test_a_connection_is_opened_anew_before_its_token_ends_and_that_is_no_failure(means: Means) -> None:
    answers: dict[str, Line] = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 SASL-IR MOVE\r\n{tag} OK done\r\n",
        "AUTHENTICATE": b"{tag} OK in\r\n",
    }
    async with ScriptedServer(answers).running() as server:
        account = replace(server.account, tokens=ShortTokens("token-1", "token-2"), poll_seconds=0.05)
        async with working(means, Source(account, "SEDE-CENTRAL", name="cusco")) as mailroom:
            await until(lambda: _count(server, "AUTHENTICATE"), 2)
            await until(_ready(mailroom), True)
            metrics = mailroom.metrics()

    assert "failures_total{" not in metrics
    assert (await Mailbox.get()).failing_since is None


async def _count(server: ScriptedServer, start: str) -> int:
    return sum(command.startswith(start) for command in server.asked)


def _ready(mailroom: Mailroom) -> Callable[[], Awaitable[bool]]:
    async def is_ready() -> bool:
        return mailroom.is_ready

    return is_ready
