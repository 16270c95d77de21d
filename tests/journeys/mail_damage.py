"""A counter to which a mail of every outcome came, and a way to damage it by hand and undo that."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import asyncpg

from actions import completing, mail_confirming, mail_desk, tramites
from actions.mail_confirming import Confirmation
from intake.audit import Scope, audit
from intake.proof import OwnServers
from intake.spool import ContentKey
from models.mail import MailItem
from models.receipts import Notice
from rules.access import Role
from rules.mail import MailOutcome
from rules.notices import SECRET, NoticeKind
from rules.throttling import Client
from rules.verdicts import Judgement
from tests.counter import MONDAY
from tests.counter import PDF as GOOD_PDF
from tests.unit.intake.mails import PDF, PNG, write_mail

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from reading.access import Viewer
    from rules.mail_audit import Difference
    from tests.journeys.test_intake import Desk

SERVER = "mx.example.pe"
SEAL = f"Authentication-Results: {SERVER}; dmarc=pass header.from=example.pe\r\n"
HELD = "Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: 8bit\r\n"
SAMPLES = Path(__file__).parents[1] / "data" / "mail"
PARTY = "party@example.pe"
OTHER = "other@example.pe"

TABLES = ("mailboxes", "mail_items", "mail_slots", "mail_decisions", "mail_links", "notices", "tramites", "attachments")
COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position
"""


def letter(name: str, *, above: str = "", sender: str | None = None, files: bool = True) -> bytes:
    """Return a mail whose subject is *name*, from somebody of that name, with a document and an annex."""
    attached = [(f"{name}.pdf", PDF + name.encode()), (f"{name}.png", PNG + name.encode())] if files else []
    mail = write_mail(*attached, sender=sender or f"{name}@example.pe", subject=name)
    del mail["Message-ID"]
    mail["Message-ID"] = f"<{name}@example.pe>"
    return above.encode() + mail.as_bytes()


def key_of(content: bytes) -> str:
    """Return what the ledger calls a mail."""
    key = ContentKey()
    key.update(content)
    return key.hexdigest()


