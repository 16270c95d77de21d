"""Recovery by e-mail through the API: a code to the address on record, a new password, and nobody told who exists."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from actions import codes, gate
from actions.transaction import tx
from models.codes import Code
from models.people import Session, User
from models.receipts import Notice
from models.register import Entry
from rules.codes import CodePurpose, WrongCode
from rules.notices import NoticeKind
from rules.throttling import DOORS, Client, Door
from tests.api import Api, in_process, make_feed
from tests.counter import PASSWORD
from tests.people import (
    JOSE,
    NEW_PASSWORD,
    NOBODY,
    WRONG,
    columns_of_user,
    mailed_code,
    mails,
    other_than,
    registration,
)
from tests.statements import Statements

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.counter import Counter
    from tests.servers.postgres import Database

RECEIVED = {"__typename": "RequestRecoverySuccess", "isReceived": True}


@pytest_asyncio.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    """Return the API of a counter where José has an account in use, and one session."""
    async with in_process(counter, make_feed(database)) as api:
        await api.mutate("register", **registration())
        await api.mutate("verifyEmail", **JOSE, code=await mailed_code(NoticeKind.VERIFY_EMAIL))
        await Notice.all().update(state="SENT", next_try_at=None, finished_at=counter.clock())
        yield Api(api.http, (await api.mutate("signIn", "token", **JOSE, password=PASSWORD))["token"])


async def can_sign_in(api: Api, password: str) -> bool:
    return (await api.mutate("signIn", **JOSE, password=password))["__typename"] == "SignInSuccess"


async def recovery_code(api: Api) -> str:
    assert await api.mutate("requestRecovery", "isReceived", **JOSE) == RECEIVED
    return await mailed_code(NoticeKind.RECOVERY_CODE)


def reset(code: str, **changes: Any) -> dict[str, Any]:
    return {**JOSE, "code": code, "newPassword": NEW_PASSWORD, **changes}


async def test_a_lost_password_is_replaced_by_a_code(api: Api, counter: Counter) -> None:
    code = await recovery_code(api)
    assert await mails() == [("RECOVERY_CODE", "jose@example.pe")]

    answer = await api.mutate("resetPassword", "isChanged", **reset(code))

    assert answer == {"__typename": "ResetPasswordSuccess", "isChanged": True}
    assert not await api.is_known()
    assert await Session.filter(ended_at__isnull=True).count() == 0
    assert ("PASSWORD_CHANGED", "jose@example.pe") in await mails()
    entry, user = await Entry.get(act="PASSWORD_CHANGED"), await User.get()
    assert (entry.tramite_id, entry.detail) == (None, {"user": str(user.id)})
    assert await can_sign_in(api, NEW_PASSWORD)
    assert not await can_sign_in(api, PASSWORD)


async def test_who_replaced_a_password_need_not_wait_for_those_who_tried_the_old_one(
    api: Api, counter: Counter
) -> None:
    account = "{identityKind}:{identityNumber}".format_map(JOSE)
    rate = DOORS[Door.SIGN_IN].account_everywhere
    assert rate is not None
    for _ in range(6):
        await can_sign_in(api, "wrong")
    for number in range(rate.burst - 6):
        await gate.admit(counter.tools, Door.SIGN_IN, Client(f"203.0.113.{number}"), account=account)
    assert not await can_sign_in(api, PASSWORD)

    answer = await api.mutate("resetPassword", "isChanged", **reset(await recovery_code(api)))

    assert answer["isChanged"]
    assert await can_sign_in(api, NEW_PASSWORD)


async def test_a_recovery_code_is_good_once(api: Api) -> None:
    code = await recovery_code(api)
    await api.mutate("resetPassword", **reset(code))

    assert await api.mutate("resetPassword", **reset(code, newPassword=PASSWORD)) == WRONG
    assert await can_sign_in(api, NEW_PASSWORD)


async def test_of_many_who_reset_at_once_one_gets_through(api: Api) -> None:
    code = await recovery_code(api)

    answers = await asyncio.gather(
        *(api.mutate("resetPassword", **reset(code, newPassword=f"{NEW_PASSWORD} {n}")) for n in range(4))
    )

    assert sorted(answer["__typename"] for answer in answers) == ["InvalidInput"] * 3 + ["ResetPasswordSuccess"]
    assert await Entry.filter(act="PASSWORD_CHANGED").count() == 1
    assert [kind for kind, _ in await mails()].count("PASSWORD_CHANGED") == 1


async def test_an_unknown_identity_is_answered_alike_and_nobody_is_written_to(api: Api) -> None:
    assert await api.mutate("requestRecovery", "isReceived", **NOBODY) == RECEIVED
    assert await api.mutate("requestRecovery", "isReceived", **JOSE) == RECEIVED

    assert await mails() == [("RECOVERY_CODE", "jose@example.pe")]
    assert await api.mutate("resetPassword", **reset("12345678") | NOBODY) == WRONG
    assert await api.mutate("resetPassword", **reset("12345678")) == WRONG


async def test_an_unknown_identity_costs_as_many_statements(
    api: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements, taken = Statements(monkeypatch), dict[str, list[int]]()
    stranger = Api(api.http)

    for whose in (JOSE, NOBODY):
        taken[whose["identityNumber"]] = [
            await statements.of(stranger.mutate("requestRecovery", **whose)),
            await statements.of(stranger.mutate("requestRecovery", **whose)),
            await statements.of(stranger.mutate("resetPassword", **reset("12345678") | whose)),
        ]

    assert taken[JOSE["identityNumber"]] == taken[NOBODY["identityNumber"]] == [6, 4, 4]


@pytest.mark.parametrize(("wrong_tries", "is_taken"), [(4, True), (5, False)])
async def test_five_tries_use_up_a_recovery_code(api: Api, wrong_tries: int, is_taken: bool) -> None:
    code = await recovery_code(api)
    for _ in range(wrong_tries):
        assert await api.mutate("resetPassword", **reset(other_than(code))) == WRONG

    await api.mutate("resetPassword", **reset(code))

    assert await can_sign_in(api, NEW_PASSWORD) is is_taken
    assert await can_sign_in(api, PASSWORD) is not is_taken


async def test_a_recovery_code_expires(api: Api, counter: Counter) -> None:
    code = await recovery_code(api)
    counter.clock.advance(minutes=30)

    assert await api.mutate("resetPassword", **reset(code)) == WRONG
    assert await can_sign_in(api, PASSWORD)


async def test_a_code_of_another_purpose_or_person_recovers_nothing(api: Api, counter: Counter) -> None:
    other = {"identityKind": "DNI", "identityNumber": "45678902"}
    await api.mutate("register", **registration(email="ana@example.pe") | other)
    verifying = await mailed_code(NoticeKind.VERIFY_EMAIL)

    assert await api.mutate("resetPassword", **reset(verifying) | other) == WRONG
    code = await recovery_code(api)
    assert await api.mutate("resetPassword", **reset(code) | other) == WRONG
    assert (await api.mutate("resetPassword", **reset(code)))["__typename"] == "ResetPasswordSuccess"


async def test_everything_wrong_with_a_reset_is_named_at_once_and_spends_no_try(api: Api) -> None:
    await recovery_code(api)

    answer = await api.mutate("resetPassword", **reset("1", identityNumber="1", newPassword="corta"))
    weak = await api.mutate("resetPassword", **reset("12345678", newPassword="45678901 45678901"))

    assert [(each["path"][1], each["code"]) for each in (answer, *answer["others"])] == [
        ("identityNumber", "INVALID_IDENTITY"),
        ("code", "MALFORMED_CODE"),
        ("newPassword", "WEAK_PASSWORD"),
    ]
    assert (weak["code"], weak["path"]) == ("WEAK_PASSWORD", ["input", "newPassword"])
    assert (await Code.get()).tries == 0


async def test_a_new_password_is_held_against_the_person_only_with_the_right_code(api: Api) -> None:
    code = await recovery_code(api)
    about_jose = "nahui perez jose@example"

    wrong = await api.mutate("resetPassword", **reset(other_than(code), newPassword=about_jose))
    weak = await api.mutate("resetPassword", **reset(code, newPassword=about_jose))
    answer = await api.mutate("resetPassword", **reset(code))

    assert wrong == WRONG
    assert (weak["code"], weak["path"]) == ("WEAK_PASSWORD", ["input", "newPassword"])
    assert answer["__typename"] == "ResetPasswordSuccess"


async def test_asking_again_too_soon_sends_nothing_and_says_nothing(api: Api, counter: Counter) -> None:
    code = await recovery_code(api)
    counter.clock.advance(seconds=59)

    assert await api.mutate("requestRecovery", "isReceived", **JOSE) == RECEIVED

    assert await Notice.filter(kind=NoticeKind.RECOVERY_CODE).count() == 1
    assert (await api.mutate("resetPassword", **reset(code)))["__typename"] == "ResetPasswordSuccess"


async def test_what_was_made_up_for_unknown_identities_is_forgotten(api: Api, counter: Counter) -> None:
    await api.mutate("requestRecovery", **NOBODY)
    assert await Code.all().count() == 1
    counter.clock.advance(hours=24)

    assert await codes.forget_codes(counter.tools) == 1

    assert await Code.all().count() == 0


async def test_who_only_asks_changes_nothing(api: Api) -> None:
    before = await columns_of_user()

    await recovery_code(api)

    assert await columns_of_user() == before
    assert (await api.data("{ me { email } }"))["me"] == {"email": "jose@example.pe"}
    assert await Entry.filter(act="PASSWORD_CHANGED").count() == 0


async def test_a_code_that_was_right_is_not_taken_after_it_was_replaced(api: Api, counter: Counter) -> None:
    user, tools = await User.get(), counter.tools
    code = await recovery_code(api)
    tried = await codes.try_code(tools, CodePurpose.RECOVER, subject_id=user.id, digits=code)
    counter.clock.advance(minutes=1)
    await recovery_code(api)

    with pytest.raises(WrongCode):
        async with tx() as connection:
            await codes.take_code(connection, tried)

    assert await Code.all().count() == 1


async def test_a_spent_try_stays_spent_whatever_fails_later(api: Api, counter: Counter) -> None:
    user, code = await User.get(), await recovery_code(api)
    tried = await codes.try_code(counter.tools, CodePurpose.RECOVER, subject_id=user.id, digits=code)

    with pytest.raises(ZeroDivisionError):
        async with tx() as connection:
            await codes.take_code(connection, tried)
            _ = 1 / 0

    assert (await Code.get()).tries == 1
    assert (await api.mutate("resetPassword", **reset(code)))["__typename"] == "ResetPasswordSuccess"
