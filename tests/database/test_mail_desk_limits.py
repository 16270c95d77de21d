"""What staff write to the senders of mails counts among the answers to an address, and never waits for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest_asyncio

from actions import answering, notices
from models.mail import MailItem
from models.receipts import Notice
from rules.access import Role
from rules.mail import SuppressionReason
from rules.mail_answers import ANSWERS_PER_DAY, BREAKER_LIMIT
from rules.notices import NoticeKind, NoticeState
from tests.database.desk import HERE
from tests.mails import Postman
from tests.unit.intake.mails import PDF, write_mail

if TYPE_CHECKING:
    from pathlib import Path

    from tests.database.desk import Desk
    from tests.lasting_jail import LastingJail


@pytest_asyncio.fixture
async def postman(desk: Desk, lasting_jail: LastingJail, tmp_path: Path) -> Postman:
    """Return who brings mails to the desk's counter."""
    return Postman(desk.counter, lasting_jail, tmp_path)


async def bring(postman: Postman, *, sender: str, above: bytes = b"") -> MailItem:
    content = above + write_mail(("a.pdf", PDF), sender=sender, text=uuid4().hex).as_bytes()
    return await postman.bring(content)


HELD = b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: 8bit\r\n"


async def test_answers_of_machines_and_of_people_to_one_address_are_counted_together(
    desk: Desk, postman: Postman
) -> None:
    clerk = await desk.person(Role.CLERK, HERE)
    for number in range(ANSWERS_PER_DAY - 1):
        await bring(postman, sender=f"ana+{number}@example.pe")
    last = await bring(postman, sender="ANA@example.pe", above=HELD)

    assert (await clerk.mutate("answerMail", id=str(last.id), text="Gracias."))["__typename"] == "AnswerMailSuccess"
    refused = await clerk.mutate("answerMail", id=str(last.id), text="Gracias.")
    rejected = await clerk.mutate("rejectMail", "mail { suppression }", id=str(last.id), reason="Es publicidad.")
    filed = await bring(postman, sender="ana@example.pe")

    assert (refused["code"], "24 horas" in refused["message"]) == ("TOO_MANY_ANSWERS", True)
    assert rejected["mail"]["suppression"] == filed.suppression == SuppressionReason.TOO_MANY
    keyed = Notice.filter(answer_key=answering.answer_key(desk.counter.tools, "ana@example.pe"))
    assert await keyed.exclude(state=NoticeState.SUPPRESSED).count() == ANSWERS_PER_DAY


async def test_a_released_mail_to_an_address_that_was_answered_enough_is_filed_without_a_mail(
    desk: Desk, postman: Postman
) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await bring(postman, sender="ana@example.pe", above=HELD)
    for _ in range(ANSWERS_PER_DAY):
        await bring(postman, sender="ana@example.pe")

    answer = await clerk.mutate("releaseMail", "mail { outcome suppression }", id=str(item.id))

    assert answer["mail"] == {"outcome": "FILED", "suppression": "TOO_MANY"}


async def test_what_a_person_wrote_leaves_while_the_breaker_holds_the_answers_of_machines(
    desk: Desk, postman: Postman
) -> None:
    clerk, tools = await desk.person(Role.CLERK, HERE), desk.counter.tools
    item = await bring(postman, sender="ana@example.pe")
    await desk.counter.deliver()
    now = tools.clock()
    sent = [
        notices.notice_of(tools, NoticeKind.MAIL_REFUSED, address=f"{number}@example.pe", answer_key=b"k" * 16)
        for number in range(BREAKER_LIMIT)
    ]
    for notice in sent:
        notice.state, notice.finished_at, notice.next_try_at = NoticeState.SENT, now, None
    await Notice.bulk_create(sent)
    await bring(postman, sender="berta@example.pe")
    await clerk.mutate("answerMail", id=str(item.id), text="Gracias.")

    claimed = await notices.claim_notices(tools, uuid4(), most=50)

    assert [notice.kind for notice in claimed if notice.answer_key] == [NoticeKind.MAIL_ANSWERED_BY_STAFF]
    assert await answering.held_answers(tools) == 1
