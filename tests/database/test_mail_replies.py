"""What the writer of a mail gets: a correction filed, a status told, a refusal, or nothing; and never too much."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import pytest_asyncio

from actions import answering, mail, notices, tramites
from actions.mail_replies import COMPLETE
from actions.stray_replies import CONFIRM_TO_ADD, NOT_ADDED
from delivery.letters import letter_of
from delivery.messages import compose
from delivery.worker import Alarm
from files.jail import Jail
from intake import reception, wording
from intake.parsing import PARSE, parse_json
from intake.proof import OwnServers
from intake.spool import Spool
from models.mail import MailItem, MailSlot
from models.receipts import Notice, Receipt
from models.register import Entry
from models.tramites import Attachment, Tramite
from rules.access import Role
from rules.lifecycle import TramiteStatus
from rules.mail import MailOutcome, SuppressionReason
from rules.mail_answers import BREAKER_LIMIT
from rules.notices import SECRET, NoticeKind, NoticeState
from rules.register import Act
from tests.counter import MONDAY, PDF
from tests.database.test_mail import lease_of_inbox
from tests.lasting_jail import ANYWHERE
from tests.unit.intake.mails import write_mail

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime
    from pathlib import Path

    from actions.mail import Lease
    from tests.counter import Counter

SERVER = "mx.example.pe"
MARIA = "maria@example.pe"


class OpenJail(Jail):
    """A jail without walls: parsing is done here."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Parse."""
        assert (function, timeout > timedelta()) == (PARSE, True)
        return parse_json(argument)


@dataclass
class Inbox:
    """A mailbox whose mails are taken in one by one."""

    counter: Counter
    means: reception.Means
    lease: Lease
    folder: Path
    uid: int = 0

    async def take(self, content: bytes, *, at: datetime = MONDAY, is_header: bool = False) -> MailItem:
        """Take a mail in, and return what became of it."""
        self.uid += 1
        path = self.folder / f"{self.uid}.eml"
        path.write_bytes(content)
        key = hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()
        arrival = reception.Arrival(mail.Slot(7, self.uid), path, key, at)
        receive = reception.receive_header if is_header else reception.receive
        item = await receive(self.means, self.lease, arrival)
        return await MailItem.get(id=item.id)

    async def observed(self, *, sender: str = MARIA) -> Tramite:
        """Return a trámite that came by mail and was observed."""
        item = await self.take(written(sender=sender, subject="Pedido", files=(("pedido.pdf", PDF),)))
        clerk = await self.counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
        assert item.tramite_id is not None
        await tramites.observe_tramite(self.counter.tools, clerk, item.tramite_id, text="Falta la firma.")
        await self.counter.deliver()
        return await Tramite.get(id=item.tramite_id)


@pytest_asyncio.fixture
async def inbox(counter: Counter, tmp_path: Path) -> AsyncGenerator[Inbox]:
    """Return an empty mailbox, whose server says who sent a mail."""
    jail = OpenJail([PARSE], reads=ANYWHERE)
    means = reception.Means(counter.tools, jail, Spool(tmp_path / "spool"), OwnServers(frozenset({SERVER})))
    yield Inbox(counter, means, await lease_of_inbox(), tmp_path)
    await jail.close()


def written(
    *,
    sender: str = MARIA,
    subject: str = "Solicito copia",
    text: str = "Buenos días.",
    files: tuple[tuple[str, bytes], ...] = (),
    answers: str | None = None,
    verdict: str | None = "pass",
    **headers: str,
) -> bytes:
    """Return a mail; *verdict* is what our own server found of its sender."""
    message = write_mail(*files, sender=sender, subject=subject, text=text)
    del message["Message-ID"]
    message["Message-ID"] = f"<{uuid4().hex}@example.pe>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    domain = sender.rpartition("@")[2].strip(">")
    seal = f"Authentication-Results: {SERVER}; dmarc={verdict} header.from={domain}\r\n" if verdict else ""
    thread = f"In-Reply-To: {answers}\r\n" if answers else ""
    return (seal + thread).encode() + message.as_bytes()


async def question_of(tramite: Tramite) -> str:
    return (await Notice.get(tramite_id=tramite.id, kind=NoticeKind.OBSERVED)).message_id


