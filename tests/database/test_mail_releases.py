"""Mails that people let in: filed for whoever sent them, by what is known of the sender, once, as of when they came."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from actions import mail_desk, tramites
from actions.mail_replies import COMPLETE, HINT
from intake import wording
from intake.proof import OwnServers
from intake.replay import replay
from models.mail import MailItem
from models.mail_desk import MailDecision
from models.mail_links import MailLink
from models.people import User
from models.receipts import Notice, Receipt
from models.register import Entry, ReadEntry
from models.tramites import Attachment, Tramite
from reading.mails import find_mail
from rules.access import Role
from rules.catalogue import Channel
from rules.lifecycle import TramiteStatus
from rules.mail import MailOutcome, Proof, SenderProof, SuppressionReason
from rules.mail_desk import MailNotQuarantined
from rules.mail_links import LinkPurpose
from rules.mail_reasons import HELD
from rules.notices import SECRET, NoticeKind, NoticeState
from rules.register import Act
from tests.database.desk import HERE, THERE
from tests.mails import EARLIER, Postman, source
from tests.unit.intake.mails import PDF, write_mail

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api import Api
    from tests.database.desk import Desk
    from tests.lasting_jail import LastingJail

SERVER = "mx.example.pe"
ANA = "ana@example.pe"
TWICE = b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: 8bit\r\n"
"""What begins with it goes to quarantine, though it is known who sent it, and what."""

PASS, FAIL = (f"Authentication-Results: {SERVER}; dmarc={each} header.from=example.pe\r\n" for each in ("pass", "fail"))


@pytest_asyncio.fixture
async def postman(desk: Desk, lasting_jail: LastingJail, tmp_path: Path) -> Postman:
    """Return who brings mails to the desk's counter, whose server says who sent them."""
    postman = Postman(desk.counter, lasting_jail, tmp_path)
    postman.means = replace(postman.means, servers=OwnServers(frozenset({SERVER})))
    return postman


def letter(*files: tuple[str, bytes], sender: str = ANA, above: str = "", **changes: Any) -> bytes:
    """Return a mail that goes to quarantine."""
    mail = write_mail(*(files or [("pedido.pdf", PDF + uuid4().bytes)]), sender=f"Ana <{sender}>", **changes)
    return above.encode() + TWICE + mail.as_bytes()


async def kept(postman: Postman, content: bytes, *, office: str = HERE) -> MailItem:
    item = await postman.bring(content, office=office)
    assert (item.outcome, item.notice_id) == (MailOutcome.QUARANTINED, None)
    return item


async def release(by: Api, item: MailItem) -> Tramite:
    """Release a mail, which must succeed; return its trámite, to which the ledger points."""
    answer = await by.mutate("releaseMail", "mail { id outcome }", id=str(item.id))
    assert answer.get("mail") == {"id": str(item.id), "outcome": "FILED"}, answer
    return await Tramite.get(mails__id=item.id)


async def the_notice(tramite: Tramite) -> Notice:
    """Return the one notice about a trámite, which is the answer to its mail."""
    notice = await Notice.get(tramite_id=tramite.id)
    item = await MailItem.get(tramite_id=tramite.id)
    assert (notice.kind, notice.id) == (NoticeKind.SUBMISSION_RECEIPT, item.notice_id)
    assert (item.suppression is None) == (notice.state is NoticeState.PENDING)
    return notice


async def links_of(tramite: Tramite) -> set[LinkPurpose]:
    """Return what the links are for of which the notice brings the tokens."""
    rows = {link.purpose for link in await MailLink.filter(tramite_id=tramite.id)}
    assert {purpose.value.lower() for purpose in rows} == set((await the_notice(tramite)).detail.get(SECRET, {}))
    return rows


async def test_a_mail_that_nobody_proves_is_filed_unproven_with_a_link_to_confirm_it(
    desk: Desk, postman: Postman
) -> None:
    clerk, ana = await desk.person(Role.CLERK, HERE), await desk.counter.register(email=ANA)
    before = await User.get(id=ana.user_id).values()

    tramite = await release(clerk, await kept(postman, letter()))

    assert (tramite.sender_proof, tramite.applicant_id, tramite.contact_email) == (SenderProof.UNPROVEN, None, ANA)
    assert (tramite.sent_at, tramite.channel, tramite.missing) == (EARLIER, Channel.EMAIL, [])
    assert await links_of(tramite) == {LinkPurpose.CONFIRM}
    notice = await the_notice(tramite)
    assert (notice.address, notice.state, notice.answer_key is not None) == (ANA, NoticeState.PENDING, True)
    assert await User.get(id=ana.user_id).values() == before


