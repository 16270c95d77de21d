"""Claims of identity that end: kept by the holder, or handed over to who claimed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from actions.administration import appoint
from actions.issuing import receipt_of
from actions.recovery_decisions import apply_due_recoveries
from models.people import User
from models.receipts import Receipt
from models.register import Entry
from models.requests import IdentityClaim, RecoveryRequest
from models.tramites import Tramite
from rules.access import Role
from rules.catalogue import ReceiptKind
from rules.claims import is_vacated
from rules.notices import NoticeKind
from rules.recoveries import RecoveryState
from tests.api import Api
from tests.counter import PASSWORD
from tests.database.claims.claiming import JOSE_, claim_it, decide, freeze
from tests.people import JOSE, columns_of_user, mailed_code, mails, registration
from tests.requests import ask, can_sign_in, deliver
from tests.words import said_with

if TYPE_CHECKING:
    from tests.counter import Counter


async def test_kept_by_its_holder_the_account_works_as_before(stranger: Api, supervisor: Api, counter: Counter) -> None:
    before = await columns_of_user(identity_number=JOSE["identityNumber"])
    await claim_it(stranger)
    await deliver(counter)

    answer = await decide(supervisor, "KEEP_HOLDER")

    assert (answer["claim"]["state"], answer["claim"]["holder"]["isFrozen"]) == ("KEPT", False)
    assert await columns_of_user(identity_number=JOSE["identityNumber"]) == before
    assert await can_sign_in(stranger, PASSWORD)
    assert await mails() == [("ACCOUNT_KEPT", "jose@example.pe"), ("CLAIM_REJECTED", "jose.verdadero@example.pe")]
    entry, made = await Entry.get(act="IDENTITY_CLAIM_DECIDED"), await IdentityClaim.get()
    assert (entry.actor_id, entry.role, await said_with(entry)) == (supervisor.viewer.user_id, Role.SUPERVISOR, None)
    assert entry.detail == {"claim": str(made.id), "user": str(made.user_id), "decision": "KEPT"}


@pytest.mark.parametrize(("days", "is_frozen"), [(29, False), (31, True)])
async def test_a_claim_soon_after_one_that_was_rejected_waits_without_freezing(
    stranger: Api, supervisor: Api, counter: Counter, days: int, is_frozen: bool
) -> None:
    await claim_it(stranger)
    await decide(supervisor, "KEEP_HOLDER")
    await deliver(counter)
    counter.clock.advance(days=days)

    await claim_it(stranger)

    assert await can_sign_in(stranger, PASSWORD) is not is_frozen
    assert ("ACCOUNT_FROZEN" if is_frozen else "ACCOUNT_CLAIMED", "jose@example.pe") in await mails()
    supervisor = await supervisor.signed_in_again(counter, supervisor)
    assert (await freeze(supervisor))["claim"]["holder"]["isFrozen"] is True
    assert not await can_sign_in(stranger, PASSWORD)


async def test_a_person_freezes_what_was_not_frozen_by_itself_once(
    stranger: Api, supervisor: Api, counter: Counter
) -> None:
    await appoint(JOSE_, role=Role.CLERK, office_code="CUSCO")
    await claim_it(stranger)
    assert await can_sign_in(stranger, PASSWORD)
    await deliver(counter)

    answers = [await freeze(supervisor) for _ in range(2)]

    assert [answer["claim"]["holder"]["isFrozen"] for answer in answers] == [True, True]
    assert await mails() == [("ACCOUNT_FROZEN", "jose@example.pe")]
    assert (await Entry.get(act="ACCOUNT_FROZEN")).actor_id == supervisor.viewer.user_id
    assert not await can_sign_in(stranger, PASSWORD)


async def test_handed_over_the_number_is_free_for_the_claimer_alone(
    stranger: Api, holder: Api, supervisor: Api, counter: Counter
) -> None:
    tramite = await counter.file(holder.viewer)
    reference = await claim_it(stranger)
    await deliver(counter)

    answer = await decide(supervisor, "HAND_OVER", reference=reference.lower())

    assert (answer["claim"]["state"], answer["claim"]["holder"]["identityNumber"]) == ("HANDED_OVER", None)
    assert await mails() == [
        ("ACCOUNT_HANDED_OVER", "jose@example.pe"),
        ("CLAIM_GRANTED", "jose.verdadero@example.pe"),
    ]
    assert not await can_sign_in(stranger, PASSWORD)
    await stranger.mutate("register", **registration())
    assert await User.filter(identity_number=JOSE["identityNumber"]).count() == 0
    await stranger.mutate("register", **registration(email="Jose.Verdadero@EXAMPLE.pe"))
    await stranger.mutate("verifyEmail", **JOSE, code=await mailed_code(NoticeKind.VERIFY_EMAIL))
    token = (await stranger.mutate("signIn", "token", **JOSE, password=PASSWORD))["token"]
    true_one = Api(stranger.http, token)
    assert await true_one.data("{ tramites { edges { node { number } } } }") == {"tramites": {"edges": []}}
    query = "query($number: String!) { tramite(number: $number) { number senderName: subject } }"
    assert await true_one.data(query, number=tramite.number) == {"tramite": None}
    seen = await supervisor.data(query, number=tramite.number)
    assert seen["tramite"]["number"] == tramite.number


async def test_what_was_filed_stays_as_it_was_filed_and_goes_on(
    stranger: Api, holder: Api, supervisor: Api, counter: Counter
) -> None:
    tramite = await counter.file(holder.viewer)
    before = await Tramite.get(id=tramite.id).values()
    receipt = await Receipt.get(tramite_id=tramite.id).values()
    await decide(supervisor, "HAND_OVER", reference=await claim_it(stranger))

    assert await Tramite.get(id=tramite.id).values() == before
    assert await Receipt.get(tramite_id=tramite.id).values() == receipt
    old = await User.get(id=holder.viewer.user_id)
    assert is_vacated(old.identity_number)
    assert old.full_name == "José Ñahui Pérez"
    answer = await supervisor.mutate(
        "resolveTramite", "tramite { status }", id=str(tramite.id), text="Se entregó la copia."
    )
    assert answer["tramite"] == {"status": "RESOLVED"}
    await tramite.fetch_related("office")
    facts = receipt_of(counter.tools, tramite, ReceiptKind.RECEPTION, applicant=old, files=()).facts
    assert (facts["applicant"], facts["identity_number"]) == ("José Ñahui Pérez", None)


async def test_the_number_is_reserved_for_thirty_days(stranger: Api, supervisor: Api, counter: Counter) -> None:
    await decide(supervisor, "HAND_OVER", reference=await claim_it(stranger))
    await deliver(counter)
    counter.clock.advance(days=29)
    answer = await stranger.mutate("register", "isReceived", **registration(email="otra@example.pe"))
    assert answer == {"__typename": "RegisterSuccess", "isReceived": True}
    assert await mails() == []
    assert not await User.exists(identity_number=JOSE["identityNumber"])
    counter.clock.advance(days=2)

    await stranger.mutate("register", **registration(email="otra@example.pe"))

    assert await User.exists(identity_number=JOSE["identityNumber"])


async def test_with_the_number_go_codes_and_a_waiting_recovery(
    stranger: Api, supervisor: Api, counter: Counter
) -> None:
    await stranger.mutate("requestRecovery", **JOSE)
    code = await mailed_code(NoticeKind.RECOVERY_CODE)
    await ask(stranger)
    await decide(supervisor, "HAND_OVER", reference=await claim_it(stranger))

    assert (await RecoveryRequest.get()).state is RecoveryState.CANCELLED
    answer = await stranger.mutate("resetPassword", **JOSE, code=code, newPassword="una tercera frase muy propia")
    assert answer["code"] == "WRONG_CODE"


async def test_a_recovery_that_waits_begins_its_delay_anew_when_the_holder_is_kept(
    stranger: Api, supervisor: Api, counter: Counter
) -> None:
    await ask(stranger)
    await claim_it(stranger)
    await deliver(counter)
    counter.clock.advance(days=3)
    supervisor = await supervisor.signed_in_again(counter, supervisor)
    await decide(supervisor, "KEEP_HOLDER")
    assert await apply_due_recoveries(counter.tools) == 0
    counter.clock.advance(hours=24)

    assert await apply_due_recoveries(counter.tools) == 1
