"""What staff do with mails: each is decided once, keeps its date, and its sender is written to within the limits."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from actions import mail_desk
from actions.erasures import ERASURES
from actions.transaction import tx
from models.mail import MailItem
from models.mail_desk import MailDecision
from models.receipts import Notice
from models.register import Entry, ReadEntry
from models.tramites import Attachment, Tramite
from rules.access import Role
from rules.catalogue import Channel
from rules.kept_kinds import RetentionKind
from rules.mail import MailOutcome, SuppressionReason
from rules.notices import NoticeKind, NoticeState
from rules.register import Act
from tests.counter import MONDAY
from tests.database.desk import HERE, THERE
from tests.mails import AUTOMATIC, EARLIER, SUSPICIOUS, Postman
from tests.statements import Statements
from tests.unit.intake.mails import PDF, write_mail

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api import Api
    from tests.counter import Counter
    from tests.database.desk import Desk
    from tests.lasting_jail import LastingJail

HELD = b"Content-Type: text/plain\r\n"
"""A second Content-Type: what begins with it goes to quarantine, and may be answered."""

LIST = """query($first: Int! = 20, $after: String, $outcome: MailOutcome, $mailboxId: UUID, $day: Date) {
    mails(first: $first, after: $after, outcome: $outcome, mailboxId: $mailboxId, day: $day) {
        edges { node { id outcome } } pageInfo { hasNextPage endCursor } } }"""
MAIL = """mail { outcome reason suppression receivedAt tramite { number sentAt filedOn subject }
    decisions { kind text madeBy { role } } }"""


@pytest_asyncio.fixture
async def postman(desk: Desk, lasting_jail: LastingJail, tmp_path: Path) -> Postman:
    """Return who brings mails to the desk's counter."""
    return Postman(desk.counter, lasting_jail, tmp_path)


def a_mail(text: str = "Buenos días.", **changes: Any) -> bytes:
    return write_mail(("Solicitud.pdf", PDF), text=text, **changes).as_bytes()


async def quarantined(postman: Postman, *, office: str = HERE, text: str = "Buenos días.", **changes: Any) -> MailItem:
    item = await postman.bring(SUSPICIOUS + a_mail(text, **changes), office=office)
    assert item.outcome is MailOutcome.QUARANTINED
    return item


async def listed(by: Api, **asked: Any) -> list[str]:
    return [edge["node"]["id"] for edge in (await by.data(LIST, **asked))["mails"]["edges"]]


