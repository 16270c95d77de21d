"""Rights that were lost are lost everywhere at once, and nothing that was prepared before brings them back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg

from actions.closures import close_due_accounts
from actions.invitations import accept_invitation
from actions.recovery_decisions import apply_due_recoveries
from models.codes import Code
from models.people import Post, Session, User
from models.register import Entry
from models.requests import IdentityClaim, RecoveryRequest
from models.retention import AccountClosure
from models.second_factors import SecondFactor
from models.staff import Invitation
from models.tramites import Tramite
from reading.access import Viewer, holder_of
from resolvers.feed import Register
from rules.access import Role
from rules.claims import ClaimState
from rules.closures import ClosureState
from rules.notices import NoticeKind
from rules.recoveries import RecoveryState
from rules.register import Act
from rules.sessions import SessionKind
from rules.throttling import Client
from tests.api import Api, connected_socket, make_feed, served, subscribed
from tests.counter import PASSWORD, Counter
from tests.database.test_second_factors import code_at, enrol
from tests.database.test_staff import email_of, invite, with_second_factor
from tests.people import NEW_PASSWORD, mails
from tests.requests import CLAIMED, claim, secret_of

if TYPE_CHECKING:
    from tests.servers.postgres import Database

CHANGES = "subscription($number: String) { statusChanges(filter: {number: $number}) { cursor change { number } } }"


async def number_of(person: Api) -> str:
    return (await User.get(id=person.viewer.user_id)).identity_number


async def holder_of_session(counter: Counter, person: Api) -> Viewer:
    assert person.token is not None
    holder = await holder_of(person.token, at=counter.clock())
    assert holder is not None
    return holder


async def test_a_socket_from_before_the_second_factor_is_not_lifted_with_its_session(
    counter: Counter, database: Database
) -> None:
    async with served(counter, make_feed(database, fresh=timedelta(0))) as api:
        clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO", has_second_factor=False)
        async with subscribed(clerk, CHANGES) as listener:
            assert (await listener.event())["change"] is None
            await enrol(counter, clerk)
            await counter.file(await counter.register(), office_code="PUNO")
            message = await listener.receive()

    assert "SESSION_ENDED" in str(message), message


async def test_who_follows_with_the_old_token_is_not_lifted_by_who_follows_with_the_new_one(
    counter: Counter, api: Api, database: Database
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO", has_second_factor=False)
    before = await holder_of_session(counter, clerk)
    lifted, _, _ = await enrol(counter, clerk)
    after = await holder_of_session(counter, lifted)
    register = Register(counter.tools, make_feed(database))

    renewed = await register.renewed([before, after])

    assert before.session_id == after.session_id
    assert renewed.get(register.key_of(before)) is None
    assert renewed[register.key_of(after)].role is Role.CLERK


async def test_a_socket_whose_session_ended_begins_nothing_more(counter: Counter, database: Database) -> None:
    filed = await counter.file(await counter.register(), office_code="PUNO")
    async with served(counter, make_feed(database)) as api:
        clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
        async with connected_socket(clerk) as socket:
            await socket.send(type="connection_init", payload={"authorization": f"Bearer {clerk.token}"})
            assert (await socket.receive())["type"] == "connection_ack"
            await Session.filter(id=clerk.viewer.session_id).update(ended_at=counter.clock())
            answers: list[dict[str, Any]] = []
            for id_, number in enumerate((filed.number, "MPD-2026-000099-K")):
                payload = {"query": CHANGES, "variables": {"number": number}}
                await socket.send(type="subscribe", id=str(id_), payload=payload)
                answers.append(await socket.receive())

    assert [each["type"] for each in answers] == ["error", "error"]
    assert [each["payload"][0]["extensions"]["code"] for each in answers] == ["NOT_SIGNED_IN"] * 2


async def test_a_recovery_that_waited_does_not_take_effect_once_the_second_factor_is_gone(
    counter: Counter, api: Api, ana: Api
) -> None:
    maria = await with_second_factor(counter, api)
    user = await User.get(id=maria.viewer.user_id)
    asked = {
        "identityKind": "DNI",
        "identityNumber": user.identity_number,
        "givenNames": user.given_names,
        "firstSurname": user.first_surname,
        "secondSurname": user.second_surname,
        "birthDate": user.birth_date.isoformat(),
        "newPassword": NEW_PASSWORD,
    }
    await api.mutate("requestRecoveryByData", **asked)
    await api.mutate("requestRecovery", identityKind="DNI", identityNumber=user.identity_number)
    await counter.deliver()

    done = await ana.mutate(
        "resetSecondFactor", identityKind="DNI", identityNumber=user.identity_number, reason="Perdió el celular."
    )
    counter.clock.advance(hours=25)

    assert done["__typename"] == "ResetSecondFactorSuccess"
    assert await apply_due_recoveries(counter.tools) == 0
    assert (await RecoveryRequest.get()).state is RecoveryState.CANCELLED
    assert not await Code.filter(subject_id=user.id).exists()


async def test_of_two_administrators_who_reset_each_other_at_once_one_keeps_the_second_factor(
    counter: Counter, api: Api, ana: Api
) -> None:
    bruno = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    numbers = [await number_of(each) for each in (ana, bruno)]

    answers = await asyncio.gather(
        *[
            each.mutate("resetSecondFactor", identityKind="DNI", identityNumber=number, reason="Lo perdió.")
            for each, number in zip((bruno, ana), numbers, strict=True)
        ]
    )

    assert [each.get("code") for each in answers].count(None) == 1, answers
    assert await SecondFactor.all().count() == 1


async def test_who_administers_no_more_has_invited_nobody(counter: Counter, api: Api, ana: Api) -> None:
    bruno, luis = await api.signed_in(counter, role=Role.ADMINISTRATOR), await with_second_factor(counter, api)
    carla, code = await with_second_factor(counter, api), await invite(bruno, await email_of(luis))
    later = await invite(bruno, await email_of(carla))

    await User.filter(id=bruno.viewer.user_id).update(frozen_at=counter.clock())
    frozen = await luis.mutate("acceptInvitation", code=code)
    await User.filter(id=bruno.viewer.user_id).update(frozen_at=None)
    await ana.mutate("assignStaff", userId=str(bruno.viewer.user_id), role="CLERK", officeCodes=["PUNO"])
    waiting = (await ana.data("{ invitations { email } }"))["invitations"]
    await ana.mutate("assignStaff", userId=str(bruno.viewer.user_id), role="ADMINISTRATOR", officeCodes=[])
    demoted = await carla.mutate("acceptInvitation", code=later)

    assert (frozen["code"], demoted["code"], waiting) == ("INVITATION_NOT_FOUND", "INVITATION_NOT_FOUND", [])


async def test_who_joins_the_staff_does_not_lose_the_account_for_what_they_asked_before(
    counter: Counter, api: Api, ana: Api
) -> None:
    luis = await with_second_factor(counter, api)
    await luis.mutate("requestAccountClosure", currentPassword=PASSWORD)
    await luis.mutate("acceptInvitation", code=await invite(ana, await email_of(luis)))

    assert (await AccountClosure.get()).state is ClosureState.STOPPED
    assert [kind for kind, _ in await mails()].count("CLOSURE_STOPPED") == 1
    assert await Entry.filter(act=Act.CLOSURE_STOPPED).count() == 1
    counter.clock.advance(days=30)
    ana = await api.signed_in_again(counter, ana)
    await ana.mutate("deactivateStaff", userId=str(luis.viewer.user_id), reason="Renunció.")
    assert await close_due_accounts(counter.tools) == 0


async def test_what_is_released_leaves_its_trace_and_each_revision_has_its_act(
    counter: Counter, api: Api, ana: Api
) -> None:
    clerk, other = [await api.signed_in(counter, role=Role.CLERK, office="PUNO") for _ in range(2)]
    filed = await counter.file(await counter.register(), office_code="PUNO")
    await clerk.mutate("takeTramite", id=str(filed.id))
    seen = (await Tramite.get()).revision

    await ana.mutate("deactivateStaff", userId=str(clerk.viewer.user_id), reason="Renunció.")
    late = await other.mutate("takeTramite", id=str(filed.id), expectedRevision=seen)

    acts = await Entry.filter(tramite_id=filed.id, act=Act.OWNER_CHANGED).order_by("sequence")
    assert late["code"] == "TRAMITE_CHANGED"
    assert [(each.detail["before"], each.detail["after"]) for each in acts] == [
        (None, str(clerk.viewer.user_id)),
        (str(clerk.viewer.user_id), None),
    ]
    assert (acts[1].actor_id, acts[1].role) == (ana.viewer.user_id, Role.ADMINISTRATOR)


async def test_a_browser_gets_its_new_token_in_the_cookie_whatever_it_says_besides(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO", has_second_factor=False)
    document = """mutation($given: SignInInput!) { signIn(input: $given) { ... on SignInSuccess { token } } }"""
    given = {"identityKind": "DNI", "identityNumber": await number_of(clerk), "password": PASSWORD, "session": "COOKIE"}
    begun = await api.http.post("/graphql", json={"query": document, "variables": {"given": given}})
    cookie = begun.headers.get_list("set-cookie")[0].split(";")[0]
    headers = {"cookie": cookie, "x-mesa-client": "browser", "authorization": "Basic bm9ib2R5Om5vdGhpbmc="}
    begin = """mutation { beginSecondFactor(input: {currentPassword: "%s"}) {
        ... on BeginSecondFactorSuccess { seed } } }"""
    offered = await api.http.post("/graphql", json={"query": begin % PASSWORD}, headers=headers)
    seed = offered.json()["data"]["beginSecondFactor"]["seed"]
    confirm = """mutation { confirmSecondFactor(input: {code: "%s"}) {
        ... on ConfirmSecondFactorSuccess { token } } }"""
    done = await api.http.post("/graphql", json={"query": confirm % code_at(counter, seed=seed)}, headers=headers)

    assert done.json()["data"]["confirmSecondFactor"] == {"token": None}
    assert any(each.startswith("__Host-mesa=") for each in done.headers.get_list("set-cookie"))


async def test_who_joins_the_staff_in_a_browser_is_signed_out_as_soon_as_staff_are(
    counter: Counter, api: Api, ana: Api
) -> None:
    luis = await with_second_factor(counter, api)
    code = await invite(ana, await email_of(luis))
    before = await Session.get(id=luis.viewer.session_id)
    await Session.filter(id=before.id).update(kind=SessionKind.COOKIE)
    holder = await holder_of_session(counter, luis)
    lifted = await accept_invitation(counter.tools, holder, code=code, client=Client())

    after = await Session.get(id=luis.viewer.session_id)
    assert after.idle_until is not None
    assert (after.idle_until - counter.clock()).total_seconds() == 15 * 60
    assert (after.expires_at - counter.clock()).total_seconds() == 8 * 3600
    assert lifted.expires_at == after.expires_at < before.expires_at


async def claimed(counter: Counter, api: Api, person: Api) -> str:
    """Let a stranger claim somebody's number; return the reference that was mailed."""
    counter.clock.advance(seconds=1)
    given = claim(identityNumber=await number_of(person))
    assert await api.mutate("claimIdentity", "isReceived", **given) == CLAIMED
    return await secret_of(NoticeKind.CLAIM_RECEIVED)


