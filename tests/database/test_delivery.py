"""The delivery against a real database and a real SMTP server."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from actions import applicant, preferences, tramites
from actions.notices import LEASE, claim_notices
from delivery.smtp import Protection, Relay
from delivery.worker import Bell, Delivery
from models.bounces import BouncedAddress
from models.receipts import Notice
from models.tasks import Task
from rules.access import Role
from rules.notices import NoticeKind, NoticeState
from rules.tasks import TaskKind

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from tests.counter import Counter
    from tests.servers.sink import Sink

PATIENCE_SECONDS = 60.0


def relay_to(port: int) -> Relay:
    return Relay("127.0.0.1", port, "mesa.example.pe", Protection.OFF, command_seconds=5.0)


@asynccontextmanager
async def delivering(counter: Counter, port: int) -> AsyncGenerator[Bell]:
    """Run the delivery as long as the block lasts, then let it finish."""
    bell, stopping = Bell(), asyncio.Event()
    working = asyncio.create_task(Delivery(counter.tools, relay_to(port), bell, stopping).run())
    try:
        yield bell
    finally:
        stopping.set()
        bell.ring()
        await working


async def wait_for_notice(kind: NoticeKind, is_so: Callable[[Notice], bool]) -> Notice:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            notice = await Notice.get(kind=kind)
            if is_so(notice):
                return notice
            await asyncio.sleep(0.02)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_receipt_arrives_once_with_its_pdf(
    counter: Counter, sink: Sink, tmp_path: Path, pdf_text: Callable[[Path], str]
) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)

    async with delivering(counter, sink.port):
        mail = await sink.wait_for(lambda each: "Constancia" in str(each.message["Subject"]))
        notice = await wait_for_notice(NoticeKind.SUBMISSION_RECEIPT, lambda each: each.state is NoticeState.SENT)

    (attached,) = mail.message.iter_attachments()
    (tmp_path / "receipt.pdf").write_bytes(attached.get_content())
    assert tramite.number in pdf_text(tmp_path / "receipt.pdf")
    assert attached.get_filename() == f"constancia-{tramite.number}.pdf"
    assert mail.recipients == (tramite.contact_email,)
    assert mail.message["Message-ID"] == notice.message_id
    assert len([each for each in sink.attempts if each.message["Message-ID"] == notice.message_id]) == 1
    body = mail.message.get_body(("plain",))
    assert body is not None
    assert tramite.lookup_key in body.get_content()


async def test_mail_that_is_refused_for_now_is_sent_again_as_the_same_mail(counter: Counter, sink: Sink) -> None:
    await counter.register()
    sink.answer_next("451 4.7.1 Try later")

    async with delivering(counter, sink.port) as bell:
        await wait_for_notice(
            NoticeKind.WELCOME, lambda each: each.reason == "DATA 451 4.7.1" and each.leased_until is None
        )
        counter.clock.advance(minutes=2)
        bell.ring()
        await wait_for_notice(NoticeKind.WELCOME, lambda each: each.state is NoticeState.SENT)

    first, second = sink.attempts
    assert first.content == second.content


async def test_mail_that_is_refused_for_good_is_undeliverable(counter: Counter, sink: Sink) -> None:
    await counter.register()
    sink.answer_next("550 5.1.1 No such user")

    async with delivering(counter, sink.port):
        notice = await wait_for_notice(NoticeKind.WELCOME, lambda each: each.state is not NoticeState.PENDING)

    assert notice.state is NoticeState.UNDELIVERABLE
    assert notice.reason == "DATA 550 5.1.1"
    assert sink.mails == []


@pytest.mark.parametrize(
    ("answer", "is_marked"),
    [
        ("550 5.1.1 No such user", True),
        ("550 5.2.1 Mailbox disabled", True),
        ("554 5.7.1 Blocked for policy reasons, see 5.1.1", False),
        ("552 5.2.2 Mailbox full", False),
        ("550 No such user", False),
        ("550 Blocked, see 5.1.1 of our policy", False),
        ("553 5.1.8 Sender address rejected", False),
    ],
)
async def test_only_a_refusal_of_the_address_itself_marks_it(counter: Counter, answer: str, is_marked: bool) -> None:
    await counter.register()
    async with refusing_recipients(answer) as port, delivering(counter, port):
        notice = await wait_for_notice(NoticeKind.WELCOME, lambda each: each.state is not NoticeState.PENDING)

    assert notice.state is NoticeState.UNDELIVERABLE
    assert await BouncedAddress.exists(address=notice.address) is is_marked
    assert await Task.filter(kind=TaskKind.ADDRESS_BOUNCED).count() == int(is_marked)


async def test_a_refusal_for_now_marks_nothing_whatever_it_says(counter: Counter) -> None:
    await counter.register()
    async with refusing_recipients("450 4.1.1 Greylisted") as port, delivering(counter, port):
        notice = await wait_for_notice(NoticeKind.WELCOME, lambda each: each.reason is not None)

    assert (notice.state, notice.reason) == (NoticeState.PENDING, "RCPT 450 4.1.1")
    assert not await BouncedAddress.exists()


async def test_a_slow_address_holds_one_sender_only(counter: Counter) -> None:
    slow = await counter.register(email="slow@example.pe")
    for _ in range(6):
        await counter.file(slow)
    counter.clock.advance(seconds=1)
    await counter.file(await counter.register(email="quick@example.pe"))

    async with stalling_for("slow@example.pe") as stall, delivering(counter, stall.port):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await Notice.filter(address="quick@example.pe", state=NoticeState.SENT).count() < 2:
                await asyncio.sleep(0.02)
        held = stall.held
        stall.release()

    assert held == 1


async def test_courtesy_that_is_not_wanted_is_not_sent(counter: Counter, sink: Sink) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    maria = await counter.register()
    await preferences.set_notice_preferences(counter.tools, maria, wants_courtesy_notices=False)
    tramite = await counter.file(maria)
    await tramites.observe_tramite(counter.tools, clerk, (await counter.file(maria)).id, text="Falta la firma.")
    await applicant.update_tramite(counter.tools, maria, tramite.id, applicant.MainData(folios=7))
    await tramites.refer_tramite(counter.tools, clerk, tramite.id, office_code="CUSCO", text=None)

    async with delivering(counter, sink.port):
        updated = await wait_for_notice(NoticeKind.UPDATED, lambda each: each.state is not NoticeState.PENDING)
        referred = await wait_for_notice(NoticeKind.REFERRED, lambda each: each.state is not NoticeState.PENDING)
        observed = await wait_for_notice(NoticeKind.OBSERVED, lambda each: each.state is not NoticeState.PENDING)

    assert (updated.state, updated.reason) == (NoticeState.SUPPRESSED, "PREFERENCE")
    assert (observed.state, referred.state) == (NoticeState.SENT, NoticeState.SENT)
    [brought] = [each for each in sink.attempts if "derivado" in str(each.message["Subject"])]
    assert [part.get_filename() for part in brought.message.walk() if part.get_filename()] == [
        f"cargo-{tramite.number}.pdf"
    ]
    assert not any("actualizaron" in str(each.message["Subject"]) for each in sink.attempts)


async def test_server_that_cannot_be_reached_costs_an_attempt_only(counter: Counter) -> None:
    await counter.register()

    async with delivering(counter, unused_port()):
        notice = await wait_for_notice(NoticeKind.WELCOME, lambda each: each.reason is not None)

    assert notice.state is NoticeState.PENDING
    assert notice.next_try_at == counter.clock() + timedelta(minutes=1)


async def test_notice_that_breaks_us_does_not_stop_the_others(counter: Counter, sink: Sink) -> None:
    maria = await counter.register()
    await counter.file(maria)
    await Notice.filter(kind=NoticeKind.WELCOME).update(user_id=None)

    async with delivering(counter, sink.port):
        broken = await wait_for_notice(NoticeKind.WELCOME, lambda each: each.reason is not None)
        await sink.wait_for(lambda each: "Constancia" in str(each.message["Subject"]))

    assert (broken.state, broken.reason) == (NoticeState.PENDING, "INTERNAL")


async def test_address_that_cannot_be_written_to_is_undeliverable(counter: Counter, sink: Sink) -> None:
    await counter.register()
    await Notice.filter(kind=NoticeKind.WELCOME).update(address="a@b.pe, c@d.pe")

    async with delivering(counter, sink.port):
        notice = await wait_for_notice(NoticeKind.WELCOME, lambda each: each.state is not NoticeState.PENDING)

    assert (notice.state, notice.reason) == (NoticeState.UNDELIVERABLE, "INVALID_ADDRESS")
    assert sink.attempts == []


async def test_mail_of_a_delivery_that_died_is_sent_by_the_next(counter: Counter, sink: Sink) -> None:
    await counter.register()
    (dead,) = await claim_notices(counter.tools, uuid4(), most=1)

    async with delivering(counter, sink.port) as bell:
        counter.clock.advance(seconds=LEASE.total_seconds() + 1)
        bell.ring()
        mail = await sink.wait_for()

    assert mail.message["Message-ID"] == dead.message_id


@pytest.mark.parametrize("server", ["drops", "stalls", "talks nonsense"])
async def test_server_that_misbehaves_after_the_data_is_tried_again(counter: Counter, server: str) -> None:
    """The server may have the mail: only a repetition with the same Message-ID is right."""
    await counter.register()
    async with odd_server(server) as port, delivering(counter, port):
        notice = await wait_for_notice(NoticeKind.WELCOME, lambda each: each.reason is not None)

    assert notice.state is NoticeState.PENDING


@asynccontextmanager
async def odd_server(behaviour: str) -> AsyncGenerator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 odd\r\n")
        while line := await reader.readline():
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                await _answer(behaviour, reader, writer)
                break
            writer.write(b"250 odd\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def refusing_recipients(answer: str) -> AsyncGenerator[int]:
    """Serve SMTP that refuses every recipient with *answer*."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 strict\r\n")
        while line := await reader.readline():
            writer.write(answer.encode() + b"\r\n" if line.upper().startswith(b"RCPT") else b"250 Ok\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


class Stall:
    """An SMTP server that lets mails to one address wait, and counts those that wait at once."""

    def __init__(self, address: str) -> None:
        self.port = 0
        self.held = 0
        self.release_now = asyncio.Event()
        self._address = address.encode().upper()

    def release(self) -> None:
        """Go on with those that wait."""
        self.release_now.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        writer.write(b"220 slow\r\n")
        while line := (await reader.readline()).upper():
            if line.startswith(b"RCPT") and self._address in line:
                self.held += 1
                await self.release_now.wait()
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
            writer.write(b"250 Ok\r\n")
        writer.close()


@asynccontextmanager
async def stalling_for(address: str) -> AsyncGenerator[Stall]:
    stall = Stall(address)
    server = await asyncio.start_server(stall.serve, "127.0.0.1", 0, limit=2**24)
    stall.port = server.sockets[0].getsockname()[1]
    try:
        yield stall
    finally:
        stall.release()
        server.close()


async def _answer(behaviour: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    match behaviour:
        case "stalls":
            await reader.read()
        case "talks nonsense":
            writer.write(b"\xff\xfe what?\r\n")
        case _:
            return