async def test_a_released_mail_becomes_a_tramite_with_the_date_on_which_it_came(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await quarantined(postman)

    answer = await clerk.mutate("releaseMail", MAIL, id=str(item.id))

    tramite = await Tramite.get(channel=Channel.EMAIL)
    assert answer["mail"] == {
        "outcome": "FILED",
        "reason": "TWO_FROM",
        "suppression": "NO_SINGLE_SENDER",
        "receivedAt": EARLIER.isoformat(),
        "tramite": {
            "number": tramite.number,
            "sentAt": EARLIER.isoformat(),
            "filedOn": "2026-03-06",
            "subject": "Solicito copia",
        },
        "decisions": [{"kind": "RELEASED", "text": None, "madeBy": {"role": "CLERK"}}],
    }
    assert (tramite.sent_at, tramite.filed_on, tramite.applicant_id) == (EARLIER, date(2026, 3, 6), None)
    assert [file.name for file in await Attachment.filter(tramite=tramite)] == ["Solicitud.pdf"]
    notice = await Notice.get(tramite=tramite)
    assert (notice.state, notice.reason) == (NoticeState.SUPPRESSED, SuppressionReason.NO_SINGLE_SENDER)
    entry = await Entry.get(act=Act.MAIL_RELEASED)
    assert (entry.actor_id, entry.tramite_id, entry.text) == (clerk.viewer.user_id, None, None)
    assert (entry.detail["mail"], entry.detail["tramiteId"]) == (str(item.id), str(tramite.id))


async def test_the_sender_of_a_released_mail_gets_the_receipt_if_it_may_be_answered(
    desk: Desk, postman: Postman
) -> None:
    clerk = await desk.person(Role.CLERK, HERE)
    item = await postman.bring(HELD + a_mail())
    assert item.outcome is MailOutcome.QUARANTINED

    await clerk.mutate("releaseMail", MAIL, id=str(item.id))

    tramite = await Tramite.get(channel=Channel.EMAIL)
    notice = await Notice.get(tramite=tramite)
    assert (notice.address, notice.state, notice.in_reply_to) == (
        "rosa@example.pe",
        NoticeState.PENDING,
        "<1@example.pe>",
    )


async def test_of_two_who_decide_at_once_the_quicker_one_counts(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await quarantined(postman)
    tools, viewer = desk.counter.tools, clerk.viewer

    results = await asyncio.gather(
        mail_desk.release_mail(tools, viewer, item.id),
        mail_desk.release_mail(tools, viewer, item.id),
        mail_desk.reject_mail(tools, viewer, item.id, reason="Es publicidad."),
        return_exceptions=True,
    )

    assert sorted(type(each).__name__ for each in results) == ["MailItem", "MailNotQuarantined", "MailNotQuarantined"]
    assert await MailDecision.all().count() == 1
    assert await Tramite.filter(channel=Channel.EMAIL).count() == ((await MailDecision.get()).kind.value == "RELEASED")


async def test_a_mail_that_cannot_be_opened_is_released_with_what_is_missing(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await quarantined(postman)
    await MailItem.filter(id=item.id).update(original_id=await empty_content(desk.counter))

    await clerk.mutate("releaseMail", MAIL, id=str(item.id))

    tramite = await Tramite.get(channel=Channel.EMAIL)
    assert (tramite.subject, tramite.sent_at) == ("(sin asunto)", EARLIER)
    assert [each for each in tramite.missing if "documento principal" in each]


async def empty_content(counter: Counter) -> str:
    from actions.contents import record_content

    stored = await counter.tools.store.put_bytes(b"")
    async with tx():
        await record_content(counter.tools, stored)
    return stored.sha256


async def test_what_was_filed_at_once_is_not_released_again(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await postman.bring(a_mail())

    answer = await clerk.mutate("releaseMail", id=str(item.id))

    assert answer["code"] == "MAIL_NOT_QUARANTINED"
    assert await Tramite.filter(channel=Channel.EMAIL).count() == 1


async def test_the_sender_of_a_rejected_mail_is_told_why_and_nothing_of_it(desk: Desk, postman: Postman) -> None:
    clerk = await desk.person(Role.CLERK, HERE)
    item = await postman.bring(HELD + a_mail("SECRETO", subject="SECRETO"))

    answer = await clerk.mutate("rejectMail", MAIL, id=str(item.id), reason="Es publicidad.")

    assert (answer["mail"]["outcome"], answer["mail"]["tramite"]) == ("REJECTED", None)
    assert answer["mail"]["decisions"] == [{"kind": "REJECTED", "text": "Es publicidad.", "madeBy": {"role": "CLERK"}}]
    notice = await Notice.get(kind=NoticeKind.MAIL_REJECTED_BY_STAFF)
    assert (notice.address, notice.state, notice.in_reply_to) == (
        "rosa@example.pe",
        NoticeState.PENDING,
        "<1@example.pe>",
    )
    assert notice.detail == {"reason": "Es publicidad.", "receivedAt": EARLIER.isoformat()}
    assert await Tramite.filter(channel=Channel.EMAIL).count() == 0
    entry = await Entry.get(act=Act.MAIL_REJECTED)
    assert "publicidad" not in str(entry.detail)


async def test_a_rejected_mail_that_no_machine_may_answer_is_answered_by_none(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await quarantined(postman)

    await clerk.mutate("rejectMail", id=str(item.id), reason="Es publicidad.")

    notice = await Notice.get(kind=NoticeKind.MAIL_REJECTED_BY_STAFF)
    assert (notice.state, notice.reason) == (NoticeState.SUPPRESSED, "NO_SINGLE_SENDER")
    assert (await MailItem.get(id=item.id)).suppression is SuppressionReason.NO_SINGLE_SENDER


@pytest.mark.parametrize("reason", ["", "a" * 1001])
async def test_a_mail_is_not_rejected_without_a_reason_that_fits(desk: Desk, postman: Postman, reason: str) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await quarantined(postman)

    answer = await clerk.mutate("rejectMail", id=str(item.id), reason=reason)

    assert answer["path"] == ["input", "reason"]
    assert (await MailItem.get(id=item.id)).outcome is MailOutcome.QUARANTINED
    assert await Notice.filter(kind=NoticeKind.MAIL_REJECTED_BY_STAFF).count() == 0


async def test_an_answer_goes_to_the_sender_with_nothing_of_what_they_wrote(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await postman.bring(a_mail("SECRETO"))

    answer = await clerk.mutate("answerMail", MAIL, id=str(item.id), text="Ya lo tenemos.\n\nGracias.")

    assert answer["mail"]["decisions"][0]["text"] == "Ya lo tenemos.\n\nGracias."
    notice = await Notice.get(kind=NoticeKind.MAIL_ANSWERED_BY_STAFF)
    assert (notice.address, notice.state) == ("rosa@example.pe", NoticeState.PENDING)
    assert "SECRETO" not in str(notice.detail)
    assert (await Entry.get(act=Act.MAIL_ANSWERED)).detail["mail"] == str(item.id)


async def test_the_same_answer_under_the_same_key_is_sent_once(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await postman.bring(a_mail())
    given = {"id": str(item.id), "clientKey": str(uuid4()), "text": "Ya lo tenemos."}

    first = await clerk.mutate("answerMail", MAIL, **given)
    again = await clerk.mutate("answerMail", MAIL, **given)
    other = await clerk.mutate("answerMail", **{**given, "text": "No lo tenemos."})

    assert (again, other["code"]) == (first, "CLIENT_KEY_REUSED")
    assert await Notice.filter(kind=NoticeKind.MAIL_ANSWERED_BY_STAFF).count() == 1


@pytest.mark.parametrize("header", [AUTOMATIC, b"List-Id: <l.example.pe>\r\n", b"Precedence: bulk\r\n"])
async def test_machines_and_lists_are_never_answered(desk: Desk, postman: Postman, header: bytes) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await postman.bring(header + a_mail())

    answer = await clerk.mutate("answerMail", id=str(item.id), text="Gracias.")

    assert answer["code"] == "MAIL_UNANSWERABLE"
    assert await MailDecision.all().count() == 0


async def test_one_address_is_written_to_five_times_a_day_whoever_writes(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await postman.bring(a_mail())
    for _ in range(4):
        await clerk.mutate("answerMail", id=str(item.id), text="Gracias.")

    answer = await clerk.mutate("answerMail", id=str(item.id), text="Gracias.")

    assert answer["code"] == "TOO_MANY_ANSWERS"
    assert await Notice.filter(address="rosa@example.pe").count() == 5
    desk.counter.clock.advance(hours=25)
    clerk = await clerk.signed_in_again(desk.counter, clerk)
    assert (await clerk.mutate("answerMail", id=str(item.id), text="Gracias."))["__typename"] == "AnswerMailSuccess"


async def test_two_who_answer_at_once_do_not_pass_the_limit(desk: Desk, postman: Postman) -> None:
    clerk, tools = await desk.person(Role.CLERK, HERE), desk.counter.tools
    items = [await postman.bring(HELD + a_mail(str(number))) for number in range(8)]

    results = await asyncio.gather(
        *(mail_desk.answer_mail(tools, clerk.viewer, item.id, text="Gracias.") for item in items),
        return_exceptions=True,
    )

    assert sum(isinstance(each, MailItem) for each in results) == 5
    assert await Notice.filter(address="rosa@example.pe").count() == 5


async def test_a_mail_is_seen_by_those_whose_office_its_mailbox_files_to(desk: Desk, postman: Postman) -> None:
    here, there = await postman.bring(a_mail("a"), office=HERE), await postman.bring(a_mail("b"), office=THERE)
    people = {
        "clerk": await desk.person(Role.CLERK, HERE),
        "supervisor": await desk.person(Role.SUPERVISOR, HERE),
        "auditor": await desk.person(Role.AUDITOR, HERE),
        "administrator": await desk.person(Role.ADMINISTRATOR, HERE),
        "applicant": await desk.person(Role.APPLICANT, None),
    }

    seen = {name: set(await listed(api)) for name, api in people.items()}

    both = {str(here.id), str(there.id)}
    assert seen == {
        "clerk": {str(here.id)},
        "supervisor": both,
        "auditor": both,
        "administrator": set(),
        "applicant": set(),
    }


async def test_auditors_see_and_decide_nothing(desk: Desk, postman: Postman) -> None:
    auditor, item = await desk.person(Role.AUDITOR, HERE), await quarantined(postman)

    codes = [
        (await auditor.mutate("releaseMail", id=str(item.id)))["code"],
        (await auditor.mutate("rejectMail", id=str(item.id), reason="No."))["code"],
        (await auditor.mutate("answerMail", id=str(item.id), text="No."))["code"],
    ]

    assert codes == ["NOT_YOUR_MAIL"] * 3
    assert (await MailItem.get(id=item.id)).outcome is MailOutcome.QUARANTINED


async def test_a_mail_of_another_office_is_as_one_that_is_not_there(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await quarantined(postman, office=THERE)

    others = await clerk.mutate("releaseMail", id=str(item.id))
    nobodys = await clerk.mutate("releaseMail", id=str(uuid4()))

    assert others == nobodys
    assert others["code"] == "MAIL_NOT_FOUND"
    assert (await clerk.data(f'{{ mail(id: "{item.id}") {{ id }} }}'))["mail"] is None


async def test_mails_are_found_by_outcome_mailbox_and_day(desk: Desk, postman: Postman) -> None:
    filed = await postman.bring(a_mail("a"))
    held = await quarantined(postman, text="b")
    elsewhere = await postman.bring(a_mail("c"), office=THERE)
    late = await postman.bring(a_mail("d"), received_at=MONDAY.replace(hour=4, minute=59))
    supervisor = await desk.person(Role.SUPERVISOR, HERE)

    assert await listed(supervisor, outcome="QUARANTINED") == [str(held.id)]
    assert await listed(supervisor, mailboxId=str(elsewhere.mailbox_id)) == [str(elsewhere.id)]
    assert await listed(supervisor, day="2026-03-08") == [str(late.id)]
    assert set(await listed(supervisor, day="2026-03-06", outcome="FILED")) == {str(filed.id), str(elsewhere.id)}


@pytest.mark.parametrize("role", [Role.CLERK, Role.SUPERVISOR])
async def test_pages_of_mails_give_each_once_the_newest_first(desk: Desk, postman: Postman, role: Role) -> None:
    mails = [await postman.bring(a_mail(str(day)), received_at=EARLIER - timedelta(days=day)) for day in (0, 1, 1, 2)]
    reader, seen, after = await desk.person(role, HERE), list[str](), None

    has_next = True
    while has_next:
        page = (await reader.data(LIST, first=1, after=after))["mails"]
        has_next = page["pageInfo"]["hasNextPage"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]

    ordered = sorted(mails, key=lambda mail: (mail.received_at, mail.id), reverse=True)
    assert seen == [str(mail.id) for mail in ordered]


async def test_a_mail_is_fetched_as_it_came_and_only_to_be_saved(desk: Desk, postman: Postman) -> None:
    content = a_mail("<script>alert(1)</script>")
    clerk, item = await desk.person(Role.CLERK, HERE), await postman.bring(content)

    response = await fetch(clerk, item, "raw")

    assert response.content == content
    assert {name: response.headers[name] for name in SAFE} == {
        **SAFE,
        "content-disposition": f"attachment; filename=\"correo-{item.id}.eml\"; filename*=UTF-8''correo-{item.id}.eml",
        "content-type": "application/octet-stream",
    }
    [read] = await ReadEntry.filter(kind="MAIL")
    assert (read.viewer_id, read.subject_id, read.detail) == (clerk.viewer.user_id, item.id, {"form": "raw"})


SAFE = {
    "content-disposition": "",
    "content-type": "",
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


async def fetch(by: Api, item: MailItem, form: str) -> Any:
    return await by.http.get(f"/mails/{item.id}/{form}", headers={"authorization": f"Bearer {by.token}"})


async def test_the_text_of_a_mail_holds_nothing_that_runs_or_is_fetched(desk: Desk, postman: Postman) -> None:
    mail = write_mail(subject="Pedido ‮oculto")
    mail.set_content(
        "<html><style>p {color: red}</style><p>Adi&oacute;s<br>ya</p><script>alert(1)</script>"
        '<img src="https://evil.example/pixel.png"></html>',
        subtype="html",
    )
    clerk, item = await desk.person(Role.CLERK, HERE), await postman.bring(mail.as_bytes())

    response = await fetch(clerk, item, "text")

    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment; ")
    assert response.headers["content-security-policy"] == "sandbox; default-src 'none'"
    lines = [line for line in response.text.splitlines() if line]
    assert lines == [
        "De: Rosa Ñaupari <rosa@example.pe>",
        "Para: mesadepartes@example.pe",
        "Asunto: Pedido oculto",
        "Adiós",
        "ya",
    ]
    assert [read.detail for read in await ReadEntry.filter(kind="MAIL")] == [{"form": "text"}]


@pytest.mark.parametrize("form", ["raw", "text"])
async def test_who_may_not_see_a_mail_fetches_none_and_leaves_no_trace(desk: Desk, postman: Postman, form: str) -> None:
    item = await postman.bring(a_mail(), office=THERE)
    people = [await desk.person(Role.CLERK, HERE), await desk.person(Role.ADMINISTRATOR, HERE)]

    answers = [await fetch(each, item, form) for each in people]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "MAIL_NOT_FOUND")] * 2
    assert await ReadEntry.filter(kind="MAIL").count() == 0


async def test_of_a_mail_past_its_time_the_ledger_stays_and_words_go(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await quarantined(postman)
    await clerk.mutate("rejectMail", id=str(item.id), reason="Es publicidad.")
    async with tx() as connection:
        await ERASURES[RetentionKind.MAILS](connection, desk.counter.tools, [item.id])

    raw = await fetch(clerk, item, "raw")
    answered = await clerk.mutate("answerMail", id=str(item.id), text="Gracias.")

    assert (raw.status_code, raw.json()["code"], answered["code"]) == (410, *["MAIL_NO_LONGER_KEPT"] * 2)
    assert (await MailDecision.get()).text is None
    shown = (await clerk.data(f'{{ mail(id: "{item.id}") {{ outcome isKept decisions {{ text }} }} }}'))["mail"]
    assert shown == {"outcome": "REJECTED", "isKept": False, "decisions": [{"text": None}]}


async def test_what_was_written_about_a_mail_is_read_with_a_trace_and_the_ledger_without(
    desk: Desk, postman: Postman
) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await quarantined(postman)
    await clerk.data(f'{{ mail(id: "{item.id}") {{ id outcome reason sizeBytes copies mailbox {{ folder }} }} }}')
    assert await ReadEntry.filter(kind="MAILS").count() == 0

    await clerk.data(f'{{ mail(id: "{item.id}") {{ decisions {{ text }} }} }}')

    assert [read.detail["ids"] for read in await ReadEntry.filter(kind="MAILS")] == [[str(item.id)]]


async def test_a_list_of_three_mails_takes_as_many_statements_as_one_of_one(
    desk: Desk, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = """{ mails { edges { node { id sizeBytes copies mailbox { office { code } } tramite { number }
        decisions { kind } } } } }"""
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await postman.bring(a_mail("1"))
    await supervisor.data(asked)
    statements = Statements(monkeypatch)
    await supervisor.data(asked)
    once, statements.count = statements.count, 0
    for text in ("2", "3"):
        await postman.bring(a_mail(text))
    statements.count = 0

    answer = await supervisor.data(asked)

    assert len(answer["mails"]["edges"]) == 3
    assert statements.count == once
