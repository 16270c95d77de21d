"""What signed-in people change about their account: password and contact data, each with the password of now."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from actions import accounts, codes, notices
from actions.credentials import refresh_hash
from delivery.letters import letter_of
from models.codes import Code
from models.people import Session, User
from models.receipts import Notice
from models.register import Entry
from models.tramites import Tramite
from rules.notices import SECRET, NoticeKind, NoticeState
from tests.api import Api, in_process, make_feed
from tests.counter import PASSWORD
from tests.people import JOSE, NEW_PASSWORD, WRONG, columns_of_user, mailed_code, mails, other_than, registration

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.counter import Counter
    from tests.servers.postgres import Database

CONTACT = "user { email mobile isEmailVerified } awaitsCode"


@pytest_asyncio.fixture
async def maria(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    """Return the API for a session of María, who has an account in use and no mail to be sent."""
    async with in_process(counter, make_feed(database)) as api:
        maria = await api.signed_in(counter)
        await Notice.all().update(state="SENT", next_try_at=None, finished_at=counter.clock())
        yield maria


async def account() -> User:
    return await User.get()


async def sign_in(api: Api, password: str = PASSWORD) -> Api | None:
    user = await account()
    answer = await api.mutate(
        "signIn", "token", identityKind="DNI", identityNumber=user.identity_number, password=password
    )
    return Api(api.http, answer["token"]) if answer["__typename"] == "SignInSuccess" else None


async def is_in_session(api: Api) -> bool:
    return await api.is_known()


async def test_a_password_is_changed_and_other_sessions_end(maria: Api) -> None:
    elsewhere = await sign_in(maria)
    assert elsewhere is not None

    answer = await maria.mutate("changePassword", "isChanged", currentPassword=PASSWORD, newPassword=NEW_PASSWORD)

    assert answer == {"__typename": "ChangePasswordSuccess", "isChanged": True}
    assert (await is_in_session(maria), await is_in_session(elsewhere)) == (True, False)
    user = await account()
    assert await mails() == [("PASSWORD_CHANGED", user.email)]
    assert (await Entry.get(act="PASSWORD_CHANGED")).detail == {"user": str(user.id)}
    assert await sign_in(maria, PASSWORD) is None
    assert await sign_in(maria, NEW_PASSWORD) is not None


@pytest.mark.parametrize(
    ("current", "new", "code", "field"),
    [
        ("no es la contraseña de hoy", NEW_PASSWORD, "WRONG_PASSWORD", "currentPassword"),
        ("", NEW_PASSWORD, "WRONG_PASSWORD", "currentPassword"),
        (PASSWORD, "corta", "WEAK_PASSWORD", "newPassword"),
        (PASSWORD, "Ñaupari Quispe 1990", "WEAK_PASSWORD", "newPassword"),
    ],
)
async def test_a_refused_change_of_password_changes_nothing(
    maria: Api, current: str, new: str, code: str, field: str
) -> None:
    answer = await maria.mutate("changePassword", currentPassword=current, newPassword=new)

    assert (answer["__typename"], answer["code"], answer["path"]) == ("InvalidInput", code, ["input", field])
    assert await sign_in(maria, PASSWORD) is not None
    assert await mails() == []
    assert await Entry.filter(act="PASSWORD_CHANGED").count() == 0


async def test_of_two_changes_of_password_at_once_one_counts(maria: Api) -> None:
    asked = [{"currentPassword": PASSWORD, "newPassword": f"{NEW_PASSWORD} {n}"} for n in range(3)]

    answers = await asyncio.gather(*(maria.mutate("changePassword", **each) for each in asked))

    kinds = [answer["__typename"] for answer in answers]
    assert kinds.count("ChangePasswordSuccess") == 1
    assert set(kinds) <= {"ChangePasswordSuccess", "NotSignedIn", "InvalidInput"}  # ended, or no longer the password
    assert await Entry.filter(act="PASSWORD_CHANGED").count() == 1


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("changePassword", {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}),
        ("changeContact", {"currentPassword": PASSWORD, "mobile": "912345678"}),
        ("confirmEmailChange", {"code": "12345678"}),
    ],
)
async def test_nobody_changes_an_account_without_a_session(maria: Api, name: str, given: dict[str, Any]) -> None:
    assert (await Api(maria.http).mutate(name, **given))["__typename"] == "NotSignedIn"


async def test_a_mobile_changes_at_once_and_filed_tramites_keep_theirs(maria: Api, counter: Counter) -> None:
    filed = await counter.file(maria.viewer)

    answer = await maria.mutate("changeContact", CONTACT, currentPassword=PASSWORD, mobile="912 345 678")

    user = await account()
    assert answer == {
        "__typename": "ChangeContactSuccess",
        "user": {"email": user.email, "mobile": "+51912345678", "isEmailVerified": True},
        "awaitsCode": False,
    }
    entry = await Entry.get(act="CONTACT_CHANGED")
    assert (entry.actor_id, entry.detail) == (user.id, {"user": str(user.id), "changed": ["mobile"]})
    assert (await Tramite.get(id=filed.id)).contact_mobile == "+51987654321"
    assert (await counter.file(maria.viewer)).contact_mobile == "+51912345678"


async def test_a_new_address_is_in_force_only_once_its_code_is_confirmed(maria: Api, counter: Counter) -> None:
    old = (await account()).email
    filed = await counter.file(maria.viewer)
    await Notice.all().update(state="SENT", next_try_at=None, finished_at=counter.clock())

    asked = await maria.mutate("changeContact", CONTACT, currentPassword=PASSWORD, email="Maria@Nueva.example.pe")

    assert asked["user"]["email"] == old
    assert asked["awaitsCode"] is True
    assert sorted(await mails()) == [("EMAIL_CHANGE_CODE", "Maria@nueva.example.pe"), ("EMAIL_CHANGING", old)]
    assert (await account()).email == old
    counter.clock.advance(minutes=5)
    code = await mailed_code(NoticeKind.EMAIL_CHANGE_CODE)
    assert await maria.mutate("confirmEmailChange", code=other_than(code)) == WRONG
    confirmed = await maria.mutate("confirmEmailChange", "user { email isEmailVerified }", code=code)
    assert confirmed["user"] == {"email": "Maria@nueva.example.pe", "isEmailVerified": True}
    assert ("EMAIL_CHANGED", old) in await mails()
    user = await account()
    assert (await Entry.get(act="CONTACT_CHANGED")).detail == {"user": str(user.id), "changed": ["email"]}
    assert (await Tramite.get(id=filed.id)).contact_email == old
    assert await maria.mutate("confirmEmailChange", code=code) == WRONG


async def test_contact_data_need_the_password_of_now(maria: Api) -> None:
    before = await columns_of_user()

    answer = await maria.mutate("changeContact", currentPassword="otra", email="x@example.pe", mobile="912345678")

    assert (answer["code"], answer["path"]) == ("WRONG_PASSWORD", ["input", "currentPassword"])
    assert await columns_of_user() == before
    assert await mails() == []


async def test_everything_wrong_with_new_contact_data_is_named_at_once(maria: Api) -> None:
    answer = await maria.mutate("changeContact", currentPassword=PASSWORD, email="x", mobile="1")

    assert [each["code"] for each in (answer, *answer["others"])] == ["INVALID_EMAIL", "INVALID_MOBILE"]


async def test_contact_data_that_are_not_new_are_refused(maria: Api) -> None:
    user = await account()

    same = await maria.mutate("changeContact", currentPassword=PASSWORD, email=user.email, mobile="987654321")
    nothing = await maria.mutate("changeContact", currentPassword=PASSWORD)

    assert [same["code"], nothing["code"]] == ["NOTHING_TO_CHANGE"] * 2
    assert await mails() == []


async def test_a_second_new_address_has_to_wait_a_moment_and_then_replaces_the_first(
    maria: Api, counter: Counter
) -> None:
    ask = {"currentPassword": PASSWORD, "mobile": "912345678"}
    await maria.mutate("changeContact", currentPassword=PASSWORD, email="uno@example.pe")
    first = await mailed_code(NoticeKind.EMAIL_CHANGE_CODE)

    soon = await maria.mutate("changeContact", **ask, email="dos@example.pe")

    assert (soon["__typename"], soon["code"]) == ("TooManyRequests", "CODE_TOO_SOON")
    assert (await account()).mobile == "+51987654321"
    counter.clock.advance(minutes=1)
    await maria.mutate("changeContact", **ask, email="dos@example.pe")
    assert await maria.mutate("confirmEmailChange", code=first) == WRONG
    second = await mailed_code(NoticeKind.EMAIL_CHANGE_CODE, address="dos@example.pe")
    await maria.mutate("confirmEmailChange", code=second)
    assert ((await account()).email, (await account()).mobile) == ("dos@example.pe", "+51912345678")


async def test_a_new_password_makes_the_wish_for_a_new_address_worthless(maria: Api) -> None:
    old = (await account()).email
    await maria.mutate("changeContact", currentPassword=PASSWORD, email="ladron@example.pe")
    code = await mailed_code(NoticeKind.EMAIL_CHANGE_CODE)

    await maria.mutate("changePassword", currentPassword=PASSWORD, newPassword=NEW_PASSWORD)

    assert await maria.mutate("confirmEmailChange", code=code) == WRONG
    assert (await account()).email == old
    assert ("EMAIL_CHANGE_CODE", "ladron@example.pe") not in await mails()


async def test_a_new_address_makes_codes_to_the_old_one_worthless(maria: Api) -> None:
    who = {"identityKind": "DNI", "identityNumber": (await account()).identity_number}
    await maria.mutate("requestRecovery", **who)
    recovering = await mailed_code(NoticeKind.RECOVERY_CODE)
    await maria.mutate("changeContact", currentPassword=PASSWORD, email="nueva@example.pe")

    await maria.mutate("confirmEmailChange", code=await mailed_code(NoticeKind.EMAIL_CHANGE_CODE))

    assert await maria.mutate("resetPassword", **who, code=recovering, newPassword=NEW_PASSWORD) == WRONG
    assert await Code.all().count() == 0
    assert NoticeKind.RECOVERY_CODE.value not in dict(await mails())


async def test_one_person_cannot_confirm_with_the_code_of_another(maria: Api, counter: Counter) -> None:
    await maria.mutate("changeContact", currentPassword=PASSWORD, email="nueva@example.pe")
    code = await mailed_code(NoticeKind.EMAIL_CHANGE_CODE)
    other = await Api(maria.http).signed_in(counter)

    assert await other.mutate("confirmEmailChange", code=code) == WRONG
    assert (await Code.get()).tries == 0


async def test_who_misspelt_their_address_corrects_it_and_it_is_proved(maria: Api) -> None:
    await maria.mutate("register", **registration(email="jsoe@example.pe"))
    jose = Api(maria.http, (await maria.mutate("signIn", "token", **JOSE, password=PASSWORD))["token"])

    await jose.mutate("changeContact", currentPassword=PASSWORD, email="jose@example.pe")

    assert ("EMAIL_CHANGING", "jsoe@example.pe") not in await mails()
    code = await mailed_code(NoticeKind.EMAIL_CHANGE_CODE)
    answer = await jose.mutate("confirmEmailChange", "user { email isEmailVerified }", code=code)
    assert answer["user"] == {"email": "jose@example.pe", "isEmailVerified": True}
    assert await mails() == [("EMAIL_CHANGE_CODE", "jose@example.pe")]


@pytest.mark.parametrize("ending", ["sent", "refused", "given up"])
async def test_a_code_does_not_outlive_its_mail(maria: Api, counter: Counter, ending: str) -> None:
    await maria.mutate("changeContact", currentPassword=PASSWORD, email="nueva@example.pe")
    code, holder = await mailed_code(NoticeKind.EMAIL_CHANGE_CODE), uuid4()
    claimed = {notice.kind: notice for notice in await notices.claim_notices(counter.tools, holder, most=5)}
    notice = claimed[NoticeKind.EMAIL_CHANGE_CODE]
    assert letter_of(notice).lines[SECRET] == code

    match ending:
        case "sent":
            await notices.record_sent(counter.tools, notice, holder=holder)
        case "refused":
            await notices.record_refused(counter.tools, notice, holder=holder, reason="550")
        case _:
            notice.attempts = 1000
            await notices.record_failed(counter.tools, notice, holder=holder, reason="451")

    assert (await Notice.get(id=notice.id)).detail == {}
    assert await Notice.filter(state=NoticeState.PENDING).count() == 1
    assert (await maria.mutate("confirmEmailChange", code=code))["__typename"] == "ConfirmEmailChangeSuccess"


async def test_a_failed_try_to_send_keeps_the_code(maria: Api, counter: Counter) -> None:
    await maria.mutate("changeContact", currentPassword=PASSWORD, email="nueva@example.pe")
    holder = uuid4()

    for notice in await notices.claim_notices(counter.tools, holder, most=5):
        await notices.record_failed(counter.tools, notice, holder=holder, reason="451")

    assert len(await mailed_code(NoticeKind.EMAIL_CHANGE_CODE)) == 8


async def test_a_mail_in_the_hands_of_a_worker_is_not_taken_back(maria: Api, counter: Counter) -> None:
    await maria.mutate("changeContact", currentPassword=PASSWORD, email="nueva@example.pe")
    counter.clock.advance(minutes=30)
    claimed = await notices.claim_notices(counter.tools, uuid4(), most=5)

    assert await codes.forget_codes(counter.tools) == 0

    assert {notice.kind for notice in claimed} == {NoticeKind.EMAIL_CHANGE_CODE, NoticeKind.EMAIL_CHANGING}


async def test_a_hash_of_other_parameters_is_made_anew_once(maria: Api, counter: Counter) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    await User.all().update(password_hash=weak)

    await refresh_hash(counter.tools, await account(), PASSWORD)

    fresh = (await account()).password_hash
    assert fresh.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    await refresh_hash(counter.tools, await account(), PASSWORD)
    assert (await account()).password_hash == fresh
    assert await sign_in(maria, PASSWORD) is not None


async def test_a_password_changed_meanwhile_is_not_undone_by_a_fresh_hash(maria: Api, counter: Counter) -> None:
    stale = await account()
    stale.password_hash = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    await maria.mutate("changePassword", currentPassword=PASSWORD, newPassword=NEW_PASSWORD)

    await refresh_hash(counter.tools, stale, PASSWORD)

    assert await sign_in(maria, PASSWORD) is None
    assert await sign_in(maria, NEW_PASSWORD) is not None


async def test_ending_sessions_keeps_the_one_to_keep(maria: Api, counter: Counter) -> None:
    await sign_in(maria)
    known = replace(counter.registration(), identity_number=(await account()).identity_number)
    signed = await counter.begin_session(known)

    await accounts.end_sessions(counter.tools, signed.user.id, keep=maria.viewer.session_id)

    assert [session.id for session in await Session.filter(ended_at__isnull=True)] == [maria.viewer.session_id]
