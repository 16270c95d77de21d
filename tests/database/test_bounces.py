"""Mail that comes back: what follows from it, and what a forged report must not bring about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from actions import addresses, bounces, mail, notices, recovery, tramites
from actions.addresses import IdentityForm
from models.bounces import BouncedAddress
from models.mail import MailItem
from models.people import User
from models.receipts import Notice
from models.tasks import Task
from reading.files import find_receipt
from rules.access import Role
from rules.bounces import MARK_LIFE, REPORT_WINDOW, Failure
from rules.mail import MailOutcome
from rules.notices import SECRET, NoticeKind, NoticeState
from rules.people import IdentityKind
from rules.tasks import TaskKind
from rules.throttling import Client
from tests.counter import PASSWORD

if TYPE_CHECKING:
    from datetime import datetime

    from models.tramites import Tramite
    from reading.access import Viewer
    from tests.counter import Counter


async def send_all(counter: Counter) -> None:
    """Let the outgoing server take over all that is due, or what is withheld be withheld."""
    holder = uuid4()
    while claimed := await notices.claim_notices(counter.tools, holder, most=20):
        for notice in claimed:
            if not await notices.withhold(counter.tools, notice, holder=holder):
                assert await notices.record_sent(counter.tools, notice, holder=holder)


async def filed(counter: Counter) -> tuple[Viewer, Tramite]:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await send_all(counter)
    return maria, tramite


def failure_of(notice: Notice, *, status: str = "5.1.1") -> Failure:
    assert notice.address is not None
    return Failure((notice.address.lower(),), status, (notice.message_id,))


async def come_back(counter: Counter, *failures: Failure, received_at: datetime | None = None) -> MailItem:
    """Let a delivery report arrive, as intake records it."""
    mailbox = await mail.open_mailbox(account="mesadepartes@example.pe", folder="INBOX", office_code="SEDE-CENTRAL")
    lease = await mail.take_lease(mailbox.id, holder=uuid4())
    assert lease is not None
    content = uuid4().hex * 2
    received = mail.ReceivedMail(
        slot=mail.Slot(uidvalidity=7, uid=1 + await MailItem.all().count()),
        content_key=content,
        original=await counter.tools.store.put_bytes(content.encode()),
        received_at=received_at or counter.clock(),
        outcome=MailOutcome.BOUNCE,
        reason="BOUNCE",
        failures=failures,
    )
    item = await mail.record_mail(counter.tools, lease, received)
    await mail.release_lease(lease)
    return item


async def receipt_of(tramite: Tramite) -> Notice:
    return await Notice.get(tramite_id=tramite.id, kind=NoticeKind.SUBMISSION_RECEIPT)


async def open_tasks() -> list[TaskKind]:
    return sorted([task.kind for task in await Task.filter(done_at__isnull=True)])


async def test_a_notice_that_comes_back_is_undeliverable_its_address_is_marked_and_the_desk_is_told(
    counter: Counter,
) -> None:
    _, tramite = await filed(counter)
    notice = await receipt_of(tramite)

    await come_back(counter, failure_of(notice))

    notice = await receipt_of(tramite)
    assert (notice.state, notice.reason, notice.attempts) == (NoticeState.UNDELIVERABLE, "BOUNCED 5.1.1", 1)
    assert notice.finished_at == counter.clock()
    mark = await BouncedAddress.get()
    assert (mark.address, mark.status, mark.notice_id) == (tramite.contact_email, "5.1.1", notice.id)
    task = await Task.get()
    assert (task.kind, task.tramite_id, task.detail["kind"]) == (
        TaskKind.ADDRESS_BOUNCED,
        tramite.id,
        "SUBMISSION_RECEIPT",
    )


async def test_later_notices_to_a_dead_address_are_suppressed_and_the_desk_is_told_of_each_tramite(
    counter: Counter,
) -> None:
    maria, tramite = await filed(counter)
    await come_back(counter, failure_of(await receipt_of(tramite)))

    other = await counter.file(maria)
    await send_all(counter)

    notice = await receipt_of(other)
    assert (notice.state, notice.reason) == (NoticeState.SUPPRESSED, "ADDRESS_BOUNCED")
    assert {task.tramite_id for task in await Task.all()} == {tramite.id, other.id}


async def test_an_observation_that_comes_back_counts_as_not_delivered(counter: Counter) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    _, tramite = await filed(counter)
    await tramites.observe_tramite(counter.tools, clerk, tramite.id, text="Falta la firma.")
    await send_all(counter)

    await come_back(counter, failure_of(await Notice.get(kind=NoticeKind.OBSERVED), status="5.2.2"))

    assert (await Notice.get(kind=NoticeKind.OBSERVED)).state is NoticeState.UNDELIVERABLE
    assert not await BouncedAddress.exists()
    assert await open_tasks() == [TaskKind.OBSERVATION_UNDELIVERED]


async def test_an_observation_to_a_dead_address_is_laid_before_the_desk_at_once(counter: Counter) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    _, tramite = await filed(counter)
    await come_back(counter, failure_of(await receipt_of(tramite)))
    await tramites.observe_tramite(counter.tools, clerk, tramite.id, text="Falta la firma.")

    await send_all(counter)

    assert await open_tasks() == [TaskKind.ADDRESS_BOUNCED, TaskKind.OBSERVATION_UNDELIVERED]


async def test_a_receipt_that_comes_back_though_its_address_lives_is_laid_before_the_desk(counter: Counter) -> None:
    _, tramite = await filed(counter)

    await come_back(counter, failure_of(await receipt_of(tramite), status="5.7.1"))

    assert not await BouncedAddress.exists()
    assert await open_tasks() == [TaskKind.RECEIPT_UNDELIVERED]


@pytest.mark.parametrize("forged", ["another address", "another message", "another notice of the counter", "old"])
async def test_a_report_that_does_not_know_both_message_and_address_does_nothing(counter: Counter, forged: str) -> None:
    _, tramite = await filed(counter)
    _, other = await filed(counter)
    real, others = failure_of(await receipt_of(tramite)), failure_of(await receipt_of(other))
    late = counter.clock() + REPORT_WINDOW + timedelta(seconds=1)
    counter.clock.at = late
    received_at = late if forged == "old" else late - timedelta(days=1)
    failure = {
        "another address": replace(real, addresses=("somebody@example.pe",)),
        "another message": replace(real, message_ids=(f"<submission_receipt.{uuid4().hex}@example.pe>",)),
        "another notice of the counter": replace(real, message_ids=others.message_ids),
    }.get(forged, real)

    await come_back(counter, failure, received_at=received_at)

    assert {notice.state for notice in await Notice.all()} == {NoticeState.SENT}
    assert (await BouncedAddress.all().count(), await Task.all().count()) == (0, 0)


async def test_a_report_in_time_counts_to_its_last_second(counter: Counter) -> None:
    _, tramite = await filed(counter)
    counter.clock.at += REPORT_WINDOW

    await come_back(counter, failure_of(await receipt_of(tramite)))

    assert (await receipt_of(tramite)).state is NoticeState.UNDELIVERABLE


async def test_the_same_report_again_changes_nothing(counter: Counter) -> None:
    _, tramite = await filed(counter)
    failure = failure_of(await receipt_of(tramite))
    await come_back(counter, failure)
    first = (await receipt_of(tramite)).finished_at
    counter.clock.advance(hours=1)

    await come_back(counter, failure)

    assert (await receipt_of(tramite)).finished_at == first
    assert (await BouncedAddress.get()).marked_at == first
    assert len(await open_tasks()) == 1


async def test_what_was_never_sent_cannot_come_back(counter: Counter) -> None:
    tramite = await counter.file(await counter.register())

    await come_back(counter, failure_of(await receipt_of(tramite)))

    assert (await receipt_of(tramite)).state is NoticeState.PENDING


async def test_a_bounce_that_overtakes_the_record_of_sending_stands(counter: Counter) -> None:
    tramite = await counter.file(await counter.register())
    holder = uuid4()
    claimed = await notices.claim_notices(counter.tools, holder, most=20)
    sending = next(each for each in claimed if each.tramite_id == tramite.id)

    await come_back(counter, failure_of(sending))

    assert not await notices.record_sent(counter.tools, sending, holder=holder)
    assert (await receipt_of(tramite)).state is NoticeState.UNDELIVERABLE


async def test_the_code_in_a_mail_that_comes_back_is_forgotten(counter: Counter) -> None:
    maria = await counter.register()
    await request_code(counter, maria)
    await send_all(counter)
    await Notice.filter(kind=NoticeKind.RECOVERY_CODE).update(detail={SECRET: "12345678"})

    await come_back(counter, failure_of(await Notice.get(kind=NoticeKind.RECOVERY_CODE)))

    assert (await Notice.get(kind=NoticeKind.RECOVERY_CODE)).detail == {}
    task = await Task.get()
    assert (task.kind, task.user_id, task.tramite_id) == (TaskKind.ADDRESS_BOUNCED, maria.user_id, None)


async def test_one_task_is_open_about_an_account_however_many_mails_come_back(counter: Counter) -> None:
    maria = await counter.register()
    await request_code(counter, maria)
    await send_all(counter)
    mails = await Notice.filter(user_id=maria.user_id)

    await come_back(counter, *(failure_of(each) for each in mails))

    assert len(mails) == 2
    assert len(await open_tasks()) == 1


async def test_nobody_at_the_desk_is_bothered_with_accounts_whose_address_was_never_proved(counter: Counter) -> None:
    maria = await counter.register()
    await send_all(counter)
    await User.filter(id=maria.user_id).update(email_verified_at=None)

    await come_back(counter, failure_of(await Notice.get(kind=NoticeKind.WELCOME)))

    assert (await Notice.get(kind=NoticeKind.WELCOME)).state is NoticeState.UNDELIVERABLE
    assert await open_tasks() == []


async def test_a_mark_expires(counter: Counter) -> None:
    maria, tramite = await filed(counter)
    await come_back(counter, failure_of(await receipt_of(tramite)))
    counter.clock.at += MARK_LIFE

    again = await counter.file(maria)
    await send_all(counter)

    assert (await receipt_of(again)).state is NoticeState.SENT


async def request_code(counter: Counter, person: Viewer) -> None:
    form = IdentityForm(identity_kind=IdentityKind.DNI, identity_number=await number_of(person))
    await recovery.request_recovery(counter.tools, form, client=Client())


async def number_of(person: Viewer) -> str:
    return (await User.get(id=person.user_id)).identity_number


async def code_of(kind: NoticeKind) -> str:
    return (await Notice.get(kind=kind)).detail[SECRET]


async def test_an_address_that_bounced_is_proved_anew_by_a_code(counter: Counter) -> None:
    maria, tramite = await filed(counter)
    await come_back(counter, failure_of(await receipt_of(tramite)))
    number = await number_of(maria)
    form = IdentityForm(identity_kind=IdentityKind.DNI, identity_number=number)

    await addresses.resend_verification(counter.tools, form, client=Client())
    code = await code_of(NoticeKind.VERIFY_EMAIL)
    await send_all(counter)
    verification = addresses.Verification(identity_kind=IdentityKind.DNI, identity_number=number, code=code)
    await addresses.verify_email(counter.tools, verification, client=Client())

    assert (await Notice.get(kind=NoticeKind.VERIFY_EMAIL)).state is NoticeState.SENT
    assert not await bounces.has_bounced(str(tramite.contact_email), at=counter.clock())
    assert await Notice.filter(kind=NoticeKind.WELCOME, user_id=maria.user_id).count() == 1


async def test_an_address_that_is_well_gets_no_code_to_prove_it_again(counter: Counter) -> None:
    maria, _ = await filed(counter)
    form = IdentityForm(identity_kind=IdentityKind.DNI, identity_number=await number_of(maria))

    await addresses.resend_verification(counter.tools, form, client=Client())

    assert not await Notice.exists(kind=NoticeKind.VERIFY_EMAIL)


async def test_a_recovery_by_its_code_proves_the_address_too(counter: Counter) -> None:
    maria, tramite = await filed(counter)
    await come_back(counter, failure_of(await receipt_of(tramite)))
    await request_code(counter, maria)
    form = recovery.PasswordReset(
        identity_kind=IdentityKind.DNI,
        identity_number=await number_of(maria),
        code=await code_of(NoticeKind.RECOVERY_CODE),
        new_password=PASSWORD[::-1],
    )

    await recovery.reset_password(counter.tools, form, client=Client())

    assert not await bounces.has_bounced(str(tramite.contact_email), at=counter.clock())


async def test_the_receipt_can_be_had_though_its_mail_came_back(counter: Counter) -> None:
    maria, tramite = await filed(counter)
    notice = await receipt_of(tramite)

    await come_back(counter, failure_of(notice))

    assert (await find_receipt(maria, UUID(notice.detail["receipt"]))).tramite_id == tramite.id
