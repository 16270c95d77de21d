"""Whose a mail is: an account's only if its sender is proven, anybody's who holds the link that went to its sender."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pytest

from actions import mail, mail_links, notices, tramites
from actions.mail_confirming import Confirmation, confirm_filing
from delivery.letters import letter_of
from delivery.messages import compose
from mesadepartes.verifying import verify
from models.mail import MailItem
from models.mail_links import MailLink
from models.people import User
from models.receipts import Notice, Receipt
from models.register import Entry
from models.tramites import Tramite
from reading.chains import Fault
from reading.mail_accounts import account_with
from rules.access import Role
from rules.mail import Proof, SenderProof, SuppressionReason
from rules.mail_links import LINK_LIFE, LinkPurpose, NoSuchLink
from rules.notices import SECRET, NoticeKind, NoticeState
from rules.receipts import Identification
from rules.revisions import TramiteChanged
from rules.throttling import Client
from tests.api import Api
from tests.database.mailing import ANA, another_link, file_mail, lease_of_inbox, link_of, received
from tests.database.test_verifying import unseen
from tests.stores import store_in

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from tests.counter import Counter
    from tests.servers.postgres import Database

SERVER, CONFIRM = Proof.PROVEN_BY_SERVER, LinkPurpose.CONFIRM
SHOWN = "number isClaimed"
CLAIMED = (NoticeKind.TRAMITE_ADDED, NoticeKind.TRAMITE_CLAIMED)


async def identified(tramite: Tramite) -> str:
    return (await Receipt.get(tramite_id=tramite.id)).facts["identified_by"]


async def state_of(tramite: Tramite) -> tuple[SenderProof | None, UUID | None, int]:
    now = await Tramite.get(id=tramite.id)
    return now.sender_proof, now.applicant_id, now.revision


async def users() -> list[dict[str, Any]]:
    return list(await User.all().order_by("id").values())


async def test_a_proven_mail_from_a_verified_address_is_filed_by_its_account(counter: Counter) -> None:
    ana = await counter.register(email=ANA)
    before = await users()

    tramite = await file_mail(counter, proof=SERVER)

    assert (await state_of(tramite))[:2] == (SenderProof.PROVEN, ana.user_id)
    assert tramite.sender_name == (await User.get(id=ana.user_id)).full_name
    assert await identified(tramite) == Identification.MAIL_ACCOUNT
    filed = await Entry.get(tramite_id=tramite.id)
    assert (filed.role, filed.actor_id) == (Role.APPLICANT, ana.user_id)
    assert (await MailLink.all().count(), await users()) == (0, before)
    assert (await MailItem.get()).proof is SERVER


@pytest.mark.parametrize("proof", [Proof.NONE, Proof.FAILED])
async def test_a_mail_that_only_says_whose_it_is_is_received_unproven(counter: Counter, proof: Proof) -> None:
    await counter.register(email=ANA)

    tramite = await file_mail(counter, proof=proof)

    assert (await state_of(tramite))[:2] == (SenderProof.UNPROVEN, None)
    assert (tramite.sender_name, tramite.contact_email) == ("Ana (estudio)", ANA)
    assert await identified(tramite) == Identification.MAIL_UNPROVEN
    assert (await MailLink.get()).tramite_id == tramite.id


async def test_a_proven_sender_without_account_is_marked_so_and_may_claim_it_later(counter: Counter) -> None:
    tramite = await file_mail(counter, proof=SERVER)

    assert (await state_of(tramite))[:2] == (SenderProof.PROVEN, None)
    assert await identified(tramite) == Identification.MAIL_PROVEN
    assert await link_of(tramite, CONFIRM)


@pytest.mark.parametrize(
    ("changes", "is_linked"),
    [
        ({}, True),
        ({"email": "Ana@EXAMPLE.pe"}, True),
        ({"email_verified_at": None}, False),
        ({"email": "ana+x@example.pe"}, False),
        ({"email": "otra@example.pe"}, False),
        ({"frozen_at": "now"}, False),
    ],
)
async def test_only_a_live_account_that_has_verified_the_very_address_is_linked(
    counter: Counter, changes: dict[str, Any], is_linked: bool
) -> None:
    ana = await counter.register(email=ANA)
    at = {"frozen_at": counter.clock()} if "frozen_at" in changes else changes
    if at:
        await User.filter(id=ana.user_id).update(**at)

    tramite = await file_mail(counter, proof=SERVER, account=ana.user_id)

    assert (tramite.applicant_id == ana.user_id) is is_linked


async def test_an_address_that_two_accounts_have_is_nobodys(counter: Counter) -> None:
    ana = await counter.register(email=ANA)
    await counter.register(email=ANA.upper())

    tramite = await file_mail(counter, proof=SERVER, account=ana.user_id)

    assert await account_with(ANA) is None
    assert tramite.applicant_id is None


async def test_whoever_gives_up_the_address_while_the_mail_is_read_gets_nothing_of_it(
    counter: Counter, database: Database
) -> None:
    ana = await counter.register(email=ANA)
    lease, read = await lease_of_inbox(), await received(counter, proof=SERVER)
    blocker = await asyncpg.connect(database.owner_url)
    async with blocker.transaction():
        await blocker.execute("UPDATE users SET email = 'otra@example.pe' WHERE id = $1", ana.user_id)
        recording = asyncio.create_task(mail.record_mail(counter.tools, lease, read))
        await database.until_somebody_waits(unless=recording)
    await asyncio.gather(recording, blocker.close())

    assert (await Tramite.get()).applicant_id is None


async def test_a_mail_that_is_not_answered_has_no_link(counter: Counter) -> None:
    await file_mail(counter, suppression=SuppressionReason.BULK)
    await file_mail(counter, sender_address=None)

    assert await MailLink.all().count() == 0
    assert [SECRET in notice.detail for notice in await Notice.all()] == [False, False]


async def test_the_token_is_kept_nowhere_once_the_mail_has_left(counter: Counter) -> None:
    tramite = await file_mail(counter)
    token = await link_of(tramite, CONFIRM)
    holder = uuid4()

    [claimed] = await notices.claim_notices(counter.tools, holder, most=1)
    await notices.record_sent(counter.tools, claimed, holder=holder)

    assert token not in str(await Notice.all().values())
    assert bytes((await MailLink.get()).token_hash) == hashlib.sha256(token.encode()).digest()


async def test_whoever_holds_the_link_confirms_without_an_account_once(counter: Counter, api: Api) -> None:
    tramite = await file_mail(counter)
    token = await link_of(tramite, CONFIRM)

    first = await api.mutate("confirmFiling", SHOWN, token=f" {token}\n")
    second = await api.mutate("confirmFiling", SHOWN, token=token)

    assert first == {"__typename": "ConfirmFilingSuccess", "number": tramite.number, "isClaimed": False}
    assert second["code"] == "LINK_USED"
    assert await state_of(tramite) == (SenderProof.CONFIRMED, None, 2)
    entry = await Entry.filter(tramite_id=tramite.id).order_by("-sequence").first()
    link = await MailLink.get()
    assert entry is not None
    assert (entry.act, entry.role, entry.actor_id) == ("CONFIRMED", Role.SYSTEM, None)
    assert entry.detail == {"link": str(link.id), "senderProof": "CONFIRMED"}
    assert (link.used_at, link.used_by_id) == (counter.clock(), None)


async def test_whoever_is_signed_in_claims_it_with_whatever_account(counter: Counter, api: Api) -> None:
    before = await file_mail(counter)
    token = await link_of(before, CONFIRM)
    luis = await api.signed_in(counter, email="luis@example.pe")
    accounts = await users()

    claimed = [await luis.mutate("confirmFiling", SHOWN, token=token, claims=True) for _ in range(2)]

    assert claimed == [{"__typename": "ConfirmFilingSuccess", "number": before.number, "isClaimed": True}] * 2
    assert await state_of(before) == (SenderProof.CONFIRMED, luis.viewer.user_id, 2)
    shown = await luis.data("{ tramites { edges { node { number senderProof channel } } } }")
    assert shown["tramites"]["edges"] == [
        {"node": {"number": before.number, "senderProof": "CONFIRMED", "channel": "EMAIL"}}
    ]
    voided = await luis.mutate("voidTramite", "tramite { status }", id=str(before.id))
    assert voided["__typename"] == "VoidTramiteSuccess"
    assert await users() == accounts
    told = {notice.kind: notice for notice in await Notice.filter(kind__in=CLAIMED)}
    owner, sender = told[NoticeKind.TRAMITE_ADDED], told[NoticeKind.TRAMITE_CLAIMED]
    assert (owner.address, owner.user_id, owner.state) == ("luis@example.pe", luis.viewer.user_id, NoticeState.PENDING)
    assert (sender.address, sender.user_id, sender.state) == (ANA, None, NoticeState.PENDING)
    await sender.fetch_related("tramite__office", "tramite__applicant", "user")
    content = compose(letter_of(sender), counter.tools.institution).content
    luis_now = await User.get(id=luis.viewer.user_id)
    assert b"luis" not in content.lower()
    assert luis_now.identity_number.encode() not in content
    assert luis_now.given_names.encode() not in content
    assert before.number.encode() in content
    after = await Tramite.get(id=before.id)
    assert (after.sent_at, after.filed_on, after.sender_name, after.contact_email) == (
        before.sent_at,
        before.filed_on,
        before.sender_name,
        before.contact_email,
    )


async def test_a_proven_sender_stays_proven(counter: Counter, api: Api) -> None:
    tramite = await file_mail(counter, proof=SERVER)
    luis = await api.signed_in(counter)

    await luis.mutate("confirmFiling", token=await link_of(tramite, CONFIRM), claims=True)

    assert (await state_of(tramite))[:2] == (SenderProof.PROVEN, luis.viewer.user_id)


async def test_who_claims_what_came_from_their_own_address_is_told_once(counter: Counter, api: Api) -> None:
    tramite = await file_mail(counter)
    ana = await api.signed_in(counter, email=ANA)

    await ana.mutate("confirmFiling", token=await link_of(tramite, CONFIRM), claims=True)

    assert [notice.kind for notice in await Notice.filter(kind__in=CLAIMED)] == [NoticeKind.TRAMITE_ADDED]


async def test_who_confirms_without_an_account_is_told_nothing_more(counter: Counter, api: Api) -> None:
    tramite = await file_mail(counter)

    await api.mutate("confirmFiling", SHOWN, token=await link_of(tramite, CONFIRM))

    assert await Notice.filter(kind__in=CLAIMED).count() == 0


async def test_somebody_else_cannot_use_the_link_again(counter: Counter, api: Api) -> None:
    tramite = await file_mail(counter)
    token = await link_of(tramite, CONFIRM)
    luis, eva = await api.signed_in(counter), await api.signed_in(counter)
    await luis.mutate("confirmFiling", token=token, claims=True)

    answers = [await other.mutate("confirmFiling", SHOWN, token=token, claims=claims)
               for other, claims in ((eva, True), (eva, False), (api, False))]  # fmt: skip

    assert [answer["code"] for answer in answers] == ["LINK_USED"] * 3
    assert tramite.number not in str(answers)
    assert await state_of(tramite) == (SenderProof.CONFIRMED, luis.viewer.user_id, 2)


async def test_a_link_does_not_take_it_from_the_account_that_has_it(counter: Counter, api: Api) -> None:
    ana, eva = await counter.register(email=ANA), await api.signed_in(counter)
    tramite = await file_mail(counter, proof=SERVER)
    token = await another_link(counter, tramite, CONFIRM)

    answer = await eva.mutate("confirmFiling", token=token, claims=True)

    assert answer["code"] == "TRAMITE_OWNED"
    assert await state_of(tramite) == (SenderProof.PROVEN, ana.user_id, 1)
    assert (await MailLink.get()).used_at is None


async def test_nobody_claims_without_signing_in_and_the_link_stays_good(counter: Counter, api: Api) -> None:
    tramite = await file_mail(counter)
    token = await link_of(tramite, CONFIRM)

    answer = await api.mutate("confirmFiling", token=token, claims=True)

    assert answer["code"] == "NOT_SIGNED_IN"
    assert await state_of(tramite) == (SenderProof.UNPROVEN, None, 1)
    assert (await api.mutate("confirmFiling", SHOWN, token=token))["number"] == tramite.number


async def test_a_link_is_good_for_seven_days_and_for_its_purpose_only(counter: Counter, api: Api) -> None:
    tramite = await file_mail(counter)
    token = await link_of(tramite, CONFIRM)
    other = await another_link(counter, tramite, LinkPurpose.COMPLETE)
    counter.clock.advance(seconds=LINK_LIFE.total_seconds())

    codes = [(await api.mutate("confirmFiling", token=each))["code"] for each in (token, other, "", "x" * 5_000)]

    assert codes == ["LINK_EXPIRED", "LINK_NOT_FOUND", "LINK_NOT_FOUND", "LINK_NOT_FOUND"]
    counter.clock.advance(seconds=-1)
    assert (await api.mutate("confirmFiling", SHOWN, token=token))["number"] == tramite.number


async def test_what_was_erased_is_not_found_by_its_link(counter: Counter, api: Api) -> None:
    tramite = await file_mail(counter)
    await Tramite.filter(id=tramite.id).update(erased_at=counter.clock())

    answer = await api.mutate("confirmFiling", token=await link_of(tramite, CONFIRM))

    assert answer["code"] == "LINK_NOT_FOUND"
    assert (await MailLink.get()).used_at is None


async def test_of_several_who_use_a_link_at_once_one_does(counter: Counter) -> None:
    tramite = await file_mail(counter)
    token = await link_of(tramite, CONFIRM)
    people = [await counter.register() for _ in range(3)]
    wishes = [(Confirmation(token, claims=True), viewer) for viewer in people] + [(Confirmation(token), None)] * 2

    answers = await asyncio.gather(
        *(confirm_filing(counter.tools, wish, viewer=viewer, client=Client("192.0.2.7")) for wish, viewer in wishes),
        return_exceptions=True,
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["LinkUsed"] * 4 + ["Tramite"]
    assert await Entry.filter(act="CONFIRMED").count() == 1
    winner = next(viewer for answer, (_, viewer) in zip(answers, wishes, strict=True) if isinstance(answer, Tramite))
    assert (await state_of(tramite))[1] == (winner.user_id if winner else None)


async def test_a_link_that_goes_while_it_waits_is_none(counter: Counter, database: Database) -> None:
    tramite = await file_mail(counter)
    token = await link_of(tramite, CONFIRM)
    blocker = await asyncpg.connect(database.owner_url)
    async with blocker.transaction():
        await blocker.execute("SELECT FROM tramites FOR UPDATE")
        wish = confirm_filing(counter.tools, Confirmation(token), viewer=None, client=Client("192.0.2.7"))
        waiting = asyncio.create_task(wish)
        await database.until_somebody_waits(unless=waiting)
        await blocker.execute("DELETE FROM mail_links")

    with pytest.raises(NoSuchLink):
        await waiting
    await blocker.close()
    assert await state_of(tramite) == (SenderProof.UNPROVEN, None, 1)


async def test_who_acts_at_the_desk_is_told_that_it_was_confirmed_meanwhile(counter: Counter) -> None:
    tramite = await file_mail(counter)
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    wish = Confirmation(await link_of(tramite, CONFIRM))
    await confirm_filing(counter.tools, wish, viewer=None, client=Client("192.0.2.7"))

    with pytest.raises(TramiteChanged) as refused:
        await tramites.observe_tramite(counter.tools, clerk, tramite.id, text="Falta la firma.", expected=1)

    assert [change.act.value for change in refused.value.changes] == ["CONFIRMED"]


async def test_a_clerk_who_claims_it_no_longer_acts_on_it(counter: Counter, api: Api) -> None:
    tramite = await file_mail(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")

    await clerk.mutate("confirmFiling", token=await link_of(tramite, CONFIRM), claims=True)

    observed = await clerk.mutate("observeTramite", id=str(tramite.id), text="Falta la firma.")
    assert observed["code"] == "NOT_YOURS"


async def test_tries_are_counted(counter: Counter, api: Api) -> None:
    codes = [(await api.mutate("confirmFiling", token="none"))["code"] for _ in range(61)]

    assert codes == ["LINK_NOT_FOUND"] * 60 + ["TOO_MANY_ATTEMPTS"]


async def test_links_are_forgotten_a_month_after_their_end(counter: Counter) -> None:
    await file_mail(counter)
    counter.clock.advance(days=37, seconds=-1)
    assert await mail_links.forget_links(counter.tools) == 0
    counter.clock.advance(seconds=1)

    assert await mail_links.forget_links(counter.tools) == 1
    assert await MailLink.all().count() == 0


async def test_the_register_proves_whose_each_mail_is(
    counter: Counter, api: Api, database: Database, tmp_path: Path
) -> None:
    await counter.register(email=ANA)
    await file_mail(counter, proof=SERVER)
    claimed, confirmed = await file_mail(counter), await file_mail(counter)
    luis = await api.signed_in(counter)
    await luis.mutate("confirmFiling", token=await link_of(claimed, CONFIRM), claims=True)
    await api.mutate("confirmFiling", token=await link_of(confirmed, CONFIRM))

    store = store_in(tmp_path / "store")
    await verify(database.web_url, store, anchors=[], progress=unseen)

    for change in ({"applicant_id": luis.viewer.user_id}, {"sender_proof": SenderProof.PROVEN}):
        untouched = await Tramite.filter(id=confirmed.id).values()
        await Tramite.filter(id=confirmed.id).update(**change)
        with pytest.raises(Fault, match=f"{confirmed.number}.* its (applicant|sender)"):
            await verify(database.web_url, store, anchors=[], progress=unseen)
        await Tramite.filter(id=confirmed.id).update(**{name: untouched[0][name] for name in change})


async def test_the_page_behind_the_link_confirms_by_its_button_only(counter: Counter, api: Api) -> None:
    tramite = await file_mail(counter)
    link = f"/confirmar/{await link_of(tramite, CONFIRM)}"

    opened = await api.http.get(link)

    assert (opened.status_code, (await state_of(tramite))[0]) == (200, SenderProof.UNPROVEN)
    assert "<form method=" in opened.text
    assert tramite.number not in opened.text
    assert "form-action 'self'" in opened.headers["content-security-policy"]
    pressed = await api.http.post(link)
    assert (pressed.status_code, (await state_of(tramite))[0]) == (200, SenderProof.CONFIRMED)
    assert tramite.number in pressed.text
    again, wrong = await api.http.post(link), await api.http.post("/confirmar/nada")
    assert (again.status_code, wrong.status_code) == (409, 404)
    assert "ya se usó" in again.text


async def test_the_page_counts_tries(api: Api) -> None:
    answers = [await api.http.post("/confirmar/nada") for _ in range(61)]

    assert [answer.status_code for answer in answers] == [404] * 60 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
