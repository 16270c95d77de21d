"""A lost receipt is mailed again: the same file, to the contact of its trámite, not too often, and it is recorded."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from actions.applicant import MainData, update_tramite
from mesadepartes.verifying import verify
from models.receipts import Notice, Receipt
from models.register import Entry
from models.tramites import Tramite
from rules.access import Role
from rules.notices import NoticeKind
from rules.register import Act
from tests.database.test_sealing import deliver
from tests.database.test_verifying import unseen
from tests.retention import voided
from tests.stores import store_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database
    from tests.servers.sink import Sink

AGAIN = NoticeKind.RECEIPT_AGAIN
SHOWN = "notice { kind label state maskedAddress }"


async def ask(who: Api, receipt: Receipt, **changes: Any) -> dict[str, Any]:
    given = {"receiptId": str(receipt.id), "clientKey": str(uuid4())} | changes
    return await who.mutate("sendReceiptAgain", SHOWN, **given)


async def receipt_of(counter: Counter, owner: Api) -> Receipt:
    filed = await counter.file(owner.viewer)
    return await Receipt.get(tramite_id=filed.id)


async def test_it_is_the_same_file_with_number_date_and_link_and_goes_where_the_contact_is_now(
    counter: Counter, api: Api, sink: Sink, database: Database, tmp_path: Path
) -> None:
    maria = await api.signed_in(counter)
    receipt = await receipt_of(counter, maria)
    await deliver(counter, sink)
    moved = MainData(contact_email="nueva@example.pe")
    await update_tramite(counter.tools, maria.viewer, receipt.tramite_id, moved)

    answer = await ask(maria, receipt)
    await deliver(counter, sink)

    assert answer["__typename"] == "SendReceiptAgainSuccess"
    assert answer["notice"] == {
        "kind": "RECEIPT_AGAIN",
        "label": "Constancia enviada otra vez",
        "state": "PENDING",
        "maskedAddress": "n***@example.pe",
    }
    first = next(each for each in sink.mails if str(each.message["Subject"]).startswith("Constancia"))
    again = sink.mails[-1]
    number = receipt.facts["number"]
    assert again.message["Subject"] == f"Constancia de envío del trámite {number}, presentado el 09/03/2026"
    assert again.recipients == ("nueva@example.pe",)
    body = again.message.get_body(("plain",))
    assert body is not None
    assert f"https://mesa.example.pe/verificar/{receipt.verification_code}" in body.get_content()
    [one], [other] = [list(each.message.iter_attachments()) for each in (first, again)]
    assert one.get_content() == other.get_content()
    assert hashlib.sha256(one.get_content()).hexdigest() == (await Receipt.get(id=receipt.id)).content_id
    entry = await Entry.get(act=Act.RECEIPT_SENT_AGAIN)
    notice = await Notice.get(kind=AGAIN)
    assert (entry.tramite_id, entry.role, entry.actor_id) == (
        receipt.tramite_id,
        Role.APPLICANT,
        maria.viewer.user_id,
    )
    assert entry.detail == {"receiptId": str(receipt.id), "notice": str(notice.id)}
    await verify(database.web_url, store_in(tmp_path / "store"), anchors=(), progress=unseen)


async def test_asked_again_with_the_same_key_it_is_sent_once(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    receipt, key = await receipt_of(counter, maria), str(uuid4())

    answers = await asyncio.gather(*(ask(maria, receipt, clientKey=key) for _ in range(4)))
    later = await ask(maria, receipt, clientKey=key)
    other = await ask(maria, await receipt_of(counter, maria), clientKey=key)

    assert [each["__typename"] for each in (*answers, later)] == ["SendReceiptAgainSuccess"] * 5
    assert (other["__typename"], other["code"]) == ("Conflict", "CLIENT_KEY_REUSED")
    assert await Notice.filter(kind=AGAIN).count() == 1
    assert await Entry.filter(act=Act.RECEIPT_SENT_AGAIN).count() == 1


async def test_it_is_sent_five_times_an_hour_and_no_more(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    receipt, another = await receipt_of(counter, maria), await receipt_of(counter, maria)

    answers = [await ask(maria, receipt) for _ in range(6)]

    assert [each["__typename"] for each in answers] == ["SendReceiptAgainSuccess"] * 5 + ["TooManyRequests"]
    assert answers[-1]["code"] == "TOO_MANY_ATTEMPTS"
    assert await Notice.filter(kind=AGAIN).count() == 5
    assert (await ask(maria, another))["__typename"] == "SendReceiptAgainSuccess"
    counter.clock.advance(minutes=12)
    assert (await ask(maria, receipt))["__typename"] == "SendReceiptAgainSuccess"


async def test_staff_of_its_office_may_and_nobody_else(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    receipt = await receipt_of(counter, maria)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    stranger = await api.signed_in(counter)
    auditor = await api.signed_in(counter, role=Role.AUDITOR)
    before = await Notice.all().count()

    refused = [await ask(who, receipt) for who in (api, stranger, auditor)]

    assert [each["code"] for each in refused] == ["NOT_SIGNED_IN", "RECEIPT_NOT_FOUND", "NOT_YOURS"]
    assert await Notice.all().count() == before
    assert (await ask(clerk, receipt))["__typename"] == "SendReceiptAgainSuccess"
    notice = await Notice.get(kind=AGAIN)
    assert (notice.address, notice.state) == ((await Tramite.get(id=receipt.tramite_id)).contact_email, "PENDING")
    assert (await Entry.get(act=Act.RECEIPT_SENT_AGAIN)).role is Role.CLERK


async def test_a_refused_stranger_takes_no_turn_from_whoever_may(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    receipt = await receipt_of(counter, maria)
    auditor = await api.signed_in(counter, role=Role.AUDITOR)

    for _ in range(6):
        await ask(auditor, receipt)

    assert (await ask(maria, receipt))["__typename"] == "SendReceiptAgainSuccess"


async def test_what_was_erased_or_has_no_address_is_sent_to_nobody(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    gone = await voided(counter, maria.viewer)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    kept = await receipt_of(counter, maria)
    await Tramite.filter(id=kept.tramite_id).update(contact_email=None)

    unaddressed = await ask(clerk, kept)
    await Receipt.filter(tramite_id=gone.id).update(erased_at=counter.clock(), facts_sha256="0" * 64)
    erased = await ask(maria, await Receipt.filter(tramite_id=gone.id).first() or kept)

    assert (unaddressed["__typename"], unaddressed["code"]) == ("Conflict", "NO_CONTACT_ADDRESS")
    assert (erased["__typename"], erased["code"]) == ("NotFound", "RECEIPT_NO_LONGER_KEPT")
    assert not await Notice.exists(kind=AGAIN)
