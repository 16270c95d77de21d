"""An answer to an observation by a mail that nobody vouches for: not lost from sight, and taken once confirmed."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from actions import tramites
from actions.closing import close_task
from actions.lapsing import lapse_overdue
from actions.mail_confirming import Confirmation, confirm_filing
from actions.stray_replies import CONFIRM_TO_ADD, NOT_ADDED
from delivery.letters import letter_of
from delivery.messages import compose
from mesadepartes.confirming import ADDED, DONE
from mesadepartes.verifying import verify
from models.receipts import Notice, Receipt
from models.register import Entry
from models.tasks import Task
from models.tramites import Attachment, Tramite
from rules.access import Role
from rules.catalogue import ReceiptKind
from rules.lifecycle import TramiteStatus
from rules.mail import MailOutcome, SenderProof
from rules.mail_links import LinkPurpose
from rules.notices import SECRET, NoticeKind, NoticeState
from rules.register import Act
from rules.tasks import TaskKind
from rules.throttling import Client
from tests.api import Api, in_process, make_feed
from tests.counter import MONDAY, PDF
from tests.database import test_mail_replies
from tests.database.test_mail_replies import MARIA, Inbox, question_of, written
from tests.database.test_verifying import unseen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from models.mail import MailItem
    from reading.access import Viewer
    from tests.servers.postgres import Database

inbox = test_mail_replies.inbox
SIGNED = ("firmado.pdf", PDF + b"signed")
CLIENT = Client("192.0.2.9")


@pytest_asyncio.fixture
async def api(inbox: Inbox, database: Database) -> AsyncGenerator[Api]:
    """Return the API, and the pages, for nobody in particular."""
    async with in_process(inbox.counter, make_feed(database)) as api:
        yield api


async def answer(inbox: Inbox, observed: Tramite, **changes: object) -> tuple[MailItem, Tramite]:
    """Let an unproven answer to the observation come an hour later; return it and what it was filed as."""
    inbox.counter.clock.advance(hours=1)
    values: dict[str, object] = {"files": (SIGNED,), "verdict": None} | changes
    content = written(answers=await question_of(observed), **values)  # pyright: ignore[reportArgumentType]
    item = await inbox.take(content, at=inbox.counter.clock())
    return item, await Tramite.get(id=item.tramite_id)


async def link_of(item: MailItem) -> str:
    notice = await Notice.get(id=item.notice_id)
    return notice.detail[SECRET][LinkPurpose.CONFIRM.value.lower()]


async def text_of(inbox: Inbox, notice: Notice) -> str:
    """Return the text of a mail as its reader sees it."""
    await notice.fetch_related("user", "tramite__office", "tramite__applicant")
    content = compose(letter_of(notice), inbox.counter.tools.institution).content
    body = message_from_bytes(content, policy=default).get_body(("plain",))
    assert body is not None
    return body.get_content()


async def confirm(inbox: Inbox, item: MailItem, viewer: Viewer | None = None) -> Tramite:
    wish = Confirmation(await link_of(item), claims=viewer is not None)
    return await confirm_filing(inbox.counter.tools, wish, viewer=viewer, client=CLIENT)


@pytest.mark.parametrize("changes", [{}, {"verdict": "fail"}, {"sender": "eva@example.pe"}])
async def test_the_desk_is_told_of_an_answer_that_was_filed_apart(inbox: Inbox, changes: dict[str, object]) -> None:
    observed = await inbox.observed()

    item, filed = await answer(inbox, observed, **changes)

    task = await Task.get()
    assert (task.kind, task.tramite_id, task.detail) == (
        TaskKind.REPLY_NOT_ADDED,
        observed.id,
        {"number": filed.number},
    )
    assert filed.number in task.kind.words.say_to_do(task.detail)
    notice = await Notice.get(id=item.notice_id)
    if notice.state is NoticeState.PENDING:
        assert notice.detail["hint"] == (NOT_ADDED if "sender" in changes else CONFIRM_TO_ADD)


async def test_what_was_answered_in_time_does_not_lapse_until_the_desk_has_settled_it(inbox: Inbox) -> None:
    observed = await inbox.observed()
    await answer(inbox, observed)
    clerk = await inbox.counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    inbox.counter.clock.advance(days=10)

    assert await lapse_overdue(inbox.counter.tools) == 0
    await close_task(inbox.counter.tools, clerk, (await Task.get()).id, note="No es de quien presentó.")

    assert await lapse_overdue(inbox.counter.tools) == 1
    assert (await Tramite.get(id=observed.id)).status is TramiteStatus.LAPSED


async def test_an_answer_out_of_time_opens_no_task_and_holds_nothing_up(inbox: Inbox) -> None:
    observed = await inbox.observed()
    inbox.counter.clock.advance(days=9)

    item, _ = await answer(inbox, observed)

    assert await Task.all().count() == 0
    assert (await Notice.get(id=item.notice_id)).detail["hint"] == NOT_ADDED
    assert await lapse_overdue(inbox.counter.tools) == 1


async def test_an_answer_in_quarantine_is_laid_before_the_desk_and_holds_the_term(inbox: Inbox) -> None:
    observed = await inbox.observed()
    locked = written(files=(SIGNED,), answers=await question_of(observed))

    item = await inbox.take(locked.replace(b"\r\n\r\n", b"\r\nFrom: eva@evil.test\r\n\r\n", 1), at=MONDAY)

    assert (item.outcome, item.hint_id) == (MailOutcome.QUARANTINED, observed.id)
    task = await Task.get()
    assert (task.kind, task.tramite_id) == (TaskKind.REPLY_QUARANTINED, observed.id)
    inbox.counter.clock.advance(days=10)
    assert await lapse_overdue(inbox.counter.tools) == 0


async def test_an_answer_too_large_is_laid_before_the_desk_and_no_empty_correction(inbox: Inbox) -> None:
    observed = await inbox.observed()
    header = written(answers=await question_of(observed), verdict=None).partition(b"\n\n")[0] + b"\n\n"

    item = await inbox.take(header, is_header=True)
    await confirm(inbox, item)

    assert (await Task.get()).kind is TaskKind.REPLY_NOT_ADDED
    assert (await Notice.get(id=item.notice_id)).detail["hint"] == NOT_ADDED
    assert (await Tramite.get(id=observed.id)).status is TramiteStatus.OBSERVED


async def test_the_status_of_what_is_observed_says_what_to_do(inbox: Inbox) -> None:
    observed = await inbox.observed()

    item = await inbox.take(written(subject=f"ESTADO {observed.number}"))

    notice = await Notice.get(id=item.notice_id)
    assert "subsánela a más tardar el 11/03/2026" in notice.detail["hint"]


async def test_a_reply_to_what_is_not_observed_opens_no_task(inbox: Inbox) -> None:
    first = await inbox.take(written(files=(("pedido.pdf", PDF),)))
    receipt = await Notice.get(id=first.notice_id)

    await inbox.take(written(files=(SIGNED,), answers=receipt.message_id, verdict=None))

    assert await Task.all().count() == 0


async def test_who_confirms_has_it_taken_as_the_correction_of_when_it_came(inbox: Inbox, database: Database) -> None:
    observed = await inbox.observed()
    item, filed = await answer(inbox, observed)
    inbox.counter.clock.advance(days=1)

    confirmed = await confirm(inbox, item)

    assert (confirmed.id, confirmed.status, confirmed.sender_proof) == (
        filed.id,
        TramiteStatus.VOIDED,
        SenderProof.CONFIRMED,
    )
    corrected = await Tramite.get(id=observed.id)
    assert (corrected.status, corrected.filed_on) == (TramiteStatus.PENDING, observed.filed_on)
    file = await Attachment.get(tramite_id=observed.id, version=2)
    assert (file.position, file.name) == (0, "firmado.pdf")
    entry = await Entry.get(act=Act.CORRECTED)
    assert (entry.at, entry.role) == (MONDAY + timedelta(hours=1), Role.APPLICANT)
    told = await Notice.get(kind=NoticeKind.CORRECTED)
    assert (told.tramite_id, told.address, told.state) == (observed.id, MARIA, NoticeState.PENDING)
    assert filed.number in told.detail["correction"]
    voided = await Notice.get(kind=NoticeKind.VOIDED)
    said = await text_of(inbox, voided)
    assert observed.number in said
    assert "no siguen curso" not in said
    assert "presente un documento nuevo" not in said
    assert await Receipt.filter(kind=ReceiptKind.VOIDING, tramite_id=filed.id).exists()
    assert await Receipt.filter(tramite_id=observed.id, version=2).exists()
    await verify(database.web_url, None, anchors=(), progress=unseen)


async def test_an_answer_in_time_counts_though_it_is_confirmed_after_the_term(inbox: Inbox) -> None:
    observed = await inbox.observed()
    item, _ = await answer(inbox, observed)
    inbox.counter.clock.advance(days=6)
    assert await lapse_overdue(inbox.counter.tools) == 0

    await confirm(inbox, item)

    assert (await Tramite.get(id=observed.id)).status is TramiteStatus.PENDING


async def test_who_confirms_with_an_account_corrects_and_owns_what_was_filed(inbox: Inbox, database: Database) -> None:
    observed = await inbox.observed()
    item, filed = await answer(inbox, observed)
    luis = await inbox.counter.register(email="luis@example.pe")

    await confirm(inbox, item, luis)

    assert (await Tramite.get(id=observed.id)).status is TramiteStatus.PENDING
    after = await Tramite.get(id=filed.id)
    assert (after.status, after.applicant_id) == (TramiteStatus.VOIDED, luis.user_id)
    await verify(database.web_url, None, anchors=(), progress=unseen)


async def test_somebody_else_with_the_token_confirms_only_that_the_mail_is_theirs(inbox: Inbox) -> None:
    observed = await inbox.observed()
    item, filed = await answer(inbox, observed, sender="eva@evil.test")

    await confirm(inbox, item)

    assert (await Tramite.get(id=observed.id)).status is TramiteStatus.OBSERVED
    after = await Tramite.get(id=filed.id)
    assert (after.status, after.sender_proof) == (TramiteStatus.PENDING, SenderProof.CONFIRMED)
    assert await Attachment.filter(tramite_id=observed.id).count() == 1


async def test_what_cannot_be_corrected_any_more_is_confirmed_and_stays_a_filing(inbox: Inbox) -> None:
    observed = await inbox.observed()
    item, filed = await answer(inbox, observed)
    clerk = await inbox.counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    await close_task(inbox.counter.tools, clerk, (await Task.get()).id, note="Se le avisó.")
    inbox.counter.clock.advance(days=5)
    await lapse_overdue(inbox.counter.tools)

    await confirm(inbox, item)

    assert (await Tramite.get(id=observed.id)).status is TramiteStatus.LAPSED
    assert (await Tramite.get(id=filed.id)).status is TramiteStatus.PENDING


async def test_what_the_desk_has_taken_up_meanwhile_stays(inbox: Inbox, database: Database) -> None:
    observed = await inbox.observed()
    item, filed = await answer(inbox, observed)
    clerk = await inbox.counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    await tramites.resolve_tramite(inbox.counter.tools, clerk, filed.id, text="Atendido.")

    await confirm(inbox, item)

    assert (await Tramite.get(id=observed.id)).status is TramiteStatus.PENDING
    assert (await Tramite.get(id=filed.id)).status is TramiteStatus.RESOLVED
    await verify(database.web_url, None, anchors=(), progress=unseen)


async def test_the_page_says_that_it_was_added(inbox: Inbox, api: Api) -> None:
    observed = await inbox.observed()
    item, filed = await answer(inbox, observed)

    page = await api.http.post(f"/confirmar/{await link_of(item)}")

    assert page.status_code == 200
    assert ADDED in page.text
    assert DONE.format(number=filed.number) in page.text


async def test_the_page_of_another_mail_says_nothing_of_that(inbox: Inbox, api: Api) -> None:
    item = await inbox.take(written(files=(SIGNED,), verdict=None))

    page = await api.http.post(f"/confirmar/{await link_of(item)}")

    assert (page.status_code, ADDED in page.text) == (200, False)