async def test_a_proven_mail_is_the_filing_of_the_account_and_not_of_the_clerk(desk: Desk, postman: Postman) -> None:
    clerk, ana = await desk.person(Role.CLERK, HERE), await desk.counter.register(email=ANA)

    tramite = await release(clerk, await kept(postman, letter(above=PASS)))

    assert (tramite.sender_proof, tramite.applicant_id) == (SenderProof.PROVEN, ana.user_id)
    assert await links_of(tramite) == set()
    entries = await Entry.filter(tramite_id=tramite.id)
    assert [(entry.act, entry.actor_id) for entry in entries] == [(Act.FILED, ana.user_id)]
    released = await Entry.get(act=Act.MAIL_RELEASED)
    assert (released.actor_id, released.detail["tramiteId"]) == (clerk.viewer.user_id, str(tramite.id))
    clerks_number = (await User.get(id=clerk.viewer.user_id)).identity_number
    assert clerks_number not in str((await Receipt.get(tramite_id=tramite.id)).facts)


async def test_who_was_proven_when_the_mail_came_is_proven_when_it_is_released(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await kept(postman, letter(above=PASS))
    assert item.proof is Proof.PROVEN_BY_SERVER, "and the counter that releases it trusts no server"

    tramite = await release(clerk, item)

    assert (await MailItem.get(id=item.id)).proof is Proof.PROVEN_BY_SERVER
    assert (tramite.sender_proof, await links_of(tramite)) == (SenderProof.PROVEN, {LinkPurpose.CONFIRM})


async def test_a_forged_mail_is_filed_and_nobody_is_written_to(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await kept(postman, letter(above=FAIL))

    tramite = await release(clerk, item)

    notice = await the_notice(tramite)
    assert (notice.state, notice.reason) == (NoticeState.SUPPRESSED, SuppressionReason.FORGED)
    assert (tramite.sender_proof, await links_of(tramite)) == (SenderProof.UNPROVEN, set())
    answered = await clerk.mutate("answerMail", id=str(item.id), text="Gracias.")
    assert answered["code"] == "MAIL_UNANSWERABLE"


async def test_what_a_released_mail_lacks_is_listed_and_completed_by_a_link(desk: Desk, postman: Postman) -> None:
    clerk = await desk.person(Role.CLERK, HERE)
    item = await kept(postman, letter(("foto.exe", b"MZ" + b"\0" * 99), subject=""))

    tramite = await release(clerk, item)

    assert len(tramite.missing) == 3, tramite.missing
    assert await links_of(tramite) == {LinkPurpose.CONFIRM, LinkPurpose.COMPLETE}
    assert (await the_notice(tramite)).detail[SECRET][COMPLETE]
    assert await Attachment.filter(tramite_id=tramite.id).count() == 0


async def test_a_document_in_a_mail_that_says_that_we_wrote_it_is_not_lost(desk: Desk, postman: Postman) -> None:
    clerk, own = await desk.person(Role.CLERK, HERE), desk.counter.tools.institution.intake_address
    item = await postman.bring(write_mail(("pedido.pdf", PDF), sender=own).as_bytes())
    assert (item.outcome, item.reason) == (MailOutcome.QUARANTINED, "OWN_MAIL")

    tramite = await release(clerk, item)

    assert [file.name for file in await Attachment.filter(tramite_id=tramite.id)] == ["pedido.pdf"]
    assert (await the_notice(tramite)).reason == SuppressionReason.OWN_MAIL


async def test_why_no_machine_may_answer_was_found_when_the_mail_came(desk: Desk, postman: Postman) -> None:
    clerk = await desk.person(Role.CLERK, HERE)
    postman.means = replace(postman.means, own_addresses=frozenset({"alias@example.pe"}))
    item = await postman.bring(write_mail(("pedido.pdf", PDF), sender="alias@example.pe").as_bytes())
    assert item.reason == "OWN_MAIL", "and the counter that releases it does not know of that address"

    tramite = await release(clerk, item)

    assert (await the_notice(tramite)).reason == SuppressionReason.OWN_MAIL


async def test_of_a_mail_that_was_too_large_it_is_said_that_the_rest_is_to_be_completed(
    desk: Desk, postman: Postman
) -> None:
    clerk, small = await desk.person(Role.CLERK, HERE), replace(source(HERE), longest_mail=500)
    replayed = await replay(postman.means, small, io.BytesIO(letter()), received_at=EARLIER)
    assert (replayed.item.outcome, replayed.item.reason) == (MailOutcome.QUARANTINED, "TOO_LARGE, TWO_ENCODINGS")

    tramite = await release(clerk, replayed.item)

    assert (tramite.missing, tramite.sent_at) == ([wording.TOO_LARGE], EARLIER)
    assert await links_of(tramite) == {LinkPurpose.CONFIRM, LinkPurpose.COMPLETE}


async def observed(desk: Desk, clerk: Api) -> tuple[Tramite, str]:
    """Return María's trámite, observed, and the Message-ID of the notice that tells her."""
    id_ = desk.tramite["id"]
    await tramites.observe_tramite(desk.counter.tools, clerk.viewer, id_, text="Falta la firma.")
    return await Tramite.get(id=id_), (await Notice.get(tramite_id=id_, kind=NoticeKind.OBSERVED)).message_id


async def test_a_proven_reply_of_the_party_corrects_what_it_answers(desk: Desk, postman: Postman) -> None:
    clerk = await desk.person(Role.CLERK, HERE)
    tramite, question = await observed(desk, clerk)
    assert tramite.contact_email is not None
    above = PASS + f"In-Reply-To: {question}\r\n"
    item = await kept(postman, letter(sender=tramite.contact_email, above=above))

    answer = await clerk.mutate("releaseMail", "mail { outcome tramite { number } }", id=str(item.id))

    assert answer["mail"] == {"outcome": "REPLY", "tramite": {"number": tramite.number}}, answer
    assert (await Tramite.get(id=tramite.id)).status is TramiteStatus.PENDING
    settled = await MailItem.get(id=item.id).prefetch_related("notice")
    assert settled.notice is not None
    assert (settled.notice.kind, settled.notice.state) == (NoticeKind.CORRECTED, NoticeState.PENDING)
    assert await Tramite.filter(channel=Channel.EMAIL).count() == 0
    assert (await Entry.get(act=Act.MAIL_RELEASED)).detail["tramiteId"] == str(tramite.id)


async def test_a_reply_of_somebody_unproven_is_a_tramite_of_its_own_that_says_so(desk: Desk, postman: Postman) -> None:
    clerk = await desk.person(Role.CLERK, HERE)
    before, question = await observed(desk, clerk)
    assert before.contact_email is not None
    item = await kept(postman, letter(sender=before.contact_email, above=f"In-Reply-To: {question}\r\n"))

    tramite = await release(clerk, item)

    assert tramite.id != before.id
    assert HINT in (await the_notice(tramite)).detail
    assert (await MailItem.get(id=item.id)).hint_id == before.id
    assert (await Tramite.get(id=before.id)).status is TramiteStatus.OBSERVED


@pytest.mark.parametrize(("office", "is_shown"), [(HERE, True), (THERE, False)])
async def test_what_a_mail_is_about_is_shown_to_who_may_see_that(
    desk: Desk, postman: Postman, office: str, *, is_shown: bool
) -> None:
    clerk = await desk.person(Role.CLERK, HERE)
    tramite, question = await observed(desk, clerk)
    mail = f"In-Reply-To: {question}\r\n".encode() + write_mail(("a.pdf", PDF), sender=ANA).as_bytes()
    item = await postman.bring(mail, office=office)
    reader = await desk.person(Role.CLERK, office)

    shown = (await reader.data(f'{{ mail(id: "{item.id}") {{ hint {{ number }} reasonText }} }}'))["mail"]

    assert item.hint_id == tramite.id
    assert shown == {"hint": {"number": tramite.number} if is_shown else None, "reasonText": None}
    assert await ReadEntry.filter(kind="MAILS").count() == 0
    await reader.data(f'{{ mail(id: "{item.id}") {{ hint {{ senderName }} }} }}')
    assert await ReadEntry.filter(kind="MAILS").count() == 1


async def test_a_mail_in_quarantine_comes_with_what_a_clerk_should_do(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await kept(postman, letter())

    shown = (await clerk.data("{ mails { edges { node { reason reasonText } } } }"))["mails"]["edges"]

    assert [edge["node"] for edge in shown] == [{"reason": item.reason, "reasonText": HELD[item.reason or ""]}]


async def test_of_two_clerks_who_release_a_mail_at_once_one_does(desk: Desk, postman: Postman) -> None:
    clerks = [await desk.person(Role.CLERK, HERE) for _ in range(2)]
    item = await kept(postman, letter())

    results = await asyncio.gather(
        *(mail_desk.release_mail(desk.counter.tools, clerk.viewer, item.id) for clerk in clerks),
        return_exceptions=True,
    )

    [refused] = [each for each in results if isinstance(each, MailNotQuarantined)]
    assert refused.message.startswith("Ese correo ya ingresó como trámite.")
    tramite = await Tramite.get(channel=Channel.EMAIL)
    assert (await the_notice(tramite)).state is NoticeState.PENDING
    decision = await MailDecision.get()
    assert decision.made_by_id == (await Entry.get(act=Act.MAIL_RELEASED)).actor_id


async def test_a_clerk_of_another_office_releases_nothing_and_learns_nothing(desk: Desk, postman: Postman) -> None:
    clerk, item = await desk.person(Role.CLERK, THERE), await kept(postman, letter())

    others = await clerk.mutate("releaseMail", id=str(item.id))

    assert others == await clerk.mutate("releaseMail", id=str(uuid4()))
    assert (await MailItem.get(id=item.id)).outcome is MailOutcome.QUARANTINED
    assert await Notice.filter(address=ANA).count() == 0


async def test_a_rejected_mail_is_not_released_and_the_clerk_is_told_what_happened(
    desk: Desk, postman: Postman
) -> None:
    clerk, item = await desk.person(Role.CLERK, HERE), await kept(postman, letter())
    await clerk.mutate("rejectMail", id=str(item.id), reason="Es publicidad.")

    answer = await clerk.mutate("releaseMail", id=str(item.id))

    assert answer["code"] == "MAIL_NOT_QUARANTINED"
    assert answer["message"].startswith("Ese correo ya fue rechazado.")
    assert await Tramite.filter(channel=Channel.EMAIL).count() == 0


async def own_mail(desk: Desk, postman: Postman, who: Api, **changes: Any) -> MailItem:
    """Return a mail in quarantine that says that somebody has sent it, from a variant of their address."""
    local, _, domain = (await User.get(id=who.viewer.user_id)).email.partition("@")
    return await kept(postman, letter(sender=f"{local.upper()}+yo@{domain}", **changes))


@pytest.mark.parametrize("role", [Role.CLERK, Role.SUPERVISOR])
async def test_nobody_decides_a_mail_of_their_own_and_another_person_may(
    desk: Desk, postman: Postman, role: Role
) -> None:
    me, other = await desk.person(role, HERE), await desk.person(Role.CLERK, HERE)
    item = await own_mail(desk, postman, me)
    assert await find_mail(me.viewer, item.id) is not None, "which they may see"

    codes = [
        (await me.mutate("releaseMail", id=str(item.id)))["code"],
        (await me.mutate("rejectMail", id=str(item.id), reason="No."))["code"],
        (await me.mutate("answerMail", id=str(item.id), text="No."))["code"],
    ]

    assert codes == ["OWN_MAIL"] * 3
    assert (await MailItem.get(id=item.id)).outcome is MailOutcome.QUARANTINED
    assert await MailDecision.all().count() == await Tramite.filter(channel=Channel.EMAIL).count() == 0
    assert (await release(other, item)).sender_proof is SenderProof.UNPROVEN


async def test_a_mail_of_several_senders_is_not_decided_by_any_of_them(desk: Desk, postman: Postman) -> None:
    me = await desk.person(Role.CLERK, HERE)
    mine = (await User.get(id=me.viewer.user_id)).email
    item = await kept(postman, f"From: {mine}\r\n".encode() + letter())

    assert (await me.mutate("releaseMail", id=str(item.id)))["code"] == "OWN_MAIL"
