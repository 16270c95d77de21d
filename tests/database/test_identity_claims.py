"""Claims of an identity through the API: the account is frozen, supervisors decide, and nothing filed is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from actions.administration import appoint
from actions.issuing import receipt_of
from actions.recovery_decisions import apply_due_recoveries
from models.people import User
from models.receipts import Notice, Receipt
from models.register import Entry
from models.requests import IdentityClaim, RecoveryRequest
from models.tramites import Tramite
from reading.access import viewer_of
from rules.access import Role
from rules.catalogue import ReceiptKind
from rules.claims import ClaimState, is_vacated
from rules.notices import NoticeKind
from rules.people import Identity, IdentityKind
from rules.recoveries import RecoveryState
from tests.api import Api, filing, in_process, make_feed
from tests.counter import PASSWORD
from tests.database.test_recovery import Statements
from tests.people import JOSE, NOBODY, columns_of_user, mailed_code, mails, registration
from tests.requests import CLAIMED, ask, can_sign_in, claim, deliver, secret_of, with_jose
from tests.words import said_with

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.counter import Counter
    from tests.servers.postgres import Database

JOSE_ = Identity(IdentityKind.DNI, JOSE["identityNumber"])
REASON = "Comparó su DNI con la persona."
NODE = """id state identityKind identityNumber claimantName claimantEmail claimantMobile statement claimedAt decidedAt
    reason holder { identityKind identityNumber fullName birthDate isStaff isFrozen }"""
LIST = f"""query($state: ClaimState! = WAITING, $number: String, $first: Int! = 20, $after: String) {{
    identityClaims(state: $state, identityNumber: $number, first: $first, after: $after) {{
        edges {{ cursor node {{ {NODE} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
EVERY_ROLE = [role for role in Role if role is not Role.SYSTEM]


@pytest_asyncio.fixture
async def stranger(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    """Return the API, for a stranger, of a counter where somebody has an account in use with José's number."""
    async with in_process(counter, make_feed(database)) as api:
        await with_jose(counter, api)
        yield api


@pytest_asyncio.fixture
async def holder(counter: Counter, stranger: Api) -> Api:
    """Return the API for the one who has the account."""
    token = (await stranger.mutate("signIn", "token", **JOSE, password=PASSWORD))["token"]
    return Api(stranger.http, token, await viewer_of(token, at=counter.clock()))


@pytest_asyncio.fixture
async def supervisor(counter: Counter, stranger: Api) -> Api:
    """Return the API for a supervisor."""
    supervisor = await stranger.signed_in(counter, role=Role.SUPERVISOR, office="SEDE-CENTRAL")
    await deliver(counter)
    return supervisor


async def claim_it(api: Api, **changes: Any) -> str:
    """Claim José's identity; return the reference that was mailed."""
    assert await api.mutate("claimIdentity", "isReceived", **claim(**changes)) == CLAIMED
    return await secret_of(NoticeKind.CLAIM_RECEIVED)


async def decide(api: Api, decision: str, **changes: Any) -> dict[str, Any]:
    found = await IdentityClaim.all().order_by("-claimed_at").first()
    given = {"id": str(found.id if found else uuid4()), "decision": decision, "reason": REASON, **changes}
    return await api.mutate("decideIdentityClaim", f"claim {{ {NODE} }}", **given)


async def freeze(api: Api, **changes: Any) -> dict[str, Any]:
    given = {"id": str((await IdentityClaim.get(state=ClaimState.WAITING)).id), **changes}
    return await api.mutate("freezeClaimedAccount", f"claim {{ {NODE} }}", **given)


async def listed(api: Api, **variables: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await api.data(LIST, **variables))["identityClaims"]["edges"]]


async def record() -> list[object]:
    """Return all that a claim or a decision could change."""
    return [
        await IdentityClaim.all().order_by("id").values(),
        await User.all().order_by("id").values(),
        await Entry.all().count(),
        await Notice.all().count(),
    ]


async def test_a_claim_freezes_the_account_and_both_are_told(stranger: Api, holder: Api) -> None:
    await claim_it(stranger)

    assert await mails() == [
        ("ACCOUNT_FROZEN", "jose@example.pe"),
        ("CLAIM_RECEIVED", "jose.verdadero@example.pe"),
    ]
    assert await holder.data("{ me { email } }") == {"me": None}
    assert (await holder.mutate("fileTramite", **filing(uuid4())))["code"] == "NOT_SIGNED_IN"
    right = await stranger.mutate("signIn", **JOSE, password=PASSWORD)
    wrong = await stranger.mutate("signIn", **JOSE, password="otra contraseña cualquiera")
    assert (right["__typename"], right["code"]) == ("NotSignedIn", "ACCOUNT_FROZEN")
    assert wrong["code"] == "WRONG_CREDENTIALS"
    made, user = await IdentityClaim.get(), await User.get()
    entry = await Entry.get(act="IDENTITY_CLAIMED")
    assert (entry.actor_id, entry.role) == (None, Role.SYSTEM)
    assert entry.detail == {"claim": str(made.id), "user": str(user.id), "frozen": True}


async def test_a_session_begun_just_as_the_account_is_frozen_is_worth_nothing(
    stranger: Api, holder: Api, counter: Counter
) -> None:
    await User.filter(id=holder.viewer.user_id).update(frozen_at=counter.clock())

    assert await holder.data("{ me { email } }") == {"me": None}


async def test_tramites_of_a_frozen_account_go_on(stranger: Api, holder: Api, counter: Counter) -> None:
    tramite = await counter.file(holder.viewer)
    clerk = await stranger.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    await claim_it(stranger)

    answer = await clerk.mutate("resolveTramite", "tramite { status }", id=str(tramite.id), text="Se entregó la copia.")

    assert answer["tramite"] == {"status": "RESOLVED"}


async def test_an_identity_without_an_account_is_answered_alike(stranger: Api) -> None:
    before = await columns_of_user()

    await claim_it(stranger, **NOBODY)

    assert await mails() == [("CLAIM_RECEIVED", "jose.verdadero@example.pe")]
    assert (await IdentityClaim.get()).user_id is None
    assert set((await Entry.get(act="IDENTITY_CLAIMED")).detail) == {"claim"}
    assert await columns_of_user() == before


async def test_whoever_has_the_identity_a_claim_costs_the_same(stranger: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = Statements(monkeypatch)

    taken = [
        await statements.of(stranger.mutate("claimIdentity", **claim(**changes)))
        for changes in ({}, {}, NOBODY, NOBODY)
    ]

    assert len(set(taken)) == 1


async def test_a_second_claim_is_answered_alike_and_tells_the_holder_nothing(stranger: Api) -> None:
    await claim_it(stranger)
    first = await IdentityClaim.get(state=ClaimState.WAITING).values()

    await claim_it(stranger, email="otra@example.pe")

    assert await IdentityClaim.filter(state=ClaimState.WAITING).values() == [first]
    assert (await IdentityClaim.get(state=ClaimState.IGNORED)).user_id is None
    assert [kind for kind, _ in await mails()].count("ACCOUNT_FROZEN") == 1


@pytest.mark.parametrize("whose", [JOSE, NOBODY])
async def test_of_many_claims_at_once_one_waits(stranger: Api, whose: dict[str, str]) -> None:
    answers = await asyncio.gather(
        *(stranger.mutate("claimIdentity", "isReceived", **claim(**whose)) for _ in range(2))
    )

    assert answers == [CLAIMED] * 2
    assert sorted([row["state"] for row in await IdentityClaim.all().values("state")]) == ["IGNORED", "WAITING"]


async def test_everything_wrong_is_named_at_once_and_nothing_is_kept(stranger: Api) -> None:
    before = await record()

    answer = await stranger.mutate(
        "claimIdentity",
        **claim(
            identityNumber="1",
            givenNames="",
            firstSurname="1",
            secondSurname="2",
            email="x",
            mobile="1",
            statement="x" * 1001,
        ),
    )

    assert [(each["path"][1], each["code"]) for each in (answer, *answer["others"])] == [
        ("identityNumber", "INVALID_IDENTITY"),
        ("givenNames", "TEXT_MISSING"),
        ("firstSurname", "INVALID_NAME"),
        ("secondSurname", "INVALID_NAME"),
        ("email", "INVALID_EMAIL"),
        ("mobile", "INVALID_MOBILE"),
        ("statement", "TEXT_TOO_LONG"),
    ]
    assert await record() == before


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


@pytest.mark.parametrize("reference", [None, "", "7Q4M-0KXR-2B9T-WD5H"])
async def test_without_the_reference_nothing_is_handed_over(
    stranger: Api, supervisor: Api, reference: str | None
) -> None:
    await claim_it(stranger)
    before = await record()

    answer = await decide(supervisor, "HAND_OVER", reference=reference)

    assert (answer["code"], answer["path"]) == ("WRONG_REFERENCE", ["input", "reference"])
    assert await record() == before


@pytest.mark.parametrize("reason", ["", "x" * 1001])
async def test_a_decision_has_a_reason(stranger: Api, supervisor: Api, reason: str) -> None:
    reference = await claim_it(stranger)
    before = await record()

    answer = await decide(supervisor, "HAND_OVER", reason=reason, reference=reference)

    assert (answer["__typename"], answer["path"]) == ("InvalidInput", ["input", "reason"])
    assert await record() == before


async def test_nothing_is_handed_over_where_no_account_had_the_identity(stranger: Api, supervisor: Api) -> None:
    reference = await claim_it(stranger, **NOBODY)
    before = await record()

    assert (await decide(supervisor, "HAND_OVER", reference=reference))["code"] == "NOTHING_TO_HAND_OVER"
    assert (await freeze(supervisor))["code"] == "NOTHING_TO_HAND_OVER"

    assert await record() == before
    assert (await decide(supervisor, "KEEP_HOLDER"))["claim"]["state"] == "KEPT"


async def test_a_claim_is_decided_once_whoever_is_quicker(stranger: Api, supervisor: Api, counter: Counter) -> None:
    reference = await claim_it(stranger)

    answers = await asyncio.gather(
        decide(supervisor, "HAND_OVER", reference=reference),
        decide(supervisor, "KEEP_HOLDER"),
        decide(supervisor, "KEEP_HOLDER"),
    )

    assert sorted(answer["__typename"] for answer in answers) == ["Conflict", "Conflict", "DecideIdentityClaimSuccess"]
    assert {answer.get("code") for answer in answers} == {None, "CLAIM_SETTLED"}
    assert await Entry.filter(act="IDENTITY_CLAIM_DECIDED").count() == 1
    made = await IdentityClaim.get()
    assert (await User.exists(identity_number=JOSE["identityNumber"])) is (made.state is ClaimState.KEPT)
    refused = await supervisor.mutate("freezeClaimedAccount", id=str(made.id))
    assert refused["code"] == "CLAIM_SETTLED"


@pytest.mark.parametrize("role", EVERY_ROLE)
@pytest.mark.parametrize("operation", ["KEEP_HOLDER", "HAND_OVER", "freeze"])
async def test_who_may_decide(stranger: Api, counter: Counter, role: Role, operation: str) -> None:
    viewer = await stranger.signed_in(counter, role=role, office="SEDE-CENTRAL" if role is not Role.APPLICANT else None)
    if role is not Role.APPLICANT:
        await appoint(Identity(IdentityKind.DNI, "10000001"), role=role, office_code="SEDE-CENTRAL")
    reference = await claim_it(stranger)
    before = await record()

    answer = await (freeze(viewer) if operation == "freeze" else decide(viewer, operation, reference=reference))

    expected = {Role.SUPERVISOR: "Success", Role.AUDITOR: "NotAllowed"}.get(role, "NotFound")
    assert answer["__typename"].endswith(expected)
    if expected == "NotFound":
        assert answer["code"] == "REQUEST_NOT_FOUND"
    if expected != "Success":
        assert await record() == before


async def test_no_supervisor_decides_about_their_own_account(counter: Counter, holder: Api, stranger: Api) -> None:
    await appoint(JOSE_, role=Role.SUPERVISOR, office_code="CUSCO")
    assert holder.token is not None
    await counter.viewer_of(holder.token)
    reference = await claim_it(stranger)
    before = await record()

    answers = [
        await decide(holder, "KEEP_HOLDER"),
        await decide(holder, "HAND_OVER", reference=reference),
        await freeze(holder),
    ]

    assert {answer["code"] for answer in answers} == {"OWN_REQUEST"}
    assert await record() == before


async def test_nobody_who_is_not_signed_in_decides_or_looks(stranger: Api) -> None:
    await claim_it(stranger)

    assert (await decide(stranger, "KEEP_HOLDER"))["__typename"] == "NotSignedIn"
    assert (await freeze(stranger))["__typename"] == "NotSignedIn"
    assert (await stranger.answer(LIST))["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"


@pytest.mark.parametrize("role", EVERY_ROLE)
async def test_who_sees_the_list(stranger: Api, counter: Counter, role: Role) -> None:
    viewer = await stranger.signed_in(counter, role=role)
    await claim_it(stranger)

    nodes = await listed(viewer)

    shown = [
        {
            "id": str((await IdentityClaim.get()).id),
            "state": "WAITING",
            "identityKind": "DNI",
            "identityNumber": "45678901",
            "claimantName": "José Ñahui Pérez",
            "claimantEmail": "jose.verdadero@example.pe",
            "claimantMobile": "+51912345678",
            "statement": "Nunca me registré y ya existe una cuenta con mi DNI.",
            "claimedAt": "2026-03-09T15:00:00+00:00",
            "decidedAt": None,
            "reason": None,
            "holder": {
                "identityKind": "DNI",
                "identityNumber": "45678901",
                "fullName": "José Ñahui Pérez",
                "birthDate": "1990-02-28",
                "isStaff": False,
                "isFrozen": True,
            },
        }
    ]
    assert nodes == (shown if role in (Role.SUPERVISOR, Role.AUDITOR) else [])


async def test_the_list_goes_on_page_by_page_and_costs_the_same(
    stranger: Api, supervisor: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("45678901", "45678902", "45678903"):
        await claim_it(stranger, identityNumber=number)
    await listed(supervisor)
    statements, seen, after = Statements(monkeypatch), list[str](), None
    costs = [await statements.of(listed(supervisor, first=1)), await statements.of(listed(supervisor, first=3))]

    for expected_more in (True, True, False):
        page = (await supervisor.data(LIST, first=1, after=after))["identityClaims"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] is expected_more

    assert seen == [node["id"] for node in await listed(supervisor, first=3)]
    assert len(set(seen)) == 3
    assert costs[0] == costs[1]
    assert [node["identityNumber"] for node in await listed(supervisor, number="45678902")] == ["45678902"]
    assert await listed(supervisor, state="HANDED_OVER") == []


async def test_a_claimed_account_makes_room_for_nobody(counter: Counter, database: Database) -> None:
    async with in_process(counter, make_feed(database)) as api:
        await api.mutate("register", **registration())
        await claim_it(api)
        before = await columns_of_user()
        counter.clock.advance(days=2)

        await api.mutate("register", **registration(email="otra@example.pe"))

        assert await columns_of_user() == before
