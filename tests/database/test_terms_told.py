"""Receipts tell how many working days there are to correct, and no fewer are given."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest_asyncio

from actions import mail, tramites
from models.receipts import Receipt
from models.tramites import Tramite
from rules.access import Role
from rules.mail import MailOutcome
from tests.counter import MONDAY
from tests.database.administering import decide

if TYPE_CHECKING:
    from reading.access import Viewer
    from tests.counter import Counter


@pytest_asyncio.fixture
async def boss(counter: Counter) -> Viewer:
    return await counter.register(role=Role.ADMINISTRATOR)


async def test_a_receipt_tells_the_days_that_held_and_no_fewer_are_given(counter: Counter, boss: Viewer) -> None:
    maria = await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    filed = list[Tramite]()
    for days in (2, 5, 12, 3):
        if days != 2:
            await decide(counter, boss, correction_working_days=days)
        filed.append(await counter.file(maria))
        counter.clock.advance(minutes=1)

    observed = [await tramites.observe_tramite(counter.tools, clerk, each.id, text="Falta la firma") for each in filed]

    said = [(await Receipt.get(tramite_id=each.id)).facts["next_steps"] for each in filed]
    for days, sentence in zip(("dos", "cinco", "12", "tres"), said, strict=True):
        assert f"tendrá {days} días hábiles para subsanarlo" in sentence
    assert [len((each.deadline_rule or {})["counted"]) for each in observed] == [3, 5, 12, 3]


async def test_the_receipt_of_a_mail_tells_the_days_that_held_when_it_came(counter: Counter, boss: Viewer) -> None:
    await decide(counter, boss, correction_working_days=4)
    counter.clock.advance(hours=1)
    await decide(counter, boss, correction_working_days=7)
    mailbox = await mail.open_mailbox(account="mesa@example.pe", folder="INBOX", office_code="PUNO")
    lease = await mail.take_lease(mailbox.id, holder=uuid4())
    assert lease is not None
    received = mail.ReceivedMail(
        slot=mail.Slot(uidvalidity=7, uid=1),
        content_key="a" * 64,
        original=await counter.tools.store.put_bytes(b"From: maria@example.pe"),
        received_at=MONDAY,
        outcome=MailOutcome.FILED,
        filing=mail.MailFiling(
            subject="Pedido de copia",
            sender_name="María",
            sender_address="maria@example.pe",
            files=(),
            missing=("Adjunte el documento principal.",),
            suppression=None,
            message_id="<1@example.pe>",
        ),
    )

    await mail.record_mail(counter.tools, lease, received)

    assert "tendrá cuatro días hábiles para entregarlo" in (await Receipt.get()).facts["next_steps"]