async def decided(supervisor: Api, reference: str) -> dict[str, Any]:
    id_ = str((await IdentityClaim.get(state=ClaimState.WAITING)).id)
    given = {"id": id_, "decision": "HAND_OVER", "reason": "Mostró su DNI.", "reference": reference}
    answer = await supervisor.mutate("decideIdentityClaim", "claim { state }", **given)
    return answer | {"state": answer.get("claim", {}).get("state", answer.get("code"))}


async def test_the_last_administrator_is_neither_frozen_nor_handed_over(counter: Counter, api: Api, ana: Api) -> None:
    supervisor = await api.signed_in(counter, role=Role.SUPERVISOR, office="PUNO")
    reference = await claimed(counter, api, ana)
    id_ = str((await IdentityClaim.get()).id)
    before = await User.all().order_by("id").values()

    frozen = await supervisor.mutate("freezeClaimedAccount", id=id_)
    given = await decided(supervisor, reference)

    assert (frozen["code"], given["state"]) == ("LAST_ADMINISTRATOR", "LAST_ADMINISTRATOR")
    assert await User.all().order_by("id").values() == before
    await api.signed_in(counter, role=Role.ADMINISTRATOR)
    assert (await decided(supervisor, reference))["state"] == "HANDED_OVER"


async def test_of_two_administrators_who_are_frozen_at_once_one_stays(counter: Counter, api: Api, ana: Api) -> None:
    bruno = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    supervisors = [await api.signed_in(counter, role=Role.SUPERVISOR, office="PUNO") for _ in range(2)]
    for person in (ana, bruno):
        await claimed(counter, api, person)
    ids = [str(claim.id) for claim in await IdentityClaim.all()]

    answers = await asyncio.gather(
        *[each.mutate("freezeClaimedAccount", id=id_) for each, id_ in zip(supervisors, ids, strict=True)]
    )

    assert sorted(each.get("code", "done") for each in answers) == ["LAST_ADMINISTRATOR", "done"]
    assert await User.filter(role=Role.ADMINISTRATOR, frozen_at__isnull=True).count() == 1


