"""Recovery by personal data through the API: data only ask, the person is told and can stop it, nobody else learns."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
import pytest_asyncio

from actions.administration import appoint
from actions.recovery_decisions import apply_due_recoveries
from actions.waiting_recoveries import forget_ignored_recoveries
from models.people import Session, User
from models.receipts import Notice
from models.register import Entry
from models.requests import RecoveryRequest
from rules.access import Role
from rules.notices import NoticeKind, NoticeState
from rules.people import Identity, IdentityKind
from rules.recoveries import RecoveryPolicy, RecoveryState
from rules.sessions import token_hash
from tests.api import Api, filing, in_process, make_feed
from tests.counter import PASSWORD
from tests.people import JOSE, NEW_PASSWORD, NOBODY, columns_of_user, mailed_code, mails, registration
from tests.requests import ANSWER, ask, by_data, can_sign_in, deliver, secret_of, with_jose
from tests.statements import Statements

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.counter import Counter
    from tests.servers.postgres import Database

STOPPED = {"__typename": "StopRecoverySuccess", "isStopped": True}
OWN = "{ ownRecovery { askedAt takesEffectAt changesEmail changesMobile } }"


@pytest_asyncio.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    """Return the API, for a stranger, of a counter where José has an account in use."""
    async with in_process(counter, make_feed(database)) as api:
        await with_jose(counter, api)
        yield api


async def states() -> list[RecoveryState]:
    return [row["state"] for row in await RecoveryRequest.all().order_by("asked_at").values("state")]


async def acts() -> list[str]:
    entries = await Entry.all().order_by("sequence")
    return [entry.act.value for entry in entries if entry.act.value.startswith("RECOVERY")]


async def test_data_that_match_open_a_request_and_the_person_is_told_at_once(api: Api) -> None:
    before = await columns_of_user()

    reference = await ask(api, newEmail="otro@example.pe", newMobile="911111111")

    stop, user = await secret_of(NoticeKind.RECOVERY_REQUESTED), await User.get()
    assert await mails() == [("RECOVERY_REQUESTED", "jose@example.pe")]
    assert await columns_of_user() == before
    request = await RecoveryRequest.get()
    assert (request.state, request.user_id, request.email) == (RecoveryState.WAITING, user.id, "otro@example.pe")
    assert (bytes(request.stop_hash), bytes(request.reference_hash)) == (token_hash(stop), token_hash(reference))
    assert len(stop) == 43
    entry = await Entry.get(act="RECOVERY_REQUESTED")
    assert (entry.role, entry.actor_id, entry.tramite_id) == (Role.SYSTEM, None, None)
    assert entry.detail == {"user": str(user.id), "request": str(request.id)}
    assert await can_sign_in(api, PASSWORD)
    assert not await can_sign_in(api, NEW_PASSWORD)


@pytest.mark.parametrize(
    "changes",
    [
        {"givenNames": "JOSE"},
        {"firstSurname": "nahui", "secondSurname": "perez"},
        {"givenNames": "  José  "},
    ],
)
async def test_names_are_compared_forgivingly(api: Api, changes: dict[str, Any]) -> None:
    await ask(api, **changes)

    assert await states() == [RecoveryState.WAITING]


@pytest.mark.parametrize(
    "changes",
    [
        NOBODY,
        {"givenNames": "Juan"},
        {"firstSurname": "Otro"},
        {"secondSurname": None},
        {"birthDate": "1990-02-27"},
        {"identityKind": "CE"},
    ],
)
async def test_data_that_do_not_match_are_answered_alike_and_nobody_is_told(api: Api, changes: dict[str, Any]) -> None:
    answer = await api.mutate("requestRecoveryByData", ANSWER, **by_data(**changes))

    assert (answer["__typename"], answer["isReceived"]) == ("RequestRecoveryByDataSuccess", True)
    assert len(answer["reference"]) == 19
    assert await mails() == []
    [kept] = await RecoveryRequest.all().values()
    assert kept["state"] is RecoveryState.IGNORED
    assert (kept["user_id"], kept["password_hash"], kept["email"], kept["mobile"]) == (None, None, None, None)
    assert set((await Entry.get(act="RECOVERY_REQUESTED")).detail) == {"request"}


async def test_whatever_matches_costs_the_same(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    statements, taken = Statements(monkeypatch), list[int]()
    rows = [Entry.all(), Notice.all(), RecoveryRequest.all()]
    before = [await each.count() for each in rows]

    for changes in ({}, {}, {"givenNames": "Juan"}, NOBODY):
        taken.append(await statements.of(api.mutate("requestRecoveryByData", **by_data(**changes))))

    assert len(set(taken)) == 1
    assert [await each.count() for each in rows] == [count + 4 for count in before]


async def test_a_second_request_is_answered_alike_and_replaces_nothing(api: Api, counter: Counter) -> None:
    await ask(api)
    first = await RecoveryRequest.get().values()
    counter.clock.advance(hours=1)

    await ask(api, newPassword="la frase de otra persona cualquiera", newEmail="otro@example.pe")

    assert await RecoveryRequest.filter(state=RecoveryState.WAITING).values() == [first]
    assert await states() == [RecoveryState.WAITING, RecoveryState.IGNORED]
    assert [kind for kind, _ in await mails()] == ["RECOVERY_REQUESTED"]


async def test_of_many_requests_at_once_one_waits(api: Api) -> None:
    await asyncio.gather(*(ask(api) for _ in range(3)))

    assert sorted(await states()) == [RecoveryState.IGNORED] * 2 + [RecoveryState.WAITING]
    assert [kind for kind, _ in await mails()] == ["RECOVERY_REQUESTED"]


async def test_a_request_that_asked_for_nothing_is_forgotten_after_thirty_days_and_no_other(
    api: Api, counter: Counter, database: Database
) -> None:
    await ask(api)
    await ask(api)
    acted = await Entry.filter(act="RECOVERY_REQUESTED").count()
    counter.clock.advance(days=30, seconds=-1)
    before = await forget_ignored_recoveries(counter.tools)
    counter.clock.advance(seconds=1)

    after = [await forget_ignored_recoveries(counter.tools) for _ in range(2)]

    assert (before, after) == (0, [1, 0])
    assert await states() == [RecoveryState.WAITING]
    assert await Entry.filter(act="RECOVERY_REQUESTED").count() == acted
    connection = await asyncpg.connect(database.web_url)
    with pytest.raises(asyncpg.RestrictViolationError):
        await connection.execute("DELETE FROM recovery_requests")
    await connection.close()


async def test_everything_wrong_is_named_at_once_and_nothing_is_kept(api: Api) -> None:
    answer = await api.mutate(
        "requestRecoveryByData",
        **by_data(
            identityNumber="1",
            givenNames="J0se",
            birthDate="2018-02-29",
            newPassword="corta",
            newEmail="sin arroba",
            newMobile="1",
        ),
    )

    assert [(each["path"][1], each["code"]) for each in (answer, *answer["others"])] == [
        ("identityNumber", "INVALID_IDENTITY"),
        ("givenNames", "INVALID_NAME"),
        ("birthDate", "INVALID_BIRTH_DATE"),
        ("newPassword", "WEAK_PASSWORD"),
        ("newEmail", "INVALID_EMAIL"),
        ("newMobile", "INVALID_MOBILE"),
    ]
    assert await states() == []


async def test_a_request_takes_effect_a_day_after_the_person_was_told(api: Api, counter: Counter) -> None:
    signed_in = Api(api.http, (await api.mutate("signIn", "token", **JOSE, password=PASSWORD))["token"])
    await ask(api)
    await deliver(counter)
    counter.clock.advance(hours=23, minutes=59, seconds=59)
    assert await apply_due_recoveries(counter.tools) == 0
    assert await can_sign_in(api, PASSWORD)
    counter.clock.advance(seconds=1)

    assert await apply_due_recoveries(counter.tools) == 1

    assert not await signed_in.is_known()
    assert await Session.filter(ended_at__isnull=True).count() == 0
    assert await can_sign_in(api, NEW_PASSWORD)
    assert not await can_sign_in(api, PASSWORD)
    assert await mails() == [("RECOVERY_APPLIED", "jose@example.pe")]
    assert (await RecoveryRequest.get()).password_hash is None
    entry = await Entry.get(act="RECOVERY_APPLIED")
    assert (entry.role, entry.actor_id) == (Role.SYSTEM, None)
    assert await apply_due_recoveries(counter.tools) == 0


async def test_new_contacts_come_into_force_and_a_new_address_is_to_be_proved(api: Api, counter: Counter) -> None:
    await ask(api, newEmail="nuevo@example.pe", newMobile="911111111")
    await deliver(counter)
    counter.clock.advance(hours=24)

    await apply_due_recoveries(counter.tools)

    user = await User.get()
    assert (user.email, user.email_verified_at, user.mobile) == ("nuevo@example.pe", None, "+51911111111")
    assert sorted(await mails()) == [
        ("RECOVERY_APPLIED", "jose@example.pe"),
        ("RECOVERY_APPLIED", "nuevo@example.pe"),
        ("VERIFY_EMAIL", "nuevo@example.pe"),
    ]
    answer = await api.mutate("signIn", "token", **JOSE, password=NEW_PASSWORD)
    jose = Api(api.http, answer["token"])
    assert (await jose.mutate("fileTramite", **filing(user.id)))["code"] == "EMAIL_NOT_VERIFIED"
    await jose.mutate("verifyEmail", **JOSE, code=await mailed_code(NoticeKind.VERIFY_EMAIL))
    assert (await jose.mutate("fileTramite", **filing(user.id)))["code"] != "EMAIL_NOT_VERIFIED"


async def test_an_account_recovered_to_an_unproved_address_makes_room_for_nobody(api: Api, counter: Counter) -> None:
    await ask(api, newEmail="nuevo@example.pe")
    await deliver(counter)
    counter.clock.advance(hours=24)
    await apply_due_recoveries(counter.tools)
    before = await columns_of_user()
    counter.clock.advance(days=30)

    await api.mutate("register", **registration(email="x@example.pe"))

    assert await columns_of_user() == before


async def test_nothing_takes_effect_while_the_person_could_not_be_told(api: Api, counter: Counter) -> None:
    await ask(api)
    counter.clock.advance(days=3)
    assert await apply_due_recoveries(counter.tools) == 0
    await deliver(counter)
    assert await apply_due_recoveries(counter.tools) == 0
    counter.clock.advance(hours=24)

    assert await apply_due_recoveries(counter.tools) == 1


async def test_nothing_takes_effect_by_itself_when_the_mail_came_back(api: Api, counter: Counter) -> None:
    await ask(api)
    await Notice.filter(kind=NoticeKind.RECOVERY_REQUESTED).update(
        state=NoticeState.UNDELIVERABLE, finished_at=counter.clock(), next_try_at=None
    )
    counter.clock.advance(days=30)

    assert await apply_due_recoveries(counter.tools) == 0
    assert await states() == [RecoveryState.WAITING]


@pytest.mark.parametrize(
    ("policy", "hours"),
    [(RecoveryPolicy(is_delayed=False), None), (RecoveryPolicy(delay=timedelta(hours=2)), 2)],
)
async def test_the_setting_says_when(
    counter: Counter, database: Database, policy: RecoveryPolicy, hours: int | None
) -> None:
    counter.tools = replace(counter.tools, recovery=policy)
    async with in_process(counter, make_feed(database)) as api:
        await with_jose(counter, api)
        await ask(api)
    await deliver(counter)
    counter.clock.advance(hours=hours or 1000)

    assert await apply_due_recoveries(counter.tools) == (1 if hours else 0)


async def test_the_person_stops_it_without_signing_in_and_twice_is_no_error(api: Api, counter: Counter) -> None:
    before = await columns_of_user()
    await ask(api, newEmail="nuevo@example.pe")
    stop = await secret_of(NoticeKind.RECOVERY_REQUESTED)
    await deliver(counter)

    answers = [await api.mutate("stopRecovery", "isStopped", token=stop) for _ in range(2)]

    assert answers == [STOPPED, STOPPED]
    counter.clock.advance(days=2)
    assert await apply_due_recoveries(counter.tools) == 0
    assert await columns_of_user() == before
    assert await mails() == [("RECOVERY_STOPPED", "jose@example.pe")]
    assert await acts() == ["RECOVERY_REQUESTED", "RECOVERY_STOPPED"]
    assert (await RecoveryRequest.get()).password_hash is None


@pytest.mark.parametrize("token", ["", "x" * 43, "ñ" * 10_000])
async def test_a_token_that_is_none_stops_nothing(api: Api, token: str) -> None:
    await ask(api)

    assert (await api.mutate("stopRecovery", token=token))["code"] == "STOP_NOT_FOUND"
    assert await states() == [RecoveryState.WAITING]


async def test_the_link_of_a_request_that_matched_nothing_does_not_exist(api: Api) -> None:
    await ask(api, **NOBODY)
    request = await RecoveryRequest.get()
    await RecoveryRequest.filter(id=request.id).update(stop_hash=token_hash("known"))

    assert (await api.mutate("stopRecovery", token="known"))["code"] == "STOP_NOT_FOUND"


async def test_what_took_effect_is_not_stopped_any_more(api: Api, counter: Counter) -> None:
    await ask(api)
    stop = await secret_of(NoticeKind.RECOVERY_REQUESTED)
    await deliver(counter)
    counter.clock.advance(hours=24)
    await apply_due_recoveries(counter.tools)

    answer = await api.mutate("stopRecovery", token=stop)

    assert (answer["__typename"], answer["code"]) == ("Conflict", "RECOVERY_SETTLED")
    assert await can_sign_in(api, NEW_PASSWORD)


async def test_after_a_stop_further_requests_wait_for_staff_for_thirty_days(api: Api, counter: Counter) -> None:
    await ask(api)
    await api.mutate("stopRecovery", token=await secret_of(NoticeKind.RECOVERY_REQUESTED))
    counter.clock.advance(days=29)
    await ask(api)
    await deliver(counter)
    counter.clock.advance(days=10)
    assert await apply_due_recoveries(counter.tools) == 0
    await api.mutate("stopRecovery", token="none")

    assert (await RecoveryRequest.get(state=RecoveryState.WAITING)).due_at is None


async def test_a_sign_in_shows_it_and_stops_nothing(api: Api, counter: Counter) -> None:
    await ask(api, newEmail="nuevo@example.pe")

    jose = Api(api.http, (await api.mutate("signIn", "token", **JOSE, password=PASSWORD))["token"])

    assert await jose.data(OWN) == {
        "ownRecovery": {
            "askedAt": "2026-03-09T15:00:00+00:00",
            "takesEffectAt": "2026-03-10T15:00:00+00:00",
            "changesEmail": True,
            "changesMobile": False,
        }
    }
    assert await (await api.signed_in(counter)).data(OWN) == {"ownRecovery": None}
    assert await states() == [RecoveryState.WAITING]


async def test_a_changed_password_makes_it_worthless(api: Api, counter: Counter) -> None:
    await ask(api)
    jose = Api(api.http, (await api.mutate("signIn", "token", **JOSE, password=PASSWORD))["token"])

    await jose.mutate("changePassword", currentPassword=PASSWORD, newPassword="una tercera frase muy propia")

    assert await states() == [RecoveryState.CANCELLED]
    assert await mails() == [("PASSWORD_CHANGED", "jose@example.pe")]
    assert await acts() == ["RECOVERY_REQUESTED", "RECOVERY_CANCELLED"]
    counter.clock.advance(days=2)
    assert await apply_due_recoveries(counter.tools) == 0


async def test_recovery_by_mail_makes_it_worthless(api: Api, counter: Counter) -> None:
    await ask(api)
    await deliver(counter)
    await api.mutate("requestRecovery", **JOSE)
    code = await mailed_code(NoticeKind.RECOVERY_CODE)

    await api.mutate("resetPassword", **JOSE, code=code, newPassword="una tercera frase muy propia")

    assert await states() == [RecoveryState.CANCELLED]
    counter.clock.advance(days=2)
    assert await apply_due_recoveries(counter.tools) == 0
    assert await can_sign_in(api, "una tercera frase muy propia")


@pytest.mark.parametrize("is_appointed_first", [True, False])
async def test_that_of_staff_never_takes_effect_by_itself(api: Api, counter: Counter, is_appointed_first: bool) -> None:
    jose = Identity(IdentityKind.DNI, JOSE["identityNumber"])
    if is_appointed_first:
        await appoint(jose, role=Role.CLERK, office_code="CUSCO")
    await ask(api)
    await appoint(jose, role=Role.CLERK, office_code="CUSCO")
    await deliver(counter)
    counter.clock.advance(days=30)

    assert await apply_due_recoveries(counter.tools) == 0
    assert await can_sign_in(api, PASSWORD)


async def test_stopping_races_with_taking_effect_and_exactly_one_wins(api: Api, counter: Counter) -> None:
    for _ in range(5):
        await ask(api)
        stop = await secret_of(NoticeKind.RECOVERY_REQUESTED)
        await deliver(counter)
        counter.clock.advance(days=31)
        before = len(await acts())

        answer, applied, again = await asyncio.gather(
            api.mutate("stopRecovery", token=stop),
            apply_due_recoveries(counter.tools),
            apply_due_recoveries(counter.tools),
        )

        was_stopped = answer["__typename"] == "StopRecoverySuccess"
        assert was_stopped + applied + again == 1
        assert len(await acts()) == before + 1
        counter.clock.advance(days=31)
