"""What the writer of a mail gets, from a real mailbox to a real SMTP server: each field of it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from actions.credentials import PasswordPool
from files.jail import Jail
from intake.parsing import PARSE
from intake.proof import OwnServers
from intake.reception import Means
from intake.spool import Spool
from mesadepartes.completing import DONE
from mesadepartes.database import connected
from models.mail import MailItem
from models.receipts import Notice, Receipt
from models.tramites import Attachment, Tramite
from rules.catalogue import ReceiptKind
from rules.mail_missing import ONLY_LINKS, TOO_LARGE
from rules.notices import SECRET, NoticeKind, NoticeState
from tests.api import in_process, make_feed
from tests.counter import MONDAY, Clock, Counter, make_tools
from tests.journeys.test_bounces import OURS, delivering
from tests.journeys.test_intake import EARLIER, Desk, until
from tests.lasting_jail import ANYWHERE
from tests.unit.intake.mails import PDF, raw_mail, write_mail

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.lasting_jail import LastingJail
    from tests.servers.dovecot import Account
    from tests.servers.postgres import Database
    from tests.servers.sink import SentMail, Sink

ROSA = "rosa@example.pe"
SERVER = "mx.example.pe"
NULL_PATH = "<>"
SECRET_WORDS = "palabras que no deben volver"
BEFORE = ["Content-Type", "MIME-Version", "From", "To", "Subject", "Date", "Message-ID"]
THREAD = ["In-Reply-To", "References"]
AFTER = ["Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "X-Loop", "Content-Language"]


@pytest_asyncio.fixture
async def desk(
    database: Database, mail_account: Account, tmp_path: Path, lasting_jail: LastingJail
) -> AsyncGenerator[Desk]:
    """Return an open counter with an empty mailbox, whose mail server says who sent a mail."""
    clock, jail, pool = Clock(), Jail([PARSE], reads=ANYWHERE), PasswordPool()
    async with connected(database.web_url):
        tools = make_tools(tmp_path, clock=clock, jail=lasting_jail, hasher=pool)
        counter = Counter(tools, clock)
        await counter.open()
        means = Means(tools, jail, Spool(tmp_path / "spool"), OwnServers(frozenset({SERVER})))
        yield Desk(means, counter, clock, mail_account)
    await jail.close()
    pool.close()


async def exchange(desk: Desk, sink: Sink, *contents: bytes, **source: object) -> list[SentMail]:
    """Let mails come, be taken in and be answered; return what was sent, in order."""
    for content in contents:
        await desk.put(content)
    known = len(sink.mails)
    async with desk.working(**source):
        await until(MailItem.all().count, len(contents))
    await send_all(desk, sink)
    return sink.mails[known:]


async def send_all(desk: Desk, sink: Sink) -> None:
    async with delivering(desk, sink.port):
        await until(Notice.filter(state=NoticeState.PENDING).count, 0)


def written(*files: tuple[str, bytes], verdict: str = "pass", **headers: str) -> bytes:
    message = write_mail(*files, text=SECRET_WORDS)
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return f"Authentication-Results: {SERVER}; dmarc={verdict} header.from=example.pe\r\n".encode() + message.as_bytes()


def plain_text(mail: SentMail) -> str:
    body = mail.message.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


async def test_a_receipt_has_exactly_the_fields_that_it_must(desk: Desk, sink: Sink) -> None:
    [sent] = await exchange(desk, sink, written(("solicitud.pdf", PDF)))

    message, tramite = sent.message, await Tramite.get()
    assert (sent.sender, sent.recipients) == (NULL_PATH, (ROSA,))
    assert list(message.keys()) == [*BEFORE, *THREAD, *AFTER]
    assert (message["To"], message["In-Reply-To"], message["References"]) == (ROSA, "<1@example.pe>", "<1@example.pe>")
    assert (
        message["Auto-Submitted"],
        message["Precedence"],
        message["X-Auto-Response-Suppress"],
        message["X-Loop"],
    ) == (
        "auto-replied",
        "bulk",
        "All",
        OURS,
    )
    assert message["Subject"] == f"Constancia de envío del trámite {tramite.number}, presentado el 09/03/2026"
    assert [each.get_filename() for each in message.iter_attachments()] == [f"constancia-{tramite.number}.pdf"]
    text = plain_text(sent)
    assert f"Número de trámite: {tramite.number}" in text
    assert "Enviado el: 09/03/2026 08:00:00 (hora de Lima)" in text
    assert "Libro de Reclamaciones" in text
    assert SECRET_WORDS not in text
    assert PDF not in sent.content


async def test_a_mail_of_a_day_that_does_not_count_says_so(desk: Desk, sink: Sink) -> None:
    await desk.account.deliver(written(("solicitud.pdf", PDF)), internal_date=MONDAY.replace(day=7))
    async with desk.working():
        await until(MailItem.all().count, 1)

    await send_all(desk, sink)
    [sent] = sink.mails

    text = plain_text(sent)
    assert "Enviado el: 07/03/2026 10:00:00 (hora de Lima) Fecha de presentación: 09/03/2026" in text
    assert "La fecha de presentación no es el día del envío." in text
    assert "07/03/2026 (sábado), 08/03/2026 (domingo)" in text


HOSTILE = {
    "encoded subject": "From: Rosa <rosa@example.pe>\nSubject: =?utf-8?q?Pedido=0D=0ABcc:_victim@evil.test?=",
    "encoded subject in base64": "From: rosa@example.pe\nSubject: =?utf-8?b?UGVkaWRvDQpCY2M6IHZpY3RpbUBldmlsLnRlc3Q=?=",
    "folded subject": "From: rosa@example.pe\nSubject: Pedido\n Bcc: victim@evil.test",
    "encoded name": "From: =?utf-8?q?Rosa=0D=0ABcc=3A_victim=40evil=2Etest?= <rosa@example.pe>\nSubject: Pedido",
    "quoted name": 'From: "Rosa\n Bcc: victim@evil.test" <rosa@example.pe>\nSubject: Pedido',
    "name that is an address": 'From: "victim@evil.test" <rosa@example.pe>\nSubject: Pedido',
    "answers elsewhere": "From: rosa@example.pe\nReply-To: victim@evil.test\nSubject: Pedido",
    "message id": "From: rosa@example.pe\nSubject: Pedido\nMessage-ID: <a=?utf-8?q?=0D=0ABcc:_victim@evil.test?=>",
    "separators of lines": "From: rosa@example.pe\nSubject: =?utf-8?q?Pedido=E2=80=A8Bcc:_victim=C2=85x=0B=0C?=",
}


@pytest.mark.parametrize("head", HOSTILE.values(), ids=HOSTILE.keys())
async def test_nothing_of_a_hostile_header_gets_into_that_of_the_answer(desk: Desk, sink: Sink, head: str) -> None:
    [sent] = await exchange(desk, sink, raw_mail(f"{head}\n\n{SECRET_WORDS}"))

    assert (sent.sender, sent.recipients) == (NULL_PATH, (ROSA,))
    assert list(sent.message.keys()) == [*BEFORE, *AFTER]
    block = sent.content.partition(b"\r\n\r\n")[0].lower()
    assert b"victim" not in block
    assert b"bcc:" not in block
    assert not {b"\r", b"\n"} & set(sent.content.replace(b"\r\n", b""))
    assert SECRET_WORDS not in plain_text(sent)


async def test_a_sender_who_can_be_read_in_two_ways_is_received_and_not_answered(desk: Desk, sink: Sink) -> None:
    head = "From: =?utf-8?q?Rosa=0D=0ABcc:_victim@evil.test?= <rosa@example.pe>\nSubject: Pedido"

    sent = await exchange(desk, sink, raw_mail(f"{head}\n\n{SECRET_WORDS}"))

    assert sent == []
    assert (await Notice.get()).reason == "NO_ADDRESS"
    assert await Tramite.all().count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"List_Id": "<vecinos.example.pe>"},
        {"X_Auto_Response_Suppress": "OOF"},
        {"Return_Path": "<>"},
        {"verdict": "fail"},
    ],
)
async def test_what_may_not_be_answered_is_received_and_gets_nothing(
    desk: Desk, sink: Sink, headers: dict[str, str]
) -> None:
    sent = await exchange(desk, sink, written(("solicitud.pdf", PDF), **headers))  # pyright: ignore[reportArgumentType]

    assert sent == []
    assert await Tramite.all().count() == 1
    assert [notice.state for notice in await Notice.all()] == [NoticeState.SUPPRESSED]


async def test_every_mail_of_a_flood_is_received_and_five_are_answered(desk: Desk, sink: Sink) -> None:
    contents = [written((f"{number}.pdf", PDF + b"%d" % number)) for number in range(8)]

    sent = await exchange(desk, sink, *contents)

    assert len(sent) == 5
    assert await Tramite.all().count() == 8
    assert await Attachment.all().count() == 8


async def test_an_empty_mail_is_told_why_and_given_nothing_back(desk: Desk, sink: Sink) -> None:
    [sent] = await exchange(desk, sink, raw_mail("From: rosa@example.pe\nMessage-ID: <9@example.pe>\n\n"))

    assert (sent.sender, sent.recipients) == (NULL_PATH, (ROSA,))
    assert list(sent.message.keys()) == [*BEFORE, *THREAD, *AFTER]
    assert sent.message["Subject"] == "No pudimos recibir su correo"
    assert "Su correo llegó vacío" in plain_text(sent)
    assert not list(sent.message.iter_attachments())


async def test_a_link_to_drive_instead_of_a_document_is_received_and_told(desk: Desk, sink: Sink) -> None:
    text = "Mi solicitud está en https://drive.google.com/file/d/1aB/view?usp=sharing"

    [sent] = await exchange(desk, sink, raw_mail(f"From: {ROSA}\nSubject: Solicitud\n\n{text}"))

    assert (await Tramite.get()).missing == [ONLY_LINKS]
    said = plain_text(sent)
    assert ONLY_LINKS in said
    assert "/completar/" in said
    assert "drive.google.com" not in said


async def test_a_mail_over_the_limit_is_completed_by_its_link_and_keeps_its_date(
    desk: Desk, sink: Sink, database: Database
) -> None:
    content = written(("enorme.pdf", PDF + b" " * 60_000))

    [told] = await exchange(desk, sink, content, longest_mail=30_000)

    before = await Tramite.get()
    assert (before.sent_at, before.missing) == (EARLIER, [TOO_LARGE])
    said = plain_text(told)
    assert TOO_LARGE in said
    link = next(word for word in said.split() if "/completar/" in word)
    assert len(told.content) < 200_000
    desk.clock.advance(days=2)
    async with in_process(desk.counter, make_feed(database)) as api:
        path = link.removeprefix(desk.means.tools.institution.public_url)
        shown = await api.http.get(path)
        files = {"main": ("enorme.pdf", PDF + b" " * 60_000, "application/pdf")}
        done = await api.http.post(path, files=files)
    assert TOO_LARGE in shown.text
    assert (done.status_code, DONE in done.text) == (200, True)
    known = len(sink.mails)
    await send_all(desk, sink)
    [certified] = sink.mails[known:]
    after = await Tramite.get()
    assert (after.sent_at, after.filed_on, after.missing) == (EARLIER, before.filed_on, [])
    name = f"constancia-de-documento-completado-{after.number}.pdf"
    assert [each.get_filename() for each in certified.message.iter_attachments()] == [name]
    assert (await Receipt.get(kind=ReceiptKind.COMPLETION)).facts["filed_on"] == before.filed_on.isoformat()
    assert SECRET not in (await Notice.get(kind=NoticeKind.SUBMISSION_RECEIPT)).detail
    assert link.encode() not in certified.content