@dataclass
class Ledger:
    """A counter, the mails that came to it by name, and who decided them."""

    desk: Desk
    folder: Path
    superuser_url: str
    owner_url: str
    ids: dict[str, UUID] = field(default_factory=dict[str, UUID])
    _clerk: Viewer | None = None
    _as_it_was: dict[str, list[asyncpg.Record]] = field(default_factory=dict[str, "list[asyncpg.Record]"])

    @classmethod
    async def filled(cls, desk: Desk, folder: Path, superuser_url: str, owner_url: str) -> Self:
        """Take in a mail of every outcome, and let people decide some; an hour later all are in their places."""
        desk.means = replace(desk.means, servers=OwnServers(frozenset({SERVER})))
        ledger = cls(desk, folder, superuser_url, owner_url)
        ledger._clerk = await desk.counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
        await desk.counter.register(email="account@example.pe")
        await ledger._take_first()
        await ledger._decide()
        await ledger._take_replies()
        desk.clock.advance(hours=1)
        return ledger

    async def _take_first(self) -> None:
        first = {
            "filed": letter("filed"),
            "lacking": letter("lacking", files=False),
            "confirmed": letter("confirmed"),
            "account": letter("account", above=SEAL),
            "party": letter("party", above=SEAL, sender=PARTY),
            "other": letter("other", above=SEAL, sender=OTHER),
            "held": letter("held", above=HELD),
            "released": letter("released", above=HELD),
            "refused": letter("refused", above=HELD),
            "empty": b"From: empty@example.pe\r\n\r\n",
            "automatic": (SAMPLES / "vacation-answer.eml").read_bytes(),
            "bounce": (SAMPLES / "bounce-with-our-receipt.eml").read_bytes(),
        }
        await self._take(first, at=MONDAY - timedelta(hours=2), archived=9, held=3)
        await self.desk.put(first["filed"])
        async with self.desk.working():
            await self.desk.until_placed(Procesados=10, Cuarentena=3)

    async def _take(self, contents: dict[str, bytes], *, at: Any, archived: int, held: int) -> None:
        for content in contents.values():
            await self.desk.account.deliver(content, internal_date=at)
        async with self.desk.working():
            await self.desk.until_placed(Procesados=archived, Cuarentena=held)
        for name, content in contents.items():
            self.ids[name] = (await MailItem.get(content_key=key_of(content))).id

    async def _decide(self) -> None:
        tools, clerk = self.desk.means.tools, self._clerk
        assert clerk is not None
        await mail_desk.release_mail(tools, clerk, self.ids["released"])
        await mail_desk.reject_mail(tools, clerk, self.ids["refused"], reason="Es publicidad.")
        await mail_desk.answer_mail(tools, clerk, self.ids["confirmed"], text="Gracias.")
        token = await self._token("confirmed", "confirm")
        wish = Confirmation(token)
        await mail_confirming.confirm_filing(tools, wish, viewer=None, client=Client("192.0.2.7"))
        brought = completing.Brought("a.pdf", await tools.store.put_bytes(GOOD_PDF), Judgement())
        form = completing.Completion(main=brought)
        token = await self._token("lacking", "complete")
        await completing.complete_filing(tools, token, form, client=Client("192.0.2.8"))

    async def _token(self, name: str, purpose: str) -> str:
        item = await MailItem.get(id=self.ids[name]).prefetch_related("notice")
        assert item.notice is not None
        return item.notice.detail[SECRET][purpose]

    async def _take_replies(self) -> None:
        number, question = await self._observed("party")
        _, other_question = await self._observed("other")
        self.desk.clock.advance(hours=2)
        asks = write_mail(sender=PARTY, subject=f"ESTADO {number}").as_bytes()
        replies = {
            "reply": letter("reply", above=f"{SEAL}In-Reply-To: {question}\r\n", sender=PARTY),
            "status": SEAL.encode() + asks,
            "unproven": asks,
            "stray": letter("stray", above=f"In-Reply-To: {other_question}\r\n", sender=OTHER),
        }
        await self._take(replies, at=MONDAY + timedelta(hours=1), archived=14, held=3)
        wish = Confirmation(await self._token("stray", "confirm"))
        await mail_confirming.confirm_filing(self.desk.means.tools, wish, viewer=None, client=Client("192.0.2.9"))
        outcomes = {name: (await MailItem.get(id=id_)).outcome for name, id_ in self.ids.items()}
        assert outcomes == OUTCOMES, outcomes

    async def _observed(self, name: str) -> tuple[str, str]:
        """Observe what a mail became; return its number and what the mail about that is called."""
        item = await MailItem.get(id=self.ids[name]).prefetch_related("tramite")
        assert self._clerk is not None
        assert item.tramite is not None
        await tramites.observe_tramite(self.desk.means.tools, self._clerk, item.tramite.id, text="Falta la firma.")
        notice = await Notice.get(tramite_id=item.tramite.id, kind=NoticeKind.OBSERVED)
        assert notice.message_id is not None
        return item.tramite.number, notice.message_id

    async def differences(self) -> list[Difference]:
        """Compare everything."""
        return [each async for each in audit(self.desk.means.tools, [self.desk.source], Scope(self.desk.clock()))]

    def statement(self, text: str) -> str:
        """Return a statement in which `:name` stands for the id of a mail."""
        return re.sub(r":([a-z]+)\b", lambda found: f"'{self.ids[found[1]]}'::uuid", text.replace("::", "\0")).replace(
            "\0", "::"
        )

    @asynccontextmanager
    async def damaged(self, statement: str) -> AsyncGenerator[None]:
        """Do a damage by hand in the database, and undo it."""
        async with self.meddling() as connection:
            self._as_it_was = self._as_it_was or {table: await rows_of(connection, table) for table in TABLES}
            assert await connection.execute(self.statement(statement)) not in ("UPDATE 0", "DELETE 0", "INSERT 0 0")
        yield
        async with self.meddling() as connection:
            for table in TABLES:
                await restore(connection, table, self._as_it_was[table])

    @asynccontextmanager
    async def meddling(self) -> AsyncGenerator[asyncpg.Connection]:
        """Give a connection of the superuser to which no trigger and no foreign key says anything."""
        connection = await asyncpg.connect(self.superuser_url)
        await connection.execute("SET session_replication_role = replica")
        yield connection
        await connection.close()


OUTCOMES = {
    "filed": MailOutcome.FILED,
    "lacking": MailOutcome.FILED,
    "confirmed": MailOutcome.FILED,
    "account": MailOutcome.FILED,
    "party": MailOutcome.FILED,
    "other": MailOutcome.FILED,
    "held": MailOutcome.QUARANTINED,
    "released": MailOutcome.FILED,
    "refused": MailOutcome.REJECTED,
    "empty": MailOutcome.REJECTED,
    "automatic": MailOutcome.AUTOMATIC,
    "bounce": MailOutcome.BOUNCE,
    "reply": MailOutcome.REPLY,
    "status": MailOutcome.REPLY,
    "unproven": MailOutcome.REJECTED,
    "stray": MailOutcome.FILED,
}


async def rows_of(connection: asyncpg.Connection, table: str) -> list[asyncpg.Record]:
    """Return what a table holds that is not computed."""
    names = ", ".join([row["column_name"] for row in await connection.fetch(COLUMNS, table)])
    return await connection.fetch(f"SELECT {names} FROM {table} ORDER BY id")


async def restore(connection: asyncpg.Connection, table: str, before: list[asyncpg.Record]) -> None:
    """Make a table hold that again."""
    if await rows_of(connection, table) == before:
        return
    await connection.execute(f"DELETE FROM {table}")
    names = list(before[0].keys())
    places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    await connection.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})",
        [tuple(row.values()) for row in before],
    )
