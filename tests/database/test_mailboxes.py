"""How it stands with a mailbox is kept by who holds it, outlives a database failover, and is shown to its staff."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from actions import mail, mailboxes
from actions.mailboxes import MailboxState
from models.mail import Mailbox, MailSlot
from reading.mail import pending_moves
from rules.access import Role
from rules.mail import MailOutcome
from rules.mailboxes import MailboxFailure, Placement
from tests.counter import MONDAY
from tests.database.test_mail import a_mail
from tests.statements import Statements

if TYPE_CHECKING:
    from tests.api import Api
    from tests.counter import Counter

SHOWN = """
{ mailboxes { name account folder office { code } isListening lookedAt backlog failingSince failure uidValidity
              quarantined } }
"""
LISTENING = MailboxState(looked_at=MONDAY, is_listening=True, backlog=3)
CONNECTING = MailboxState(looked_at=None, is_listening=False, backlog=0)


async def hold(office: str = "SEDE-CENTRAL", **changes: Any) -> mail.Lease:
    given = {"account": "mesadepartes@example.pe", "folder": "INBOX", "name": "central", **changes}
    mailbox = await mail.open_mailbox(office_code=office, **given)
    lease = await mail.take_lease(mailbox.id, holder=uuid4())
    assert lease is not None
    return lease


async def test_a_failure_is_told_from_its_beginning_until_the_folder_was_looked_at_again(counter: Counter) -> None:
    lease, later = await hold(), MONDAY + timedelta(minutes=5)

    await mailboxes.record_trouble(lease, MailboxFailure.UNREACHABLE, at=MONDAY)
    await mailboxes.record_trouble(lease, MailboxFailure.SIGN_IN_REFUSED, at=later)
    await mailboxes.keep_mailbox(lease, CONNECTING)

    row = await Mailbox.get()
    assert (row.failing_since, row.failure, row.is_listening) == (MONDAY, MailboxFailure.SIGN_IN_REFUSED, False)

    await mailboxes.keep_mailbox(lease, LISTENING)

    row = await Mailbox.get()
    assert (row.failing_since, row.failure, row.is_listening, row.looked_at) == (None, None, True, MONDAY)


async def test_who_lost_the_mailbox_tells_nothing_of_it_any_more(counter: Counter) -> None:
    lease = await hold()
    await Mailbox.all().update(leased_until=MONDAY)
    await hold()

    with pytest.raises(mail.LeaseLost):
        await mailboxes.keep_mailbox(lease, LISTENING)
    with pytest.raises(mail.LeaseLost):
        await mailboxes.record_uidvalidity(lease, 8)
    await mailboxes.record_trouble(lease, MailboxFailure.BROKEN, at=MONDAY)

    row = await Mailbox.get()
    assert (row.failure, row.uidvalidity, row.looked_at) == (None, None, None)


async def test_a_database_that_forgot_the_last_seconds_lets_only_the_next_holder_write(counter: Counter) -> None:
    before = await Mailbox.get(id=(await hold()).mailbox_id)
    await Mailbox.all().update(leased_until=None)
    lost = await hold()
    # The standby that takes over has not heard of the last holder.
    await Mailbox.all().update(epoch=before.epoch, holder=before.holder, leased_until=None)

    following = await hold()

    assert following.epoch == lost.epoch
    with pytest.raises(mail.LeaseLost):
        await mail.record_mail(counter.tools, lost, await a_mail(counter))
    assert (await mail.record_mail(counter.tools, following, await a_mail(counter))).outcome is MailOutcome.FILED


async def test_how_mails_are_numbered_is_remembered_beyond_the_worker(counter: Counter) -> None:
    lease = await hold()

    assert await mailboxes.record_uidvalidity(lease, 7) is None
    assert await mailboxes.record_uidvalidity(lease, 7) == 7
    assert await mailboxes.record_uidvalidity(lease, 4_294_967_295) == 7
    assert (await Mailbox.get()).uidvalidity == 4_294_967_295


async def test_a_mail_that_cannot_be_moved_yet_is_tried_again_later_and_others_are_not_held_up(
    counter: Counter,
) -> None:
    lease = await hold()
    for uid, content in enumerate("abc", start=1):
        await mail.record_mail(counter.tools, lease, await a_mail(counter, uid=uid, content=content))
    await mail.record_moved(counter.tools, lease, mail.Slot(7, 1), placement=None)
    await mail.record_moved(counter.tools, lease, mail.Slot(7, 2), placement=Placement.MARKED)

    assert [slot.uid for slot in await pending_moves(lease.mailbox_id, 7, now=MONDAY)] == [3]
    assert [slot.uid for slot in await pending_moves(lease.mailbox_id, 7, now=MONDAY + mail.MOVE_AGAIN)] == [1, 3]
    slots = await MailSlot.all().order_by("uid")
    assert [(slot.placement, slot.moved_at) for slot in slots] == [(None, None), (Placement.MARKED, None), (None, None)]


async def test_staff_are_shown_how_it_stands(counter: Counter, api: Api) -> None:
    lease = await hold()
    await mailboxes.record_uidvalidity(lease, 4_294_967_295)
    quarantined = await a_mail(counter)
    await mail.record_mail(
        counter.tools,
        lease,
        mail.ReceivedMail(
            slot=quarantined.slot,
            content_key=quarantined.content_key,
            original=quarantined.original,
            received_at=MONDAY,
            outcome=MailOutcome.QUARANTINED,
            reason="TWO_FROM",
        ),
    )
    await mailboxes.keep_mailbox(lease, LISTENING)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")

    assert await clerk.data(SHOWN) == {
        "mailboxes": [
            {
                "name": "central",
                "account": "mesadepartes@example.pe",
                "folder": "INBOX",
                "office": {"code": "SEDE-CENTRAL"},
                "isListening": True,
                "lookedAt": MONDAY.isoformat(),
                "backlog": 3,
                "failingSince": None,
                "failure": None,
                "uidValidity": "4294967295",
                "quarantined": 1,
            }
        ]
    }


async def test_a_worker_that_died_is_not_said_to_listen(counter: Counter, api: Api) -> None:
    lease = await hold()
    await mailboxes.keep_mailbox(lease, LISTENING)
    await Mailbox.all().update(leased_until=MONDAY)
    auditor = await api.signed_in(counter, role=Role.AUDITOR)

    shown = (await auditor.data("{ mailboxes { isListening backlog lookedAt } }"))["mailboxes"]

    assert shown == [{"isListening": False, "backlog": 0, "lookedAt": MONDAY.isoformat()}]


async def test_clerks_see_the_mailboxes_of_their_offices_and_applicants_none(counter: Counter, api: Api) -> None:
    await hold()
    await hold("CUSCO", account="cusco@example.pe", name="cusco")
    shown = "{ mailboxes { name } }"
    people = {
        "clerk": await api.signed_in(counter, role=Role.CLERK, office="CUSCO"),
        "supervisor": await api.signed_in(counter, role=Role.SUPERVISOR, office="CUSCO"),
        "applicant": await api.signed_in(counter),
    }

    seen = {who: [each["name"] for each in (await person.data(shown))["mailboxes"]] for who, person in people.items()}

    assert seen == {"clerk": ["cusco"], "supervisor": ["central", "cusco"], "applicant": []}


async def test_three_mailboxes_cost_as_many_queries_as_one(
    counter: Counter, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = await api.signed_in(counter, role=Role.AUDITOR)
    await auditor.data(SHOWN)
    statements, counts = Statements(monkeypatch), list[int]()
    for number in range(2):
        await hold(account=f"{number}@example.pe")
        statements.count = 0
        assert (await auditor.data(SHOWN))["mailboxes"]
        counts.append(statements.count)
        await hold("CUSCO", account=f"cusco-{number}@example.pe")

    assert counts[0] == counts[1]