async def test_a_reply_with_the_token_from_the_party_files_the_correction(inbox: Inbox) -> None:
    before = await inbox.observed()
    answered = await question_of(before)
    inbox.counter.clock.advance(hours=5)

    item = await inbox.take(
        written(
            subject="Re: Su trámite tiene observaciones",
            text="Adjunto lo firmado.\n\nEl lun, 9 mar 2026 a las 10:00, Mesa <m@e.pe> escribió:\n> Revisamos",
            files=(("firmado.pdf", PDF + b"2"),),
            answers=answered,
        ),
        at=MONDAY + timedelta(hours=4),
    )

    tramite = await Tramite.get()
    assert (item.outcome, item.tramite_id, item.suppression) == (MailOutcome.REPLY, tramite.id, None)
    assert (tramite.status, tramite.filed_on) == (TramiteStatus.PENDING, before.filed_on)
    assert [(file.version, file.position, file.name) for file in await Attachment.all().order_by("version")] == [
        (1, 0, "pedido.pdf"),
        (2, 0, "firmado.pdf"),
    ]
    entry = await Entry.get(act=Act.CORRECTED)
    assert (entry.at, entry.role, entry.actor_id) == (MONDAY + timedelta(hours=4), Role.APPLICANT, None)
    notice = await Notice.get(kind=NoticeKind.CORRECTED)
    assert (notice.id, notice.address, notice.state) == (item.notice_id, MARIA, NoticeState.PENDING)
    assert notice.detail["correction"] == "Adjunto lo firmado."
    assert await Receipt.filter(version=2).count() == 1
    assert compose(await fetched(notice), inbox.counter.tools.institution).sender == ""


async def fetched(notice: Notice):
    await notice.fetch_related("user", "tramite__office", "tramite__applicant")
    return letter_of(notice)


async def test_an_annex_takes_the_place_of_that_of_its_name_or_a_new_one(inbox: Inbox) -> None:
    before = await inbox.observed()
    await Attachment.create(
        tramite=before, role="ANNEX", position=1, name="Anexo 1.pdf", content_id=(await Attachment.get()).content_id,
        size_bytes=1,
    )  # fmt: skip

    await inbox.take(
        written(
            files=(("a.pdf", PDF + b"2"), ("anexo 1.PDF", PDF + b"3"), ("anexo 2.pdf", PDF + b"4")),
            answers=await question_of(before),
        )
    )

    added = await Attachment.filter(version=2).order_by("position")
    assert [(file.position, file.name) for file in added] == [(0, "a.pdf"), (1, "anexo 1.PDF"), (2, "anexo 2.pdf")]


@pytest.mark.parametrize("verdict", [None, "none", "fail"])
async def test_a_reply_that_nobody_vouches_for_is_a_filing_with_a_hint(inbox: Inbox, verdict: str | None) -> None:
    before = await inbox.observed()

    item = await inbox.take(
        written(files=(("firmado.pdf", PDF + b"2"),), answers=await question_of(before), verdict=verdict)
    )

    assert (item.outcome, item.hint_id) == (MailOutcome.FILED, before.id)
    assert item.tramite_id not in (None, before.id)
    assert (await Tramite.get(id=before.id)).status is TramiteStatus.OBSERVED
    notice = await Notice.get(id=item.notice_id)
    if verdict == "fail":
        assert (notice.state, notice.reason) == (NoticeState.SUPPRESSED, "FORGED")
    else:
        assert notice.detail["hint"] == CONFIRM_TO_ADD


async def test_a_reply_of_somebody_else_with_the_token_is_a_filing_of_theirs(inbox: Inbox) -> None:
    before = await inbox.observed()

    item = await inbox.take(
        written(sender="eva@evil.test", files=(("x.pdf", PDF + b"2"),), answers=await question_of(before))
    )

    assert (item.outcome, item.hint_id) == (MailOutcome.FILED, before.id)
    assert (await Tramite.get(id=before.id)).status is TramiteStatus.OBSERVED
    assert (await Tramite.get(id=item.tramite_id)).contact_email == "eva@evil.test"
    assert (await Notice.get(id=item.notice_id)).detail["hint"] == NOT_ADDED


