"""The queue of notices: each is claimed by one worker at a time, tried for 72 hours, and ends in one state."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from actions import notices, tramites
from delivery.letters import letter_of
from models.receipts import Notice
from models.tasks import Task
from rules.access import Role
from rules.notices import NoticeKind, NoticeState
from rules.tasks import TaskKind

if TYPE_CHECKING:
    from tests.counter import Counter


async def promise_one(counter: Counter) -> Notice:
    maria = await counter.register()
    await Notice.all().update(state=NoticeState.SENT, next_try_at=None, finished_at=counter.clock())
    tramite = await counter.file(maria)
    return await Notice.get(tramite_id=tramite.id)


async def test_a_notice_is_claimed_by_one_worker(counter: Counter) -> None:
    promised = await promise_one(counter)

    claims = await asyncio.gather(*(notices.claim_notices(counter.tools, uuid4(), most=5) for _ in range(5)))

    assert [notice.id for claim in claims for notice in claim] == [promised.id]


async def test_the_notice_of_a_dead_worker_is_claimed_again_with_the_same_message_id(counter: Counter) -> None:
    promised = await promise_one(counter)
    await notices.claim_notices(counter.tools, uuid4(), most=5)
    counter.clock.advance(seconds=76)

    (again,) = await notices.claim_notices(counter.tools, uuid4(), most=5)

    assert (again.id, again.message_id, again.attempts) == (promised.id, promised.message_id, 2)


async def test_what_was_sent_is_not_sent_again(counter: Counter) -> None:
    await promise_one(counter)
    holder = uuid4()
    (notice,) = await notices.claim_notices(counter.tools, holder, most=5)

    assert await notices.record_sent(counter.tools, notice, holder=holder)

    counter.clock.advance(days=1)
    assert await notices.claim_notices(counter.tools, uuid4(), most=5) == []


async def test_a_worker_whose_lease_was_taken_over_records_nothing(counter: Counter) -> None:
    await promise_one(counter)
    slow = uuid4()
    (notice,) = await notices.claim_notices(counter.tools, slow, most=5)
    counter.clock.advance(seconds=76)
    await notices.claim_notices(counter.tools, uuid4(), most=5)

    assert not await notices.record_failed(counter.tools, notice, holder=slow, reason="timeout")
    assert not await notices.record_sent(counter.tools, notice, holder=slow)


async def test_a_failed_notice_is_tried_until_72_hours_are_over(counter: Counter) -> None:
    await promise_one(counter)
    began, holder, attempts = counter.clock(), uuid4(), 0

    while claimed := await notices.claim_notices(counter.tools, holder, most=5):
        attempts += 1
        await notices.record_failed(counter.tools, claimed[0], holder=holder, reason="451")
        notice = await Notice.get(id=claimed[0].id)
        if notice.next_try_at is None:
            break
        counter.clock.at = notice.next_try_at

    notice = await Notice.get(tramite_id__isnull=False)
    assert (notice.state, notice.reason) == (NoticeState.UNDELIVERABLE, "451")
    assert timedelta(hours=70) < counter.clock() - began <= timedelta(hours=72)
    assert attempts > 70


@pytest.mark.parametrize(
    ("kind", "task"),
    [
        (NoticeKind.OBSERVED, TaskKind.OBSERVATION_UNDELIVERED),
        (NoticeKind.SUBMISSION_RECEIPT, TaskKind.RECEIPT_UNDELIVERED),
        (NoticeKind.REFERRED, None),
    ],
)
async def test_after_72_hours_the_desk_is_told_of_observations_and_receipts(
    counter: Counter, kind: NoticeKind, task: TaskKind | None
) -> None:
    promised = await promise_one(counter)
    detail = promised.detail if kind is NoticeKind.SUBMISSION_RECEIPT else {}
    await Notice.filter(id=promised.id).update(kind=kind, attempts=1_000, detail=detail)
    holder = uuid4()
    (notice,) = await notices.claim_notices(counter.tools, holder, most=5)

    await notices.record_failed(counter.tools, notice, holder=holder, reason="CONNECT 421")

    assert (await Notice.get(id=promised.id)).state is NoticeState.UNDELIVERABLE
    assert [each.kind for each in await Task.filter(tramite_id=promised.tramite_id)] == ([task] if task else [])


async def test_what_goes_to_an_address_that_is_written_to_waits(counter: Counter) -> None:
    promised = await promise_one(counter)
    await Notice.filter(kind=NoticeKind.WELCOME).update(
        state=NoticeState.PENDING, next_try_at=counter.clock(), finished_at=None
    )
    (first,) = await notices.claim_notices(counter.tools, uuid4(), most=1)

    assert await notices.claim_notices(counter.tools, uuid4(), most=5) == []

    counter.clock.advance(seconds=76)
    again = await notices.claim_notices(counter.tools, uuid4(), most=5)
    assert len(again) == 2
    assert {first.id, promised.id} <= {each.id for each in again}


async def test_a_permanent_refusal_ends_it(counter: Counter) -> None:
    await promise_one(counter)
    holder = uuid4()
    (notice,) = await notices.claim_notices(counter.tools, holder, most=5)

    await notices.record_refused(counter.tools, notice, holder=holder, reason="550")

    counter.clock.advance(days=1)
    assert await notices.claim_notices(counter.tools, holder, most=5) == []
    assert (await Notice.get(id=notice.id)).state is NoticeState.UNDELIVERABLE


async def test_a_notice_comes_with_what_is_needed_to_write_it(counter: Counter) -> None:
    await promise_one(counter)

    (notice,) = await notices.claim_notices(counter.tools, uuid4(), most=5)

    assert notice.kind is NoticeKind.SUBMISSION_RECEIPT
    assert notice.tramite is not None
    assert notice.tramite.office.name == "Sede Central"


async def test_a_mail_about_a_referral_names_the_office_of_that_referral(counter: Counter) -> None:
    clerks = {code: await counter.register(role=Role.CLERK, office=code) for code in ("SEDE-CENTRAL", "CUSCO")}
    tramite = await counter.file(await counter.register())
    for here, there in (("SEDE-CENTRAL", "CUSCO"), ("CUSCO", "PUNO")):
        await tramites.refer_tramite(counter.tools, clerks[here], tramite.id, office_code=there, text=None)
        counter.clock.advance(seconds=1)

    claimed = await notices.claim_notices(counter.tools, uuid4(), most=20)

    told = [letter_of(notice).lines["office"] for notice in claimed if notice.kind is NoticeKind.REFERRED]
    assert told == ["Oficina Regional Sur Oriente Cusco", "Oficina Regional Altiplano Puno"]