async def test_who_was_staff_under_anothers_identity_is_staff_no_more(counter: Counter, api: Api, ana: Api) -> None:
    bruno = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    supervisor = await api.signed_in(counter, role=Role.SUPERVISOR, office="PUNO")
    await invite(bruno, "cualquiera@example.pe")
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    filed = await counter.file(await counter.register(), office_code="PUNO")
    await clerk.mutate("takeTramite", id=str(filed.id))

    for person in (bruno, clerk):
        assert (await decided(supervisor, await claimed(counter, api, person)))["state"] == "HANDED_OVER"

    states = await User.filter(id__in=[bruno.viewer.user_id, clerk.viewer.user_id]).values("deactivated_at")
    assert all(each["deactivated_at"] for each in states)
    assert (await ana.data("{ invitations { email } }"))["invitations"] == []
    assert not await Post.filter(user_id=clerk.viewer.user_id).exists()
    assert (await Tramite.get()).owner_id is None
    assert await Entry.filter(act=Act.STAFF_DEACTIVATED, actor_id=supervisor.viewer.user_id).count() == 2


async def test_whoever_joins_the_staff_while_they_ask_for_the_closing_of_their_account_is_refused(
    counter: Counter, api: Api, database: Database
) -> None:
    maria = await api.signed_in(counter)
    joining = await asyncpg.connect(database.owner_url)
    async with joining.transaction():
        await joining.execute("UPDATE users SET role = 'AUDITOR'")
        asking = asyncio.create_task(maria.mutate("requestAccountClosure", currentPassword=PASSWORD))
        await database.until_somebody_waits(unless=asking)
    await joining.close()
    answer = await asking

    assert answer["code"] == "STAFF_ACCOUNT"
    assert not await AccountClosure.exists()


