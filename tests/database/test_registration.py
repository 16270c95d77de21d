"""Registration through the API: two steps, the address proved by a code, and nobody's number kept from them."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from actions import accounts, codes
from models.codes import Code
from models.people import Session, User
from models.receipts import Notice
from models.register import Entry
from models.tramites import Tramite
from rules.access import Role
from rules.notices import SECRET, NoticeKind, NoticeState
from rules.people import IdentityKind
from tests.api import Api, filing
from tests.counter import PASSWORD
from tests.people import JOSE, NOBODY, WRONG, mailed_code, mails, other_than, personal_data, registration

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.servers.postgres import Database

SHOWN = "identityNumber givenNames firstSurname secondSurname birthDate"


async def sign_in(api: Api, password: str = PASSWORD) -> Api:
    answer = await api.mutate("signIn", "token user { isEmailVerified }", **JOSE, password=password)
    assert answer["__typename"] == "SignInSuccess", answer
    return Api(api.http, answer["token"])


async def test_the_first_step_answers_with_the_data_as_they_will_be_kept(api: Api) -> None:
    answer = await api.mutate(
        "checkPersonalData",
        SHOWN,
        **personal_data(identityNumber="10117410-2", givenNames=" José  María ", secondSurname=None),
    )

    assert answer == {
        "__typename": "CheckPersonalDataSuccess",
        "identityNumber": "10117410",
        "givenNames": "José María",
        "firstSurname": "Ñahui",
        "secondSurname": None,
        "birthDate": "1990-02-28",
    }


async def test_the_first_step_names_everything_wrong_at_once(api: Api) -> None:
    answer = await api.mutate(
        "checkPersonalData",
        **personal_data(
            identityNumber="10117410-3", givenNames="R2D2", firstSurname="", secondSurname="<b>", birthDate="2018-02-29"
        ),
    )

    wrong = [answer, *answer["others"]]
    assert [(each["path"][1], each["code"]) for each in wrong] == [
        ("identityNumber", "INVALID_IDENTITY"),
        ("givenNames", "INVALID_NAME"),
        ("firstSurname", "TEXT_MISSING"),
        ("secondSurname", "INVALID_NAME"),
        ("birthDate", "INVALID_BIRTH_DATE"),
    ]


@pytest.mark.parametrize(
    ("day", "answered"),
    [
        ("2018-02-28", "CheckPersonalDataSuccess"),
        ("2018-02-29", "InvalidInput"),
        ("2018-03-01", "CheckPersonalDataSuccess"),
        ("2024-02-29", "CheckPersonalDataSuccess"),
        ("2024-02-30", "InvalidInput"),
        ("2026-03-09", "CheckPersonalDataSuccess"),
        ("2026-03-10", "InvalidInput"),
    ],
)
async def test_a_birth_date_is_a_day_of_the_calendar(api: Api, day: str, answered: str) -> None:
    assert (await api.mutate("checkPersonalData", **personal_data(birthDate=day)))["__typename"] == answered
    registered = await api.mutate("register", **registration(birthDate=day))
    assert registered["__typename"] == answered.replace("CheckPersonalData", "Register")


async def test_the_second_step_names_what_is_wrong_in_both_at_once(api: Api) -> None:
    answer = await api.mutate("register", **registration(birthDate="2018-02-29", email="x", password="corta"))

    assert [each["path"][1] for each in (answer, *answer["others"])] == ["birthDate", "email", "password"]
    assert await User.all().count() == 0


async def test_the_first_step_does_not_tell_who_is_registered(api: Api) -> None:
    before = await api.mutate("checkPersonalData", SHOWN, **personal_data())
    await api.mutate("register", **registration())

    assert await api.mutate("checkPersonalData", SHOWN, **personal_data()) == before


async def test_the_form_tells_its_kinds_of_identity_its_notice_and_its_password(api: Api) -> None:
    data = await api.data(
        """{
            registrationForm {
                identityKinds { kind label isForNationals helpText pattern maxLength hasCheckCharacter }
                passwordPolicy { minLength maxLength maxBytes refusesCommon } contactNotice codeDigits codeMinutes
            }
            identityKinds { kind } passwordPolicy { minLength helpText }
        }"""
    )

    form = data["registrationForm"]
    assert [(each["kind"], each["isForNationals"], each["hasCheckCharacter"]) for each in form["identityKinds"]] == [
        ("DNI", True, True),
        ("CE", False, False),
        ("PTP", False, False),
    ]
    assert form["identityKinds"][0] == {
        "kind": "DNI",
        "label": "Documento Nacional de Identidad (DNI)",
        "isForNationals": True,
        "helpText": "El número debe tener 8 dígitos; puede agregar el carácter de verificación que figura tras el "
        "guion.",
        "pattern": "^[0-9]{8}[0-9A-K]?$",
        "maxLength": 9,
        "hasCheckCharacter": True,
    }
    assert form["contactNotice"] == (
        "Toda comunicación sobre el registro de su documento será informada a través del correo electrónico que "
        "proporcione en esta sección."
    )
    assert form["passwordPolicy"] == {"minLength": 15, "maxLength": 256, "maxBytes": 1024, "refusesCommon": True}
    assert (form["codeDigits"], form["codeMinutes"]) == (8, 30)
    assert data["passwordPolicy"]["helpText"].startswith("Escriba al menos 15 caracteres;")


@pytest.mark.parametrize(
    "password",
    [
        "1234567890qwerty",
        "instituto nacional penitenciario",
        "José Ñahui Pérez",
        "nahui 28/02/1990",
        "45678901 jose 987654321",
        "Mesa de Partes 2026",
    ],
)
async def test_a_password_that_others_would_guess_is_refused(api: Api, password: str) -> None:
    answer = await api.mutate("register", **registration(password=password))

    assert (answer["code"], answer["path"]) == ("WEAK_PASSWORD", ["input", "password"])
    assert await User.all().count() == 0


async def test_a_new_account_may_sign_in_but_not_file_until_its_address_is_proved(api: Api, counter: Counter) -> None:
    await api.mutate("register", **registration())
    jose = await sign_in(api)

    refused = await jose.mutate("fileTramite", **filing("00000000-0000-0000-0000-000000000000"))

    assert (refused["__typename"], refused["code"], refused["path"]) == ("NotAllowed", "EMAIL_NOT_VERIFIED", [])
    assert "escriba el código que le enviamos" in refused["message"]
    assert await jose.data("{ me { isEmailVerified } }") == {"me": {"isEmailVerified": False}}
    assert await Tramite.all().count() == 0
    assert await mails() == [("VERIFY_EMAIL", "jose@example.pe")]


async def test_the_code_proves_the_address_and_the_person_files(api: Api, counter: Counter) -> None:
    await api.mutate("register", **registration())
    code = await mailed_code(NoticeKind.VERIFY_EMAIL)

    answer = await api.mutate("verifyEmail", "isVerified", **JOSE, code=f"{code[:4]} {code[4:]}")

    assert answer == {"__typename": "VerifyEmailSuccess", "isVerified": True}
    assert await mails() == [("VERIFY_EMAIL", "jose@example.pe"), ("WELCOME", "jose@example.pe")]
    jose = await sign_in(api)
    assert await jose.data("{ me { isEmailVerified } }") == {"me": {"isEmailVerified": True}}
    viewer = await counter.sign_in(replace(counter.registration(), identity_number=JOSE["identityNumber"]))
    main = await counter.upload(viewer)
    filed = await jose.mutate("fileTramite", "tramite { contact { email } }", **filing(main.id))
    assert filed["tramite"]["contact"] == {"email": "jose@example.pe"}
    user = await User.get()
    entry = await Entry.get(act="EMAIL_VERIFIED")
    assert (entry.actor_id, entry.tramite_id, entry.detail) == (user.id, None, {"user": str(user.id)})


async def test_a_code_is_good_once(api: Api) -> None:
    await api.mutate("register", **registration())
    code = await mailed_code(NoticeKind.VERIFY_EMAIL)
    await api.mutate("verifyEmail", **JOSE, code=code)

    assert await api.mutate("verifyEmail", **JOSE, code=code) == WRONG
    assert await Entry.filter(act="EMAIL_VERIFIED").count() == 1


async def test_of_many_who_give_the_right_code_at_once_one_gets_through(api: Api) -> None:
    await api.mutate("register", **registration())
    code = await mailed_code(NoticeKind.VERIFY_EMAIL)

    answers = await asyncio.gather(*(api.mutate("verifyEmail", **JOSE, code=code) for _ in range(4)))

    assert sorted(answer["__typename"] for answer in answers) == ["InvalidInput"] * 3 + ["VerifyEmailSuccess"]
    assert await Notice.filter(kind=NoticeKind.WELCOME).count() == 1


@pytest.mark.parametrize(("wrong_tries", "is_taken"), [(3, True), (4, True), (5, False), (6, False)])
async def test_five_tries_use_up_a_code(api: Api, wrong_tries: int, is_taken: bool) -> None:
    await api.mutate("register", **registration())
    code = await mailed_code(NoticeKind.VERIFY_EMAIL)
    for _ in range(wrong_tries):
        assert await api.mutate("verifyEmail", **JOSE, code=other_than(code)) == WRONG

    answer = await api.mutate("verifyEmail", **JOSE, code=code)

    assert (answer["__typename"] == "VerifyEmailSuccess") is is_taken
    assert ((await User.get()).email_verified_at is not None) is is_taken


async def test_tries_at_once_are_counted_one_by_one(api: Api) -> None:
    await api.mutate("register", **registration())
    code = await mailed_code(NoticeKind.VERIFY_EMAIL)

    await asyncio.gather(*(api.mutate("verifyEmail", **JOSE, code=other_than(code)) for _ in range(8)))

    assert (await Code.get()).tries == 5
    assert await api.mutate("verifyEmail", **JOSE, code=code) == WRONG


@pytest.mark.parametrize(("seconds", "is_taken"), [(29 * 60 + 59, True), (30 * 60, False), (30 * 60 + 1, False)])
async def test_a_code_holds_for_thirty_minutes(api: Api, counter: Counter, seconds: int, is_taken: bool) -> None:
    await api.mutate("register", **registration())
    code = await mailed_code(NoticeKind.VERIFY_EMAIL)
    counter.clock.advance(seconds=seconds)

    answer = await api.mutate("verifyEmail", **JOSE, code=code)

    assert (answer["__typename"] == "VerifyEmailSuccess") is is_taken


async def test_what_is_no_code_spends_no_try_and_is_told(api: Api) -> None:
    await api.mutate("register", **registration())

    for typed in ("", "1234567", "123456789", "1234567a", "１２３４５６７８", "1" * 1000):
        answer = await api.mutate("verifyEmail", **JOSE | {"identityNumber": "1"}, code=typed)
        assert [each["code"] for each in (answer, *answer["others"])] == ["INVALID_IDENTITY", "MALFORMED_CODE"]

    await api.mutate("verifyEmail", **JOSE, code="1")
    assert (await Code.get()).tries == 0


async def test_nobody_learns_from_a_code_who_is_registered(api: Api) -> None:
    await api.mutate("register", **registration())
    await api.mutate("resendVerification", **NOBODY)

    assert await api.mutate("verifyEmail", **NOBODY, code="12345678") == WRONG
    assert await api.mutate("verifyEmail", **JOSE, code="12345678") == WRONG


async def test_a_new_code_replaces_the_earlier_one_and_its_mail(api: Api, counter: Counter) -> None:
    await api.mutate("register", **registration())
    first = await mailed_code(NoticeKind.VERIFY_EMAIL)
    counter.clock.advance(minutes=1)

    answer = await api.mutate("resendVerification", "isReceived", **JOSE)

    assert answer == {"__typename": "ResendVerificationSuccess", "isReceived": True}
    second = await mailed_code(NoticeKind.VERIFY_EMAIL)
    assert await mails() == [("VERIFY_EMAIL", "jose@example.pe")]
    withdrawn = await Notice.get(state=NoticeState.SUPPRESSED)
    assert (withdrawn.reason, SECRET in withdrawn.detail) == ("CODE_REPLACED", False)
    assert await api.mutate("verifyEmail", **JOSE, code=first) == WRONG
    assert (await api.mutate("verifyEmail", **JOSE, code=second))["__typename"] == "VerifyEmailSuccess"


async def test_codes_are_sent_ever_more_seldom_and_begin_anew_after_a_day(api: Api, counter: Counter) -> None:
    await api.mutate("register", **registration())
    begun, sent = counter.clock(), [0]

    for minute in range(1, 190):
        counter.clock.advance(minutes=1)
        await api.mutate("resendVerification", **JOSE)
        if (await Code.get()).sent_at == counter.clock():
            sent.append(minute)

    assert sent == [0, 1, 3, 7, 15, 31, 63, 123, 183]
    counter.clock.at = begun
    counter.clock.advance(minutes=183, hours=24)
    await api.mutate("resendVerification", **JOSE)
    assert (await Code.get()).sent_count == 1


async def test_resending_tells_nobody_whether_there_is_anything_to_prove(api: Api, counter: Counter) -> None:
    await api.mutate("register", **registration())
    await api.mutate("verifyEmail", **JOSE, code=await mailed_code(NoticeKind.VERIFY_EMAIL))
    counter.clock.advance(hours=1)
    before = await Notice.all().count()

    answers = [await api.mutate("resendVerification", "isReceived", **whose) for whose in (JOSE, NOBODY)]

    assert answers == [{"__typename": "ResendVerificationSuccess", "isReceived": True}] * 2
    assert await Notice.all().count() == before


async def register_as_squatter(api: Api) -> None:
    await api.mutate(
        "register", **registration(email="otro@example.pe", givenNames="Otro", password="frase de otro más")
    )


@pytest.mark.parametrize(("hours", "makes_room"), [(23.99, False), (24, True), (500, True)])
async def test_an_abandoned_registration_makes_room_after_a_day(
    api: Api, counter: Counter, hours: float, makes_room: bool
) -> None:
    await register_as_squatter(api)
    old_code, old = await mailed_code(NoticeKind.VERIFY_EMAIL), await User.get()
    counter.clock.advance(hours=hours)
    squatter = Api(api.http, (await api.mutate("signIn", "token", **JOSE, password="frase de otro más"))["token"])

    answer = await api.mutate("register", "isReceived", **registration())

    assert answer == {"__typename": "RegisterSuccess", "isReceived": True}
    holder = await User.get(identity_number=JOSE["identityNumber"])
    assert holder.email == ("jose@example.pe" if makes_room else "otro@example.pe")
    assert await User.all().count() == (2 if makes_room else 1)
    if makes_room:
        assert holder.id != old.id
        assert not await squatter.is_known()
        assert await api.mutate("verifyEmail", **JOSE, code=old_code) == WRONG
        assert await mails() == [("VERIFY_EMAIL", "jose@example.pe")]
        blank = await User.get(id=old.id)
        assert (blank.full_name, blank.email, blank.mobile, blank.password_hash) == ("", "", "", "")
        entry = await Entry.all().order_by("-sequence").first()
        assert entry is not None
        assert entry.detail == {"user": str(holder.id), "replaces": str(old.id)}
        await sign_in(api)


@pytest.mark.parametrize("what", ["proved", "staff"])
async def test_an_account_in_use_never_makes_room(api: Api, counter: Counter, what: str) -> None:
    await register_as_squatter(api)
    if what == "proved":
        await api.mutate("verifyEmail", **JOSE, code=await mailed_code(NoticeKind.VERIFY_EMAIL))
    else:
        await User.all().update(role=Role.CLERK)
    counter.clock.advance(days=30)

    await api.mutate("register", **registration())

    assert (await User.get()).email == "otro@example.pe"
    assert ("ACCOUNT_EXISTS", "otro@example.pe") in await mails()


async def test_of_many_who_want_the_room_at_once_one_gets_it(api: Api, counter: Counter) -> None:
    await register_as_squatter(api)
    counter.clock.advance(days=2)

    await asyncio.gather(*(api.mutate("register", **registration(email=f"jose{n}@example.pe")) for n in range(4)))

    assert await User.all().count() == 2
    assert await User.filter(identity_number=JOSE["identityNumber"]).count() == 1
    assert await Entry.filter(act="REGISTERED").count() == 2
    assert [kind for kind, _ in await mails()].count("VERIFY_EMAIL") == 1


async def test_who_proves_while_another_wants_the_room_is_not_harmed(api: Api, counter: Counter) -> None:
    await api.mutate("register", **registration())
    counter.clock.advance(hours=23, minutes=50)
    await api.mutate("resendVerification", **JOSE)
    code = await mailed_code(NoticeKind.VERIFY_EMAIL)
    counter.clock.advance(minutes=10)

    proved, _ = await asyncio.gather(api.mutate("verifyEmail", **JOSE, code=code), register_as_squatter(api))

    holder = await User.get(identity_number=JOSE["identityNumber"])
    assert (holder.email == "jose@example.pe") is (proved["__typename"] == "VerifyEmailSuccess")
    assert (holder.email_verified_at is not None) is (proved["__typename"] == "VerifyEmailSuccess")


async def test_room_is_not_made_while_the_address_is_being_proved(
    api: Api, counter: Counter, database: Database
) -> None:
    await api.mutate("register", **registration())
    counter.clock.advance(days=2)
    connection = await asyncpg.connect(database.owner_url)

    async with connection.transaction():
        await connection.execute("UPDATE users SET email_verified_at = now()")
        wanting = asyncio.create_task(register_as_squatter(api))
        await database.until_somebody_waits()
    await wanting

    await connection.close()
    assert (await User.get()).email == "jose@example.pe"
    assert ("ACCOUNT_EXISTS", "jose@example.pe") in await mails()


async def test_codes_are_kept_only_as_slow_hashes_and_only_while_needed(api: Api, counter: Counter) -> None:
    await api.mutate("register", **registration())
    code = await mailed_code(NoticeKind.VERIFY_EMAIL)

    kept = await Code.get()

    assert kept.kept_hash.startswith("$argon2id$")
    assert code not in json.dumps(await Code.all().values(), default=str)
    assert code not in json.dumps([entry.record for entry in await Entry.all()])
    counter.clock.advance(minutes=30)
    assert await codes.forget_codes(counter.tools) == 1
    notice = await Notice.get()
    assert (notice.state, notice.reason, notice.detail) == (NoticeState.SUPPRESSED, "CODE_EXPIRED", {})
    counter.clock.advance(hours=24)
    assert await codes.forget_codes(counter.tools) == 1
    assert await Code.all().count() == 0
    assert await codes.forget_codes(counter.tools) == 0


async def test_codes_that_hold_are_not_forgotten(api: Api, counter: Counter) -> None:
    await api.mutate("register", **registration())
    counter.clock.advance(minutes=29)

    assert await codes.forget_codes(counter.tools) == 0

    code = await mailed_code(NoticeKind.VERIFY_EMAIL)
    assert (await api.mutate("verifyEmail", **JOSE, code=code))["__typename"] == "VerifyEmailSuccess"


async def test_nothing_of_the_person_reaches_the_log(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    given: dict[str, Any] = registration()
    await api.mutate("checkPersonalData", **personal_data())
    await api.mutate("register", **given)
    code = await mailed_code(NoticeKind.VERIFY_EMAIL)
    caplog.clear()

    await api.mutate("register", **given)
    await api.mutate("verifyEmail", **JOSE, code=other_than(code))
    await api.mutate("verifyEmail", **JOSE, code=code)
    await api.mutate("resendVerification", **JOSE)

    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("tortoise", "asyncio"))]
    told = [word for word in (code, other_than(code), PASSWORD, given["email"], "45678901") if word in "\n".join(ours)]
    assert told == []


async def test_an_account_of_the_seeds_is_proved_already(counter: Counter) -> None:
    viewer = await counter.register(identity_kind=IdentityKind.CE, identity_number="001234567")

    assert (await User.get(id=viewer.user_id)).email_verified_at == counter.clock()
    assert [kind for kind, _ in await mails()] == ["WELCOME"]
    assert await Session.all().count() == 1
    assert accounts.ABANDONED_AFTER.total_seconds() == 24 * 3600