async def test_a_token_with_one_letter_changed_answers_nothing(inbox: Inbox) -> None:
    before = await inbox.observed()
    answered = await question_of(before)
    place = answered.index("@") - 5
    forged = answered[:place] + ("a" if answered[place] != "a" else "b") + answered[place + 1 :]

    item = await inbox.take(written(files=(("x.pdf", PDF + b"2"),), answers=forged))

    assert (item.outcome, item.hint_id) == (MailOutcome.FILED, None)
    assert (await Tramite.get(id=before.id)).status is TramiteStatus.OBSERVED


async def test_a_number_in_the_subject_answers_nothing(inbox: Inbox) -> None:
    before = await inbox.observed()

    item = await inbox.take(written(subject=f"Re: Su trámite {before.number}", files=(("x.pdf", PDF + b"2"),)))

    assert (item.outcome, item.hint_id) == (MailOutcome.FILED, None)


async def test_the_address_with_the_token_is_enough_beside_the_proof(inbox: Inbox) -> None:
    before = await inbox.observed()
    token = (await question_of(before)).partition("@")[0].rpartition(".")[2]

    item = await inbox.take(written(files=(("x.pdf", PDF + b"2"),), Cc=f"MesaDePartes+{token.upper()}@example.pe"))

    assert (item.outcome, item.tramite_id) == (MailOutcome.REPLY, before.id)


async def test_a_reply_out_of_time_is_a_filing_and_says_why(inbox: Inbox) -> None:
    before = await inbox.observed()
    answered = await question_of(before)
    inbox.counter.clock.advance(days=10)

    item = await inbox.take(written(files=(("x.pdf", PDF + b"2"),), answers=answered), at=MONDAY + timedelta(days=10))

    assert (item.outcome, item.hint_id) == (MailOutcome.FILED, before.id)
    notice = await Notice.get(id=item.notice_id)
    assert "venció" in notice.detail["hint"]
    assert (await Tramite.get(id=before.id)).status is TramiteStatus.OBSERVED
    assert await Attachment.filter(tramite_id=before.id).count() == 1


async def test_a_correction_by_mail_counts_from_when_our_server_had_it(inbox: Inbox) -> None:
    before = await inbox.observed()
    answered = await question_of(before)
    inbox.counter.clock.advance(days=10)

    item = await inbox.take(written(files=(("x.pdf", PDF + b"2"),), answers=answered), at=MONDAY + timedelta(days=1))

    assert (item.outcome, item.tramite_id) == (MailOutcome.REPLY, before.id)


async def test_the_proven_party_is_told_the_status(inbox: Inbox) -> None:
    filed = await inbox.take(written(files=(("pedido.pdf", PDF),)))
    tramite = await Tramite.get()

    item = await inbox.take(written(subject=f"Estado {tramite.number.lower()}"))

    assert (item.outcome, item.reason, item.tramite_id) == (MailOutcome.REPLY, "STATUS", filed.tramite_id)
    notice = await Notice.get(id=item.notice_id)
    assert (notice.kind, notice.address) == (NoticeKind.MAIL_STATUS, MARIA)
    sent = compose(await fetched(notice), inbox.counter.tools.institution)
    assert (sent.sender, sent.recipient) == ("", MARIA)
    assert b"pendiente de validaci=C3=B3n" in sent.content
    assert tramite.lookup_key.encode() not in sent.content
    assert await Tramite.all().count() == 1


async def test_the_first_words_ask_as_well_and_a_longer_mail_is_a_document(inbox: Inbox) -> None:
    filed = await inbox.take(written(files=(("pedido.pdf", PDF),)))
    number = (await Tramite.get()).number
    short = number.removeprefix("MPD-")[:-2]

    asked = await inbox.take(written(subject="Consulta", text=f"Estado del expediente {short}\n\nGracias."))
    said = await inbox.take(written(subject=f"ESTADO {number}", text="Solicito que se me informe. " * 30))
    brought = await inbox.take(written(subject=f"ESTADO {number}", files=(("virus.exe", b"MZ" * 40),)))

    assert (asked.outcome, asked.reason, asked.tramite_id) == (MailOutcome.REPLY, "STATUS", filed.tramite_id)
    assert [item.outcome for item in (said, brought)] == [MailOutcome.FILED] * 2


async def test_questions_count_among_the_answers_of_a_day(inbox: Inbox) -> None:
    items = [
        await inbox.take(written(subject=f"ESTADO MPD-2026-00000{number}", verdict=None)) for number in range(1, 7)
    ]

    assert [item.suppression for item in items] == [None] * 5 + [SuppressionReason.TOO_MANY]
    assert {notice.kind for notice in await Notice.all()} == {NoticeKind.MAIL_STATUS_UNTOLD}


