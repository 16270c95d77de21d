"""Hundreds of mails broken at random, in a real mailbox: each ends in one outcome, and no machine is written to."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Final

from intake.audit import Scope, audit
from models.mail import MailItem, MailSlot
from models.receipts import Notice
from rules.mail import MailOutcome
from rules.notices import NoticeState
from tests.journeys.test_bounces import delivering
from tests.journeys.test_intake import Desk, desk, password_pool, until
from tests.unit.intake.mutants import mutants
from tests.unit.intake.test_mutants import MARKS, SHIELD

if TYPE_CHECKING:
    from tests.servers.sink import Sink

__all__ = ["desk", "password_pool"]

MOST: Final = 250
AT_ONCE: Final = 10
ONE_OF_A_PERSON_IN: Final = 3
LARGEST: Final = 100_000


def mails() -> list[bytes]:
    """Return broken mails, each with a sender of its own; those that say so come from `robot…`, the others do not."""
    broken = (content for content in mutants(seed=11) if content.strip() and len(content) < LARGEST)
    return [_sent(count, content) for count, content in enumerate(islice(broken, MOST))]


def _sent(count: int, content: bytes) -> bytes:
    if count % ONE_OF_A_PERSON_IN:
        mark = MARKS[count % len(MARKS)] + SHIELD
        return mark + content.replace(b"rosa", b"robot%d" % count)
    return content.replace(b"rosa", b"rosa%d" % count)


async def decisions_about(item: MailItem) -> int:
    """Return how often it was decided whether the mail is answered: by its own notice, that of its trámite, or not."""
    of_tramite = await Notice.filter(tramite_id=item.tramite_id).count() if item.tramite_id else 0
    own = int(item.notice_id is not None and not of_tramite)
    return of_tramite + own or int(item.suppression is not None)


async def test_every_mail_ends_in_one_outcome_and_one_decision_and_no_machine_is_written_to(
    desk: Desk, sink: Sink
) -> None:
    broken = mails()
    for start in range(0, MOST, AT_ONCE):
        await asyncio.gather(*map(desk.put, broken[start : start + AT_ONCE]))

    async with desk.working():
        await until(lambda: MailSlot.filter(moved_at__isnull=False).count(), MOST)

    slots = await MailSlot.all()
    items = {item.id: item for item in await MailItem.all()}
    assert {slot.item_id for slot in slots} == set(items)
    assert sum(not slot.duplicate for slot in slots) == len(items)
    assert {item.id for item in items.values() if bool(item.tramite_id) != (item.outcome is MailOutcome.FILED)} == set()
    assert [await decisions_about(item) for item in items.values()] == [1] * len(items)
    assert sum((await desk.places()).values()) == MOST
    assert "INBOX" not in await desk.places()
    assert [each async for each in audit(desk.means.tools, [desk.source], Scope(desk.clock()))] == []

    async with delivering(desk, sink.port):
        await until(lambda: Notice.filter(state=NoticeState.PENDING).count(), 0)
    written_to = {recipient for mail in sink.mails for recipient in mail.recipients}
    assert len(written_to) > MOST // ONE_OF_A_PERSON_IN // 10, "what people write is answered, broken or not"
    assert {address for address in written_to if "robot" in address} == set()
    for mail in sink.mails:
        assert (len(mail.recipients), mail.message["Bcc"], mail.message["Cc"]) == (1, None, None)
        assert (mail.message["Auto-Submitted"], len(mail.message.get_all("Subject", []))) == ("auto-replied", 1)
        assert not list(mail.message.defects)