async def test_a_closed_account_leaves_no_invitation_with_its_address(counter: Counter, api: Api, ana: Api) -> None:
    luis = await with_second_factor(counter, api)
    address = await email_of(luis)
    joined = await luis.mutate("acceptInvitation", "token", code=await invite(ana, address))
    await ana.mutate("deactivateStaff", userId=str(luis.viewer.user_id), reason="Renunció.")
    back = await api.signed_in_again(counter, Api(api.http, joined["token"], luis.viewer))
    await back.mutate("requestAccountClosure", currentPassword=PASSWORD)
    counter.clock.advance(days=8)

    assert await close_due_accounts(counter.tools) == 1
    assert not await Invitation.filter(email__iexact=address).exists()


async def test_who_takes_a_tramite_while_they_are_let_go_waits_and_stands_in_nobodys_way(
    counter: Counter, api: Api, database: Database
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    filed = await counter.file(await counter.register(), office_code="PUNO")
    await clerk.mutate("takeTramite", id=str(filed.id))
    letting_go = await asyncpg.connect(database.owner_url)
    async with letting_go.transaction():
        await letting_go.execute("UPDATE users SET deactivated_at = now() WHERE role = 'CLERK'")
        taking = asyncio.create_task(clerk.mutate("takeTramite", id=str(filed.id)))
        await database.until_somebody_waits(unless=taking)
        await letting_go.execute("UPDATE tramites SET owner_id = NULL, revision = revision + 1")
    await letting_go.close()

    answer = await taking

    assert answer["code"] == "NOT_YOURS"
    assert (await Tramite.get()).owner_id is None