async def test_nobody_else_is_told_whether_there_is_such_a_tramite(inbox: Inbox) -> None:
    await inbox.take(written(files=(("pedido.pdf", PDF),)))
    number = (await Tramite.get()).number
    asked = [
        written(subject=f"ESTADO {number}", sender="eva@evil.test"),
        written(subject=f"ESTADO {number}", verdict=None),
        written(subject="ESTADO MPD-2026-000009-X", sender="eva@evil.test"),
    ]

    items = [await inbox.take(content) for content in asked]

    told = [await Notice.get(id=item.notice_id) for item in items]
    assert {(item.outcome, item.reason, item.tramite_id, item.hint_id) for item in items} == {
        (MailOutcome.REJECTED, "STATUS", None, None)
    }
    assert {tuple(notice.detail["reasons"]) for notice in told} == {(wording.STATUS_ELSEWHERE,)}
    texts = [compose(await fetched(notice), inbox.counter.tools.institution).content for notice in told]
    assert not any(number.encode() in text or b"MPD-2026" in text for text in texts)


async def test_a_question_with_a_document_is_a_filing(inbox: Inbox) -> None:
    item = await inbox.take(written(subject="ESTADO MPD-2026-000001-M", files=(("pedido.pdf", PDF),)))

    assert item.outcome is MailOutcome.FILED


async def test_an_empty_mail_is_refused_with_its_reason_and_nothing_of_it(inbox: Inbox) -> None:
    item = await inbox.take(written(subject="", text=""))

    assert (item.outcome, item.reason, item.suppression) == (MailOutcome.REJECTED, "EMPTY", None)
    notice = await Notice.get(id=item.notice_id)
    assert (notice.kind, notice.detail["reasons"]) == (NoticeKind.MAIL_REFUSED, [wording.EMPTY])
    sent = compose(await fetched(notice), inbox.counter.tools.institution)
    assert sent.sender == ""
    assert b"Auto-Submitted: auto-replied" in sent.content
    assert await Tramite.all().count() == 0


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto_Submitted": "auto-generated"}, SuppressionReason.AUTO_SUBMITTED),
        ({"Return_Path": "<>"}, SuppressionReason.NULL_RETURN_PATH),
        ({"Precedence": "list"}, SuppressionReason.BULK),
        ({"List_Id": "<vecinos.example.pe>"}, SuppressionReason.MAILING_LIST),
        ({"verdict": "fail"}, SuppressionReason.FORGED),
        ({"sender": "noreply@example.pe"}, SuppressionReason.ROBOT_ADDRESS),
    ],
)
async def test_machines_lists_and_forgers_are_answered_nothing(
    inbox: Inbox, headers: dict[str, str], reason: SuppressionReason
) -> None:
    contents = [
        written(subject="", text="", **headers),  # pyright: ignore[reportArgumentType]
        written(files=(("pedido.pdf", PDF),), **headers),  # pyright: ignore[reportArgumentType]
        written(subject="ESTADO MPD-2026-000001-M", **headers),  # pyright: ignore[reportArgumentType]
    ]

    items = [await inbox.take(content) for content in contents]

    assert {item.suppression for item in items} == {reason}
    assert await Notice.exclude(state=NoticeState.SUPPRESSED).count() == 0


async def test_a_mail_too_large_is_received_with_its_date_and_completed_by_link(inbox: Inbox) -> None:
    header = written(files=(("enorme.pdf", PDF),)).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    item = await inbox.take(header, at=MONDAY - timedelta(hours=2), is_header=True)

    tramite = await Tramite.get()
    assert (item.outcome, item.reason, item.tramite_id) == (MailOutcome.FILED, "TOO_LARGE", tramite.id)
    assert (tramite.sent_at, tramite.missing) == (MONDAY - timedelta(hours=2), [wording.TOO_LARGE])
    notice = await Notice.get(id=item.notice_id)
    sent = compose(await fetched(notice), inbox.counter.tools.institution)
    link = notice.detail[SECRET][COMPLETE]
    assert f"/completar/{link}".encode() in sent.content.replace(b"=\r\n", b"")


