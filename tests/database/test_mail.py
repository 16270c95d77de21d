"""A mail ends in one outcome, whatever is delivered twice, read twice, or written by a worker that lost its mailbox."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from actions import mail
from actions.attachments import FiledFile
from actions.contents import sweep_contents
from actions.mailboxes import MailboxState, keep_mailbox
from models.files import Content
from models.mail import Mailbox, MailItem, MailSlot
from models.receipts import Notice
from models.tramites import Attachment, Tramite
from reading.mail import item_of, pending_moves, settled_among
from rules.catalogue import AttachmentRole, Channel
from rules.lifecycle import TramiteStatus
from rules.mail import MailOutcome, SuppressionReason
from rules.notices import NoticeState
from rules.verdicts import Judgement
from tests.counter import MONDAY, PDF
from tests.stores import path_of

if TYPE_CHECKING:
    from tests.counter import Counter


OURS = "mesadepartes@example.pe"


async def lease_of_inbox(folder: str = "INBOX", *, account: str = OURS) -> mail.Lease:
    mailbox = await mail.open_mailbox(account=account, folder=folder, office_code="SEDE-CENTRAL")
    lease = await mail.take_lease(mailbox.id, holder=uuid4())
    assert lease is not None
    return lease


async def a_mail(counter: Counter, *, uid: int = 1, content: str = "a") -> mail.ReceivedMail:
    original = await counter.tools.store.put_bytes(f"From: maria@example.pe\r\n\r\n{content}".encode())
    main = await counter.tools.store.put_bytes(PDF + content.encode())
    return mail.ReceivedMail(
        slot=mail.Slot(uidvalidity=7, uid=uid),
        content_key=content * 64,
        original=original,
        received_at=MONDAY - timedelta(minutes=5),
        outcome=MailOutcome.FILED,
        contents=((main, Judgement()),),
        filing=mail.MailFiling(
            subject="Pedido de copia",
            sender_name="María",
            sender_address="maria@example.pe",
            files=(FiledFile(AttachmentRole.MAIN, "pedido.pdf", main.sha256, main.size_bytes),),
            missing=("Indique su documento de identidad.",),
            suppression=None,
            message_id="<1@example.pe>",
        ),
    )


async def test_a_mail_becomes_a_pending_tramite_of_nobody_with_a_receipt_promised(counter: Counter) -> None:
    lease = await lease_of_inbox()

    item = await mail.record_mail(counter.tools, lease, await a_mail(counter))

    tramite = await Tramite.get()
    assert (tramite.status, tramite.channel, tramite.applicant_id, tramite.missing) == (
        TramiteStatus.PENDING,
        Channel.EMAIL,
        None,
        ["Indique su documento de identidad."],
    )
    assert tramite.sent_at == MONDAY - timedelta(minutes=5)
    assert (await Attachment.get()).name == "pedido.pdf"
    notice = await Notice.get()
    assert (notice.address, notice.in_reply_to, notice.state) == (
        "maria@example.pe",
        "<1@example.pe>",
        NoticeState.PENDING,
    )
    assert (await MailItem.get(id=item.id)).tramite_id == tramite.id
    assert await settled(lease, now=counter.clock()) == {1}


async def test_the_clock_of_the_mail_server_is_not_believed_beyond_now(counter: Counter) -> None:
    lease = await lease_of_inbox()
    early = replace(await a_mail(counter), received_at=MONDAY + timedelta(days=1))

    await mail.record_mail(counter.tools, lease, early)

    assert (await Tramite.get()).sent_at == MONDAY


async def test_the_same_slot_again_changes_nothing(counter: Counter) -> None:
    lease = await lease_of_inbox()
    received = await a_mail(counter)
    await mail.record_mail(counter.tools, lease, received)

    await mail.record_mail(counter.tools, lease, received)

    assert (await Tramite.all().count(), await MailSlot.all().count(), await Notice.all().count()) == (1, 1, 1)
    assert not (await MailSlot.get()).duplicate


async def test_what_a_mail_brought_is_never_swept_and_what_a_duplicate_brought_is(counter: Counter) -> None:
    lease, first, other = await lease_of_inbox(), await a_mail(counter), await a_mail(counter, uid=2, content="b")
    await mail.record_mail(counter.tools, lease, first)
    await mail.record_mail(counter.tools, lease, replace(other, content_key=first.content_key))
    assert await Content.filter(abandoned_at=counter.clock()).count() == 2
    await Content.all().update(abandoned_at=counter.clock())
    for content in await Content.all():
        os.utime(path_of(counter.tools.store, content.sha256), (0, 0))
    counter.clock.advance(hours=6)

    swept = await sweep_contents(counter.tools)

    kept = {first.original.sha256, first.contents[0][0].sha256}
    assert swept == 2
    assert {content.sha256 for content in await Content.all()} == kept
    assert [await counter.tools.store.exists(sha256) for sha256 in kept] == [True, True]


async def test_the_same_content_in_another_slot_is_a_duplicate(counter: Counter) -> None:
    lease = await lease_of_inbox()
    first = await mail.record_mail(counter.tools, lease, await a_mail(counter, uid=1))

    second = await mail.record_mail(counter.tools, lease, await a_mail(counter, uid=2))

    assert second.id == first.id
    assert (await Tramite.all().count(), await Notice.all().count()) == (1, 1)
    assert [(slot.uid, slot.duplicate) for slot in await MailSlot.all().order_by("uid")] == [(1, False), (2, True)]


async def test_two_mails_with_one_message_id_are_two_filings(counter: Counter) -> None:
    lease = await lease_of_inbox()

    await mail.record_mail(counter.tools, lease, await a_mail(counter, uid=1, content="a"))
    await mail.record_mail(counter.tools, lease, await a_mail(counter, uid=2, content="b"))

    assert await Tramite.all().count() == 2


async def test_the_same_content_at_once_is_filed_once(counter: Counter) -> None:
    lease = await lease_of_inbox()
    mails = [await a_mail(counter, uid=uid) for uid in range(1, 5)]

    await asyncio.gather(*(mail.record_mail(counter.tools, lease, received) for received in mails))

    assert (await Tramite.all().count(), await MailSlot.all().count()) == (1, 4)


async def test_the_same_content_in_two_folders_at_once_is_filed_once(counter: Counter) -> None:
    leases = [await lease_of_inbox(folder) for folder in ("INBOX", "Oficina", "Otra")]
    received = await a_mail(counter)

    items = await asyncio.gather(*(mail.record_mail(counter.tools, lease, received) for lease in leases))

    assert len({item.id for item in items}) == 1
    assert (await Tramite.all().count(), await Notice.all().count(), await MailSlot.all().count()) == (1, 1, 3)
    [first] = await MailSlot.filter(duplicate=False)
    assert first.mailbox_id == (await MailItem.get()).mailbox_id


async def test_the_same_content_in_another_account_is_another_filing(counter: Counter) -> None:
    leases = [await lease_of_inbox(), await lease_of_inbox(account="otra@example.pe")]
    received = await a_mail(counter)

    for lease in leases:
        assert await item_of(received.content_key, account=lease.account) is None
        await mail.record_mail(counter.tools, lease, received)

    assert (await Tramite.all().count(), await MailSlot.filter(duplicate=False).count()) == (2, 2)


async def test_an_account_with_another_name_knows_its_mails(counter: Counter) -> None:
    item = await mail.record_mail(counter.tools, await lease_of_inbox(), await a_mail(counter))

    await Mailbox.all().update(account="mesa@example.pe")

    known = await item_of(item.content_key, account="mesa@example.pe")
    assert known is not None
    assert known.id == item.id


async def test_a_quarantined_mail_is_kept_and_files_and_answers_nothing(counter: Counter) -> None:
    lease = await lease_of_inbox()
    bad = replace(await a_mail(counter), outcome=MailOutcome.QUARANTINED, reason="TOO_DEEP", filing=None, contents=())

    item = await mail.record_mail(counter.tools, lease, bad)

    assert (item.outcome, item.reason, item.suppression) == (
        MailOutcome.QUARANTINED,
        "TOO_DEEP",
        SuppressionReason.NOT_FILED,
    )
    assert await counter.tools.store.exists(bad.original.sha256)
    assert (await Tramite.all().count(), await Notice.all().count()) == (0, 0)


async def test_a_mail_that_may_not_be_answered_is_filed_and_says_why(counter: Counter) -> None:
    lease = await lease_of_inbox()
    received = await a_mail(counter)
    assert received.filing is not None
    silent = replace(received, filing=replace(received.filing, suppression=SuppressionReason.AUTO_SUBMITTED))

    await mail.record_mail(counter.tools, lease, silent)

    notice = await Notice.get()
    assert (notice.state, notice.reason) == (NoticeState.SUPPRESSED, "AUTO_SUBMITTED")
    assert await Tramite.all().count() == 1


async def test_an_address_gets_five_answers_a_day(counter: Counter) -> None:
    lease = await lease_of_inbox()

    for uid, content in enumerate("abcdef", 1):
        await mail.record_mail(counter.tools, lease, await a_mail(counter, uid=uid, content=content))

    assert await Tramite.all().count() == 6
    assert await Notice.filter(state=NoticeState.PENDING).count() == 5
    assert (await Notice.get(state=NoticeState.SUPPRESSED)).reason == "TOO_MANY"
    counter.clock.advance(hours=24)
    await mail.record_mail(counter.tools, lease, await a_mail(counter, uid=7, content="0"))
    assert await Notice.filter(state=NoticeState.PENDING).count() == 6


async def test_receipts_of_filings_by_web_are_no_answers_to_mails(counter: Counter) -> None:
    maria = await counter.register(email="maria@example.pe")
    for _ in range(6):
        await counter.file(maria)
    lease = await lease_of_inbox()

    await mail.record_mail(counter.tools, lease, await a_mail(counter))

    assert (await Notice.get(tramite__channel=Channel.EMAIL)).state is NoticeState.PENDING


async def test_one_worker_has_a_mailbox_until_it_is_silent_for_ten_seconds(counter: Counter) -> None:
    lease = await lease_of_inbox()

    assert await mail.take_lease(lease.mailbox_id, holder=uuid4()) is None
    await expire(lease)
    second = await mail.take_lease(lease.mailbox_id, holder=uuid4())

    assert second is not None
    assert second.epoch == lease.epoch + 1
    with pytest.raises(mail.LeaseLost):
        await keep_mailbox(lease, MailboxState(None, is_listening=False, backlog=0))


async def test_a_worker_that_lost_its_mailbox_writes_nothing(counter: Counter) -> None:
    stale = await lease_of_inbox()
    await expire(stale)
    assert await mail.take_lease(stale.mailbox_id, holder=uuid4()) is not None

    with pytest.raises(mail.LeaseLost):
        await mail.record_mail(counter.tools, stale, await a_mail(counter))
    with pytest.raises(mail.LeaseLost):
        await mail.record_failure(counter.tools, stale, mail.Slot(7, 1))

    assert (await Tramite.all().count(), await MailSlot.all().count(), await MailItem.all().count()) == (0, 0, 0)


async def test_a_released_mailbox_is_free_at_once(counter: Counter) -> None:
    lease = await lease_of_inbox()

    await mail.release_lease(lease)

    assert await mail.take_lease(lease.mailbox_id, holder=uuid4()) is not None


async def test_a_failed_mail_waits_and_its_attempts_are_counted(counter: Counter) -> None:
    lease = await lease_of_inbox()
    slot = mail.Slot(uidvalidity=7, uid=1)

    attempts = [await mail.record_failure(counter.tools, lease, slot) for _ in range(3)]

    assert attempts == [1, 2, 3]
    assert await settled(lease, now=counter.clock()) == {1}
    assert await settled(lease, now=counter.clock() + timedelta(seconds=31)) == set()
    await mail.record_mail(counter.tools, lease, await a_mail(counter))
    assert (await MailSlot.get()).item_id is not None


async def test_a_mail_that_fails_for_ever_is_tried_ever_more_seldom(counter: Counter) -> None:
    lease = await lease_of_inbox()
    waits: list[timedelta] = []

    for _ in range(12):
        await mail.record_failure(counter.tools, lease, mail.Slot(7, 1))
        next_try_at = (await MailSlot.get()).next_try_at
        assert next_try_at is not None
        waits.append(next_try_at - counter.clock())

    assert waits == [
        timedelta(seconds=min(seconds, 3600)) for seconds in (30, 30, 30, *(30 * 2**n for n in range(1, 10)))
    ]


async def test_a_mail_that_has_failed_for_weeks_does_not_stop_its_mailbox(counter: Counter) -> None:
    lease = await lease_of_inbox()
    await mail.record_failure(counter.tools, lease, mail.Slot(7, 1))
    await MailSlot.all().update(attempts=32767)  # the most that its column holds

    assert await mail.record_failure(counter.tools, lease, mail.Slot(7, 1)) > 3


async def test_moves_are_remembered_until_they_are_done(counter: Counter) -> None:
    lease = await lease_of_inbox()
    await mail.record_mail(counter.tools, lease, await a_mail(counter))

    waiting = await pending_moves(lease.mailbox_id, 7)
    await mail.record_moved(counter.tools, lease, mail.Slot(7, 1))

    assert [(slot.uid, slot.item.outcome) for slot in waiting if slot.item] == [(1, MailOutcome.FILED)]
    assert await pending_moves(lease.mailbox_id, 7) == []


async def expire(lease: mail.Lease) -> None:
    mailbox = await Mailbox.get(id=lease.mailbox_id)
    assert mailbox.leased_until is not None
    mailbox.leased_until -= timedelta(seconds=11)
    await mailbox.save(update_fields=["leased_until"])


async def settled(lease: mail.Lease, *, now: datetime) -> set[int]:
    return await settled_among([1, 2, 3], mailbox_id=lease.mailbox_id, uidvalidity=7, now=now)


async def test_a_mail_that_was_here_before_is_known_by_its_content(counter: Counter) -> None:
    lease = await lease_of_inbox()
    first = await mail.record_mail(counter.tools, lease, await a_mail(counter, uid=1))

    known = await item_of("a" * 64, account=lease.account)
    assert known is not None
    await mail.record_again(lease, mail.Slot(7, 2), item=known)

    assert known.id == first.id
    assert await item_of("b" * 64, account=lease.account) is None
    assert [(slot.uid, slot.duplicate) for slot in await MailSlot.all().order_by("uid")] == [(1, False), (2, True)]


async def test_a_worker_that_lost_its_mailbox_knows_nothing_again(counter: Counter) -> None:
    stale = await lease_of_inbox()
    item = await mail.record_mail(counter.tools, stale, await a_mail(counter, uid=1))
    await expire(stale)
    assert await mail.take_lease(stale.mailbox_id, holder=uuid4()) is not None

    with pytest.raises(mail.LeaseLost):
        await mail.record_again(stale, mail.Slot(7, 2), item=item)

    assert await MailSlot.all().count() == 1
