"""Claims of identity: who decides, who looks, and once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from actions.administration import appoint
from models.people import User
from models.register import Entry
from models.requests import IdentityClaim
from rules.access import ACCOUNT_ROLES, Role
from rules.claims import ClaimState
from rules.people import Identity, IdentityKind
from tests.api import Api
from tests.database.claims.claiming import JOSE_, NODE, claim_it, decide, freeze, record
from tests.people import JOSE, NOBODY
from tests.statements import Statements

if TYPE_CHECKING:
    from tests.counter import Counter

LIST = f"""query($state: ClaimState! = WAITING, $number: String, $first: Int! = 20, $after: String) {{
    identityClaims(state: $state, identityNumber: $number, first: $first, after: $after) {{
        edges {{ cursor node {{ {NODE} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"""


EVERY_ROLE = sorted(ACCOUNT_ROLES)


async def listed(api: Api, **variables: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await api.data(LIST, **variables))["identityClaims"]["edges"]]


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
