"""What a mail lacked is completed once, by whoever holds the link, and keeps its date."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest

from actions import completing, mail, tramites
from actions.answering import Answer
from actions.attachments import FiledFile
from actions.completing import Completion
from actions.corrections import MailedCorrection, correct_by_mail
from actions.mail_replies import COMPLETE
from actions.transaction import tx
from delivery.letters import enclosure_of, letter_of, receipt_with
from delivery.messages import compose
from mesadepartes.verifying import verify
from models.files import Content
from models.receipts import Notice, Receipt
from models.register import Entry
from models.tramites import Attachment, Tramite
from rules.access import Role
from rules.catalogue import AttachmentRole, ReceiptKind
from rules.completions import CompletionEmpty, MainStillMissing, NothingMissing
from rules.lifecycle import TramiteStatus
from rules.mail import MailOutcome, SuppressionReason
from rules.mail_links import LinkExpired, LinkUsed, NoSuchLink
from rules.mail_missing import NO_MAIN, NO_SUBJECT, WITHOUT_SUBJECT
from rules.notices import SECRET, NoticeKind, NoticeState
from rules.receipts import ReceiptFacts
from rules.refusals import InvalidInput
from rules.register import Act
from rules.throttling import Client
from rules.verdicts import Judgement
from tests.counter import MONDAY, PDF
from tests.database.test_mail import lease_of_inbox
from tests.database.test_verifying import unseen

if TYPE_CHECKING:
    from delivery.messages import Mail
    from tests.counter import Counter
    from tests.servers.postgres import Database

MAIL_AT = MONDAY - timedelta(hours=3)


async def arrive(counter: Counter, *, suppression: SuppressionReason | None = None, has_main: bool = False) -> Tramite:
    """Let a mail come without subject, and without files or with its main document."""
    main = await counter.tools.store.put_bytes(PDF + b"main")
    original = await counter.tools.store.put_bytes(b"From: maria@example.pe\r\n\r\nHola")
    received = mail.ReceivedMail(
        slot=mail.Slot(uidvalidity=7, uid=1),
        content_key="e" * 64,
        original=original,
        received_at=MAIL_AT,
        outcome=MailOutcome.FILED,
        contents=((main, Judgement()),) if has_main else (),
        filing=mail.MailFiling(
            subject=WITHOUT_SUBJECT,
            sender_name="María",
            sender_address="maria@example.pe",
            files=(FiledFile(AttachmentRole.MAIN, "pedido.pdf", main.sha256, main.size_bytes),) if has_main else (),
            missing=(NO_SUBJECT,) if has_main else (NO_MAIN, NO_SUBJECT),
            suppression=suppression,
            message_id="<1@example.pe>",
        ),
    )
    await mail.record_mail(counter.tools, await lease_of_inbox(), received)
    return await Tramite.get()


def text_of(mail: Mail) -> str:
    """Return what the mail says, as one line."""
    body = message_from_bytes(mail.content, policy=default).get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


async def link_of(tramite: Tramite) -> str:
    notice = await Notice.get(tramite_id=tramite.id, kind=NoticeKind.SUBMISSION_RECEIPT)
    return notice.detail[SECRET][COMPLETE]


async def brought(counter: Counter, name: str = "solicitud.pdf", data: bytes = PDF) -> completing.Brought:
    return completing.Brought(name, await counter.tools.store.put_bytes(data), Judgement())


async def complete(counter: Counter, link: str, **form: object) -> Tramite:
    completion = Completion(**form)  # pyright: ignore[reportArgumentType]
    return await completing.complete_filing(counter.tools, link, completion, client=Client("192.0.2.1"))


async def test_what_is_missing_is_added_and_the_dates_stay(counter: Counter) -> None:
    before = await arrive(counter)
    counter.clock.advance(days=3)

    after = await complete(counter, await link_of(before), main=await brought(counter), subject="Solicito copia")

    assert (after.sent_at, after.filed_on, after.filing_rule) == (before.sent_at, before.filed_on, before.filing_rule)
    assert (after.status, after.subject, after.missing) == (TramiteStatus.PENDING, "Solicito copia", [])
    file = await Attachment.get()
    assert (file.version, file.role, file.position, file.name) == (2, AttachmentRole.MAIN, 0, "solicitud.pdf")
    entry = await Entry.get(act=Act.COMPLETED)
    assert (entry.actor_id, entry.tramite_id, entry.detail["files"]) == (
        None,
        before.id,
        [{"position": 0, "sha256": file.content_id}],
    )
    notice = await Notice.get(kind=NoticeKind.COMPLETED)
    assert (notice.address, notice.state) == ("maria@example.pe", NoticeState.PENDING)
    assert after.revision == before.revision + 1


async def test_what_was_completed_has_a_receipt_that_goes_with_the_mail(counter: Counter, database: Database) -> None:
    before = await arrive(counter)
    counter.clock.advance(days=3)

    await complete(
        counter, await link_of(before), main=await brought(counter), annexes=(await brought(counter, "a.pdf"),)
    )

    receipt = await Receipt.get(kind=ReceiptKind.COMPLETION)
    facts = ReceiptFacts.from_json(receipt.facts)
    assert (facts.number, facts.sent_at, facts.filed_on, facts.acted_at) == (
        before.number,
        MAIL_AT,
        before.filed_on,
        MONDAY + timedelta(days=3),
    )
    assert (receipt.version, [(file.ordinal, file.name) for file in facts.files]) == (
        2,
        [(1, "solicitud.pdf"), (2, "a.pdf")],
    )
    assert facts.missing == (NO_SUBJECT,)
    notice = await Notice.get(kind=NoticeKind.COMPLETED).select_related("tramite__office", "user")
    receipt = await receipt_with(notice)
    assert receipt is not None
    enclosure = await enclosure_of(counter.tools, receipt)
    assert enclosure.name == f"constancia-de-documento-completado-{before.number}.pdf"
    sent = compose(letter_of(notice, receipt), counter.tools.institution, enclosure)
    text = text_of(sent)
    assert before.number in text
    assert "09/03/2026" in text
    assert "subsan" not in text.partition(" -- ")[0].lower()
    await verify(database.web_url, None, anchors=(), progress=unseen)


async def test_what_is_completed_without_a_file_and_corrected_later_has_a_receipt_for_each(
    counter: Counter, database: Database
) -> None:
    tramite = await arrive(counter, has_main=True)
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    await complete(counter, await link_of(tramite), subject="Solicito copia")
    await tramites.observe_tramite(counter.tools, clerk, tramite.id, text="Falta la firma.")
    async with tx() as connection:
        answer = Answer(None, None, None, SuppressionReason.NO_ADDRESS)
        said = MailedCorrection("Ya firmé.", ())
        await correct_by_mail(connection, counter.tools, tramite.id, said, answer=answer, at=counter.clock())

    assert {(each.kind, each.version) for each in await Receipt.all()} == {
        (ReceiptKind.SUBMISSION, 1),
        (ReceiptKind.COMPLETION, 2),
        (ReceiptKind.SUBMISSION, 2),
    }
    await verify(database.web_url, None, anchors=(), progress=unseen)


async def test_a_link_that_was_not_used_in_time_leaves_the_filing_with_its_date_and_what_it_lacks(
    counter: Counter,
) -> None:
    before = await arrive(counter)
    link = await link_of(before)
    letter = letter_of(await Notice.get(kind=NoticeKind.SUBMISSION_RECEIPT).select_related("tramite__office", "user"))
    told = text_of(compose(letter, counter.tools.institution))
    counter.clock.advance(days=7)

    with pytest.raises(LinkExpired) as refused:
        await complete(counter, link, main=await brought(counter))

    after = await Tramite.get()
    assert (after.filed_on, after.status, after.missing) == (before.filed_on, TramiteStatus.PENDING, before.missing)
    assert "conserva su fecha" in refused.value.message
    assert "sirve hasta el 16/03/2026 a las 10:00 (hora de Lima)" in told
    assert "sigue recibido con la misma fecha de presentación" in told
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    observed = await tramites.observe_tramite(counter.tools, clerk, before.id, text="Falta el documento principal.")
    assert (observed.status, observed.filed_on) == (TramiteStatus.OBSERVED, before.filed_on)


async def test_the_link_is_good_once(counter: Counter) -> None:
    tramite = await arrive(counter)
    link = await link_of(tramite)
    await complete(counter, link, main=await brought(counter))

    with pytest.raises(LinkUsed):
        await complete(counter, link, subject="Otro asunto")
    with pytest.raises(LinkUsed):
        await completing.open_completion(counter.tools, link)

    assert (await Tramite.get()).subject == WITHOUT_SUBJECT
    assert await Entry.filter(act=Act.COMPLETED).count() == 1


async def test_what_is_refused_leaves_the_link_good_and_nothing_changed(counter: Counter) -> None:
    tramite = await arrive(counter)
    link = await link_of(tramite)
    word = await brought(counter, "carta.docx", b"PK\x03\x04")

    with pytest.raises(CompletionEmpty):
        await complete(counter, link)
    with pytest.raises(MainStillMissing):
        await complete(counter, link, subject="Solicito copia")
    with pytest.raises(InvalidInput):
        await complete(counter, link, main=word)

    assert (await Tramite.get()).revision == tramite.revision
    assert (await Attachment.all().count(), await Notice.filter(kind=NoticeKind.COMPLETED).count()) == (0, 0)
    await complete(counter, link, main=await brought(counter), annexes=(word,))
    assert [file.position for file in await Attachment.all().order_by("position")] == [0, 1]


async def test_what_is_there_is_not_replaced(counter: Counter) -> None:
    tramite = await arrive(counter)
    await Tramite.all().update(subject="Pedido")
    link = await link_of(tramite)

    with pytest.raises(NothingMissing):
        await complete(counter, link, main=await brought(counter), subject="Otro")

    assert (await Tramite.get()).subject == "Pedido"


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "ñ" * 20, "\0" * 60])
async def test_a_link_that_was_not_given_completes_nothing(counter: Counter, token: str) -> None:
    await arrive(counter)

    with pytest.raises(NoSuchLink):
        await complete(counter, token, main=await brought(counter))

    assert await completing.find_completion(counter.tools, token) is None
    assert await Attachment.all().count() == 0


async def test_who_is_not_answered_is_given_no_link(counter: Counter) -> None:
    await arrive(counter, suppression=SuppressionReason.AUTO_SUBMITTED)

    assert SECRET not in (await Notice.get()).detail


async def test_files_of_no_use_are_given_up(counter: Counter) -> None:
    await arrive(counter)
    file = await brought(counter, data=PDF + b"x")

    await completing.give_up(counter.tools, [file])

    assert (await Content.get(sha256=file.content.sha256)).abandoned_at == counter.clock()


async def test_a_file_that_is_not_what_it_says_is_not_kept(counter: Counter) -> None:
    async def chunks(data: bytes):
        yield data

    with pytest.raises(InvalidInput):
        await completing.receive_file(counter.tools, "carta.pdf", chunks(b"MZ" * 20))
    with pytest.raises(InvalidInput):
        await completing.receive_file(counter.tools, "carta.exe", chunks(PDF))
    kept = await completing.receive_file(counter.tools, "../carta.pdf", chunks(PDF))

    assert kept.name == "carta.pdf"
    assert not await counter.tools.staging.older(counter.clock() + timedelta(days=9000))