async def test_a_machine_s_mail_too_large_goes_to_a_person(inbox: Inbox) -> None:
    header = written(Auto_Submitted="auto-generated").partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    item = await inbox.take(header, is_header=True)

    assert (item.outcome, item.reason) == (MailOutcome.QUARANTINED, "TOO_LARGE")
    assert await Notice.all().count() == 0


async def test_an_address_is_answered_five_times_a_day_however_it_is_written(inbox: Inbox) -> None:
    senders = ["maria@example.pe", "Maria@Example.pe", "maria+1@example.pe", "maria+2@example.pe", "MARIA@example.pe"]
    for number, sender in enumerate([*senders, "maria+3@example.pe"]):
        await inbox.take(written(sender=sender, text=f"{number}"))

    assert [item.suppression for item in await MailItem.all().order_by("recorded_at", "suppression")].count(
        SuppressionReason.TOO_MANY
    ) == 1
    inbox.counter.clock.advance(hours=25)
    assert (await inbox.take(written(text="mañana"))).suppression is None


async def test_every_mail_has_exactly_one_decision_about_its_answer(inbox: Inbox) -> None:
    await inbox.observed()
    for content in (written(), written(subject="", text=""), written(Precedence="bulk"), written(verdict="fail")):
        await inbox.take(content)
        await inbox.take(content)

    for item in await MailItem.all():
        notice = await Notice.get_or_none(id=item.notice_id)
        is_answered = notice is not None and notice.state is not NoticeState.SUPPRESSED
        assert is_answered is (item.suppression is None)
    assert await MailSlot.filter(duplicate=True).count() == 4


async def test_two_hundred_answers_leave_in_ten_minutes_and_the_rest_waits(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    template = notices.notice_of(
        counter.tools, NoticeKind.MAIL_REFUSED, address="x@example.pe", answer_key=b"k" * 16, detail={"reasons": []}
    )
    for number in range(BREAKER_LIMIT):
        await notices.promise(
            counter.tools, template.kind, address=f"{number}@example.pe", answer_key=b"k" * 16, detail={"reasons": []}
        )
    await notices.promise(counter.tools, NoticeKind.WELCOME, address="w@example.pe")
    await counter.deliver()
    await counter.deliver()
    await counter.deliver()
    waiting = await notices.promise(counter.tools, template.kind, address="y@example.pe", answer_key=b"k" * 16)

    assert await notices.claim_notices(counter.tools, uuid4(), most=5) == []
    assert await answering.held_answers(counter.tools) == 1
    alarm = Alarm()
    await alarm.look(counter.tools)
    await alarm.look(counter.tools)
    counter.clock.advance(minutes=10)
    claimed = await notices.claim_notices(counter.tools, uuid4(), most=5)

    assert [notice.id for notice in claimed] == [waiting.id]
    assert await Notice.filter(state=NoticeState.SENT).count() == BREAKER_LIMIT + 1
    assert [record.levelname for record in caplog.records if record.name == "delivery.worker"] == ["ERROR"]


@pytest.mark.parametrize(
    "hostile",
    [
        "=?utf-8?q?Pedido=0D=0ABcc:_victim@evil.test?=",
        "Pedido\r\n Bcc: victim@evil.test",
        "=?utf-8?b?UGVkaWRvDQpCY2M6IHZpY3RpbUBldmlsLnRlc3Q=?=",
    ],
)
async def test_a_hostile_subject_or_name_puts_no_header_into_the_answer(inbox: Inbox, hostile: str) -> None:
    raw = (
        f'From: "{hostile if "?" in hostile else "x"}" <{MARIA}>\r\nSubject: {hostile}\r\n'
        f"Message-ID: <a=?utf-8?q?=0D=0ABcc:_v?=@e.pe>\r\n\r\nHola.\r\n"
    ).encode()

    item = await inbox.take(raw)

    assert item.outcome is MailOutcome.FILED
    sent = compose(await fetched(await Notice.get(id=item.notice_id)), inbox.counter.tools.institution)
    head = sent.content.partition(b"\r\n\r\n")[0].lower()
    # With its colon: the boundary is made of hexadecimal digits, among which the three letters may come by chance.
    assert b"bcc:" not in head
    assert b"victim" not in head
    assert b"\r" not in sent.content.replace(b"\r\n", b"")
