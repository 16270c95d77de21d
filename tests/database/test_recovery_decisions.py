"""What staff decide of a recovery by personal data: once, with the reference that the person shows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from actions.administration import appoint
from actions.recovery_decisions import apply_due_recoveries
from models.people import User
from models.receipts import Notice
from models.register import Entry
from models.requests import RecoveryRequest
from rules.access import ACCOUNT_ROLES, Role
from rules.notices import NoticeKind
from rules.people import Identity, IdentityKind
from rules.recoveries import RecoveryState
from tests.api import Api, in_process, make_feed
from tests.counter import PASSWORD
from tests.people import JOSE, NEW_PASSWORD, NOBODY, columns_of_user, mails
from tests.requests import ask, can_sign_in, claim, deliver, secret_of, with_jose
from tests.statements import Statements
from tests.words import said_with

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.counter import Counter
    from tests.servers.postgres import Database

JOSE_ = Identity(IdentityKind.DNI, JOSE["identityNumber"])
REASON = "Mostró su DNI en ventanilla."
NODE = """id state newEmail newMobile askedAt takesEffectAt settledAt reason
    holder { identityKind identityNumber fullName birthDate isStaff isFrozen }"""
LIST = f"""query($state: RecoveryState! = WAITING, $number: String, $first: Int! = 20, $after: String) {{
    recoveryRequests(state: $state, identityNumber: $number, first: $first, after: $after) {{
        edges {{ cursor node {{ {NODE} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"""


@pytest_asyncio.fixture
async def stranger(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    """Return the API, for a stranger, of a counter where José has an account in use."""
    async with in_process(counter, make_feed(database)) as api:
        await with_jose(counter, api)
        yield api


@pytest_asyncio.fixture
async def clerk(counter: Counter, stranger: Api) -> Api:
    """Return the API for a clerk."""
    clerk = await stranger.signed_in(counter, role=Role.CLERK, office="CUSCO")
    await deliver(counter)
    return clerk


async def listed(api: Api, **variables: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await api.data(LIST, **variables))["recoveryRequests"]["edges"]]


async def decide(api: Api, decision: str, **changes: Any) -> dict[str, Any]:
    request = await RecoveryRequest.filter(user_id__isnull=False).order_by("-asked_at").first()
    given = {"id": str(request.id if request else uuid4()), "decision": decision, "reason": REASON, **changes}
    return await api.mutate("decideRecovery", f"request {{ {NODE} }}", **given)


async def record() -> list[object]:
    """Return all that a decision could change."""
    return [
        await RecoveryRequest.all().order_by("id").values(),
        await User.all().order_by("id").values(),
        await Entry.all().count(),
        await Notice.all().count(),
    ]


async def test_who_shows_the_reference_is_let_in_at_once(stranger: Api, clerk: Api, counter: Counter) -> None:
    reference = await ask(stranger, newEmail="nuevo@example.pe")
    counter.clock.advance(minutes=5)

    answer = await decide(clerk, "APPROVE", reference=reference.lower().replace("-", " "))

    assert answer["__typename"] == "DecideRecoverySuccess"
    request = answer["request"]
    assert (request["state"], request["reason"], request["settledAt"]) == (
        "APPLIED",
        REASON,
        "2026-03-09T15:05:00+00:00",
    )
    assert await can_sign_in(stranger, NEW_PASSWORD)
    assert sorted(await mails()) == [
        ("RECOVERY_APPLIED", "jose@example.pe"),
        ("RECOVERY_APPLIED", "nuevo@example.pe"),
        ("VERIFY_EMAIL", "nuevo@example.pe"),
    ]
    [approved, applied] = await Entry.filter(act__startswith="RECOVERY_A").order_by("sequence")
    assert (approved.act.value, applied.act.value) == ("RECOVERY_APPROVED", "RECOVERY_APPLIED")
    assert {approved.actor_id, applied.actor_id} == {clerk.viewer.user_id}
    assert {approved.role, applied.role} == {Role.CLERK}


@pytest.mark.parametrize("reference", [None, "", "7Q4M-0KXR-2B9T-WD5H", "ñ" * 1000])
async def test_without_the_reference_nobody_is_let_in(stranger: Api, clerk: Api, reference: str | None) -> None:
    await ask(stranger)
    before = await record()

    answer = await decide(clerk, "APPROVE", reference=reference)

    assert (answer["code"], answer["path"]) == ("WRONG_REFERENCE", ["input", "reference"])
    assert await record() == before


async def test_the_reference_of_somebody_who_came_second_approves_not_the_first(
    stranger: Api, clerk: Api, counter: Counter
) -> None:
    await ask(stranger, newPassword="la frase del que se adelanta")
    owners = await ask(stranger)

    assert (await decide(clerk, "APPROVE", reference=owners))["code"] == "WRONG_REFERENCE"
    await decide(clerk, "REJECT")
    counter.clock.advance(minutes=1)
    mine = await ask(stranger)
    assert (await decide(clerk, "APPROVE", reference=mine))["__typename"] == "DecideRecoverySuccess"
    assert await can_sign_in(stranger, NEW_PASSWORD)


async def test_what_is_rejected_never_takes_effect(stranger: Api, clerk: Api, counter: Counter) -> None:
    before = await columns_of_user(identity_number=JOSE["identityNumber"])
    await ask(stranger, newEmail="nuevo@example.pe")
    await deliver(counter)

    answer = await decide(clerk, "REJECT", reason="No es la misma persona.\nNo volvió.")

    assert answer["request"]["state"] == "REJECTED"
    counter.clock.advance(days=2)
    assert await apply_due_recoveries(counter.tools) == 0
    assert await columns_of_user(identity_number=JOSE["identityNumber"]) == before
    assert await mails() == [("RECOVERY_REJECTED", "jose@example.pe")]
    assert (await Notice.get(kind=NoticeKind.RECOVERY_REJECTED)).detail["reason"].startswith("No es la misma")
    entry = await Entry.get(act="RECOVERY_REJECTED")
    assert (entry.actor_id, await said_with(entry)) == (clerk.viewer.user_id, None)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001])
async def test_a_decision_has_a_reason(stranger: Api, clerk: Api, reason: str) -> None:
    reference = await ask(stranger)
    before = await record()

    answer = await decide(clerk, "APPROVE", reason=reason, reference=reference)

    assert (answer["__typename"], answer["path"]) == ("InvalidInput", ["input", "reason"])
    assert await record() == before


async def test_a_decision_is_made_once(stranger: Api, clerk: Api) -> None:
    reference = await ask(stranger)
    await decide(clerk, "REJECT")
    before = await record()

    answers = [await decide(clerk, "APPROVE", reference=reference), await decide(clerk, "REJECT")]

    assert [(answer["__typename"], answer["code"]) for answer in answers] == [("Conflict", "RECOVERY_SETTLED")] * 2
    assert await record() == before


EVERY_ROLE = sorted(ACCOUNT_ROLES)


@pytest.mark.parametrize("role", EVERY_ROLE)
@pytest.mark.parametrize("decision", ["APPROVE", "REJECT"])
async def test_who_may_decide_that_of_an_applicant(stranger: Api, counter: Counter, role: Role, decision: str) -> None:
    viewer = await stranger.signed_in(counter, role=role)
    reference = await ask(stranger)
    before = await record()

    answer = await decide(viewer, decision, reference=reference)

    expected = {
        Role.CLERK: "DecideRecoverySuccess",
        Role.SUPERVISOR: "DecideRecoverySuccess",
        Role.AUDITOR: "NotAllowed",
    }
    assert answer["__typename"] == expected.get(role, "NotFound")
    assert (await record() == before) is (answer["__typename"] != "DecideRecoverySuccess")


@pytest.mark.parametrize("role", EVERY_ROLE)
async def test_who_may_decide_that_of_staff(stranger: Api, counter: Counter, role: Role) -> None:
    viewer = await stranger.signed_in(counter, role=role)
    await appoint(JOSE_, role=Role.CLERK, office_code="CUSCO")
    reference = await ask(stranger)

    answer = await decide(viewer, "APPROVE", reference=reference)

    expected = {Role.SUPERVISOR: "DecideRecoverySuccess", Role.CLERK: "NotAllowed", Role.AUDITOR: "NotAllowed"}
    assert answer["__typename"] == expected.get(role, "NotFound")


@pytest.mark.parametrize("role", [Role.CLERK, Role.SUPERVISOR])
@pytest.mark.parametrize("decision", ["APPROVE", "REJECT"])
async def test_nobody_decides_their_own(stranger: Api, counter: Counter, role: Role, decision: str) -> None:
    await appoint(JOSE_, role=role, office_code="CUSCO")
    token = (await stranger.mutate("signIn", "token", **JOSE, password=PASSWORD))["token"]
    await counter.viewer_of(token)
    reference = await ask(stranger)
    before = await record()

    answer = await decide(Api(stranger.http, token), decision, reference=reference)

    # A clerk decides of no member of staff anyway.
    assert answer["code"] == ("OWN_REQUEST" if role is Role.SUPERVISOR else "NOT_FOR_YOU")
    assert await record() == before


async def test_nobody_who_is_not_signed_in_decides_or_looks(stranger: Api) -> None:
    reference = await ask(stranger)

    assert (await decide(stranger, "APPROVE", reference=reference))["__typename"] == "NotSignedIn"
    assert (await stranger.answer(LIST))["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"


async def test_what_does_not_exist_and_what_matched_nothing_is_not_found(stranger: Api, clerk: Api) -> None:
    await ask(stranger, **NOBODY)
    ignored = await RecoveryRequest.get()

    for id_ in (ignored.id, uuid4()):
        assert (await decide(clerk, "REJECT", id=str(id_)))["code"] == "REQUEST_NOT_FOUND"
    assert await listed(clerk, state="IGNORED") == []


@pytest.mark.parametrize("role", EVERY_ROLE)
async def test_who_sees_the_list(stranger: Api, counter: Counter, role: Role) -> None:
    viewer = await stranger.signed_in(counter, role=role)
    await ask(stranger, newMobile="911111111")

    nodes = await listed(viewer)

    shown = [
        {
            "id": str((await RecoveryRequest.get()).id),
            "state": "WAITING",
            "newEmail": None,
            "newMobile": "+51911111111",
            "askedAt": "2026-03-09T15:00:00+00:00",
            "takesEffectAt": "2026-03-10T15:00:00+00:00",
            "settledAt": None,
            "reason": None,
            "holder": {
                "identityKind": "DNI",
                "identityNumber": "45678901",
                "fullName": "José Ñahui Pérez",
                "birthDate": "1990-02-28",
                "isStaff": False,
                "isFrozen": False,
            },
        }
    ]
    assert nodes == (shown if role in (Role.CLERK, Role.SUPERVISOR, Role.AUDITOR) else [])


async def test_the_list_goes_on_page_by_page_and_costs_the_same(
    stranger: Api, clerk: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = list[str]()
    for place in range(3):
        applicant = await stranger.signed_in(counter)
        user = await User.get(id=applicant.viewer.user_id)
        await ask(
            stranger,
            identityNumber=user.identity_number,
            givenNames=user.given_names,
            firstSurname=user.first_surname,
            secondSurname=user.second_surname,
        )
        numbers.append(user.identity_number)
        counter.clock.advance(minutes=place)
    await listed(clerk)
    statements, seen, after = Statements(monkeypatch), list[str](), None
    costs = [await statements.of(listed(clerk, first=1)), await statements.of(listed(clerk, first=3))]

    for expected_more in (True, True, False):
        page = (await clerk.data(LIST, first=1, after=after))["recoveryRequests"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] is expected_more

    assert seen == [node["id"] for node in await listed(clerk, first=3)]
    assert len(set(seen)) == 3
    assert costs[0] == costs[1]
    assert [node["id"] for node in await listed(clerk, number=numbers[2])] == seen[2:]
    assert (await clerk.answer(LIST, first=101))["errors"][0]["extensions"]["code"] == "PAGE_SIZE"
    assert (await clerk.answer(LIST, after="x"))["errors"][0]["extensions"]["code"] == "UNKNOWN_CURSOR"


async def test_nothing_is_approved_while_the_identity_is_claimed(stranger: Api, clerk: Api, counter: Counter) -> None:
    reference = await ask(stranger)
    await deliver(counter)
    await stranger.mutate("claimIdentity", **claim())
    counter.clock.advance(days=2)
    clerk = await clerk.signed_in_again(counter, clerk)

    answer = await decide(clerk, "APPROVE", reference=reference)

    assert (answer["__typename"], answer["code"]) == ("Conflict", "ACCOUNT_CLAIMED")
    assert await apply_due_recoveries(counter.tools) == 0
    assert (await RecoveryRequest.get()).state is RecoveryState.WAITING


async def test_stop_approve_reject_and_the_delay_race_and_exactly_one_wins(
    stranger: Api, clerk: Api, counter: Counter
) -> None:
    won = set[str]()
    for _ in range(8):
        reference = await ask(stranger)
        stop = await secret_of(NoticeKind.RECOVERY_REQUESTED)
        await deliver(counter)
        counter.clock.advance(hours=24)
        clerk = await clerk.signed_in_again(counter, clerk)
        entries = await Entry.filter(act__in=["RECOVERY_APPLIED", "RECOVERY_STOPPED", "RECOVERY_REJECTED"]).count()

        stopped, approved, rejected, applied = await asyncio.gather(
            stranger.mutate("stopRecovery", token=stop),
            decide(clerk, "APPROVE", reference=reference),
            decide(clerk, "REJECT"),
            apply_due_recoveries(counter.tools),
        )

        winners = {
            "stop": stopped["__typename"] == "StopRecoverySuccess",
            "approve": approved["__typename"] == "DecideRecoverySuccess",
            "reject": rejected["__typename"] == "DecideRecoverySuccess",
            "delay": applied == 1,
        }
        assert sum(winners.values()) == 1, winners
        assert (
            await Entry.filter(act__in=["RECOVERY_APPLIED", "RECOVERY_STOPPED", "RECOVERY_REJECTED"]).count()
            == entries + 1
        )
        won |= {name for name, has_won in winners.items() if has_won}
        counter.clock.advance(days=31)
        clerk = await clerk.signed_in_again(counter, clerk)
    assert won


async def test_a_changed_password_races_with_an_approval_and_the_later_one_stands(
    stranger: Api, clerk: Api, counter: Counter
) -> None:
    reference = await ask(stranger)
    jose = Api(stranger.http, (await stranger.mutate("signIn", "token", **JOSE, password=PASSWORD))["token"])
    third = "una tercera frase muy propia"

    changed, approved = await asyncio.gather(
        jose.mutate("changePassword", currentPassword=PASSWORD, newPassword=third),
        decide(clerk, "APPROVE", reference=reference),
    )

    was_approved = approved["__typename"] == "DecideRecoverySuccess"
    assert was_approved or approved["code"] == "RECOVERY_SETTLED"
    assert (changed["__typename"] == "ChangePasswordSuccess") is not was_approved
    assert await can_sign_in(stranger, NEW_PASSWORD) is was_approved
    assert await can_sign_in(stranger, third) is not was_approved
