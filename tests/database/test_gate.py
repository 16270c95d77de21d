"""The gate: attempts are counted and delayed, the security check is asked for, and nobody is locked out for good."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import altcha
import asyncpg
import pytest
from PIL import Image
from starlette.requests import HTTPConnection

from actions import gate
from actions.code_studio import MOST_WAITING, CodeStudio
from actions.gate import forget_throttles, network_of
from actions.security_check import SecurityCheck, forget_spent_challenges, solve
from actions.sessions import Credentials, WrongCredentials
from actions.sessions import sign_in as begin_session
from models.receipts import Notice
from resolvers.context import client_of
from rules.notices import NoticeKind
from rules.refusals import TooManyRequests
from rules.throttling import (
    DOORS,
    Backoff,
    Client,
    Door,
    ProofMissing,
    ProofWrong,
    Rate,
    TooManyAttempts,
    address_of,
)
from tests.api import in_process, make_feed
from tests.counter import PASSWORD

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from actions.accounts import Registration
    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database

CHECK = "{ securityCheck { isRequired challenge } }"
CODE = "{ securityCode { token picture sound } }"


@pytest.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield made


@pytest.fixture
def guarded(counter: Counter) -> Counter:
    """Return a counter that asks for the security check."""
    object.__setattr__(counter.tools, "security_check", SecurityCheck(b"another key for tests", work=4))
    return counter


async def registered(counter: Counter) -> Registration:
    form = counter.registration()
    await counter.register(identity_number=form.identity_number, email=form.email)
    return form


async def sign_in(api: Api, number: str, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
    given = {"identityKind": "DNI", "identityNumber": number, "password": password, **more}
    return await api.mutate("signIn", "token", **given)


async def proof(api: Api) -> str:
    return solve((await api.data(CHECK))["securityCheck"]["challenge"])


async def test_a_solved_check_opens_the_door_once(guarded: Counter, api: Api) -> None:
    form = guarded.registration()
    object.__setattr__(guarded.tools.security_check, "is_required", False)
    await guarded.register(identity_number=form.identity_number, email=form.email)
    object.__setattr__(guarded.tools.security_check, "is_required", True)
    answer = await proof(api)

    without = await sign_in(api, form.identity_number)
    first = await sign_in(api, form.identity_number, proof=answer)
    again = await sign_in(api, form.identity_number, proof=answer)

    assert (without["code"], without["path"]) == ("SECURITY_CHECK_MISSING", ["input", "proof"])
    assert first["__typename"] == "SignInSuccess"
    assert again["code"] == "SECURITY_CHECK_EXPIRED"


async def test_an_answer_is_good_once_also_when_it_comes_twice_at_once(guarded: Counter, api: Api) -> None:
    answer = await proof(api)

    answers = await asyncio.gather(*(sign_in(api, "10000009", proof=answer) for _ in range(5)))

    assert sorted(each["code"] for each in answers) == ["SECURITY_CHECK_EXPIRED"] * 4 + ["WRONG_CREDENTIALS"]


def forged(challenge: str, **changes: Any) -> str:
    asked = json.loads(challenge)
    asked["parameters"] |= changes
    made = altcha.Challenge.from_dict(asked)
    return altcha.Payload(made, altcha.solve_challenge(made)).to_base64()  # pyright: ignore[reportArgumentType]


async def test_a_check_that_is_not_ours_or_too_easy_is_refused(guarded: Counter, api: Api) -> None:
    foreign = solve(SecurityCheck(b"somebody else's key", work=4).make_challenge(guarded.clock()))
    ours = (await api.data(CHECK))["securityCheck"]["challenge"]
    unsolved = altcha.Payload(
        altcha.Challenge.from_dict(json.loads(ours)), altcha.Solution(counter=1, derived_key="00" * 32)
    ).to_base64()
    easier = forged(ours, keyPrefix="", cost=1)
    later = forged(ours, data={"expires": 9_999_999_999})
    for wrong in (
        foreign,
        unsolved,
        easier,
        later,
        "",
        "x",
        "e30=",
        base64.b64encode(b"[" * 3_000).decode(),
        "A" * 9_999,
    ):
        answer = await sign_in(api, "10000009", proof=wrong)
        assert answer["code"] in ("SECURITY_CHECK_WRONG", "SECURITY_CHECK_MISSING"), wrong[:40]


async def test_a_check_expires(guarded: Counter, api: Api) -> None:
    answer = await proof(api)
    guarded.clock.advance(minutes=10)

    assert (await sign_in(api, "10000009", proof=answer))["code"] == "SECURITY_CHECK_EXPIRED"


async def test_answers_that_expired_are_forgotten(guarded: Counter, api: Api, database: Database) -> None:
    await sign_in(api, "10000009", proof=await proof(api))
    assert await forget_spent_challenges(guarded.clock()) == 0
    guarded.clock.advance(minutes=10)

    assert await forget_spent_challenges(guarded.clock()) == 1


async def test_a_code_can_be_seen_and_heard_and_is_good_for_one_try(guarded: Counter, api: Api) -> None:
    shown = (await api.data(CODE))["securityCode"]
    picture = Image.open(io.BytesIO(base64.b64decode(shown["picture"])))
    with wave.open(io.BytesIO(base64.b64decode(shown["sound"]))) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    code = guarded.tools.security_check.make_code(guarded.clock())
    other = guarded.tools.security_check.make_code(guarded.clock())
    wrong = f"{other.token}.{(int(other.digits) + 1) % 10**6:06d}"

    right = await sign_in(api, "10000009", proof=f"{code.token}.{code.digits[:3]} {code.digits[3:]}")
    again = await sign_in(api, "10000009", proof=f"{code.token}.{code.digits}")
    misread = await sign_in(api, "10000009", proof=wrong)
    second_try = await sign_in(api, "10000009", proof=f"{other.token}.{other.digits}")

    assert (picture.format, picture.size[0] > 100, seconds > 5) == ("PNG", True, True)
    assert (right["code"], again["code"]) == ("WRONG_CREDENTIALS", "SECURITY_CHECK_EXPIRED")
    assert (misread["code"], second_try["code"]) == ("SECURITY_CHECK_WRONG", "SECURITY_CHECK_EXPIRED")


async def test_a_code_is_drawn_and_spoken_once_however_often_it_is_asked_for(api: Api) -> None:
    shown = (await api.data("{ securityCode { a: picture b: picture c: sound d: sound } }"))["securityCode"]

    assert (shown["a"], shown["c"]) == (shown["b"], shown["d"])


async def test_codes_are_given_out_more_slowly_than_checks(api: Api) -> None:
    burst = DOORS[Door.SECURITY_CODE].address.burst

    answers = [await api.answer("{ securityCode { token } }") for _ in range(burst + 1)]

    assert all("errors" not in answer for answer in answers[:-1])
    assert answers[-1]["errors"][0]["extensions"]["code"] == "TOO_MANY_ATTEMPTS"
    assert (await api.data(CHECK))["securityCheck"]["challenge"]


async def test_codes_wait_to_be_drawn_in_a_short_queue() -> None:
    studio = CodeStudio()

    drawn = await asyncio.gather(*(studio.draw("123456") for _ in range(MOST_WAITING + 2)), return_exceptions=True)
    later = await studio.draw("123456")
    studio.close()

    assert [isinstance(each, bytes) for each in drawn] == [True] * MOST_WAITING + [False] * 2
    assert [each.code for each in drawn if isinstance(each, TooManyRequests)] == ["BUSY"] * 2
    assert later.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "proof", ["code", "code-", "code-a-b-c", "code-aa-99999999999-x.1", "code-a-1-b.1", "code-ñ-9-9.9"]
)
async def test_a_malformed_code_is_refused(guarded: Counter, api: Api, proof: str) -> None:
    answer = await sign_in(api, "10000009", proof=proof)

    assert answer["code"] in ("SECURITY_CHECK_WRONG", "SECURITY_CHECK_EXPIRED")


HOSTILE_CODES = [
    "code-a-999999999999-b.1",
    "code-a-253402300800-b.1",
    "code-a-9999999999-ñ.1",
    "code-a-9999999999-ñandú.ñ",
    "code-a-٩٩٩٩٩٩٩٩٩٩-b.1",
]
WORK = '{"challenge": {"parameters": %s, "signature": %s}, "solution": {"counter": 1, "derivedKey": "00"}}'
PARAMETERS = '{"algorithm": "PBKDF2/SHA-256", "nonce": "00", "salt": "00", "cost": 1, "data": {"expires": %s}}'
HOSTILE_WORK = [
    *(WORK % (PARAMETERS % number, '"00"') for number in ("1e400", "-1e400", "NaN", "9" * 300, "1e300", '"9"', "null")),
    WORK % (PARAMETERS.replace('"cost": 1', '"cost": 1e400') % 9, '"00"'),
    WORK % (PARAMETERS.replace('"cost": 1', '"cost": 1, "expiresAt": 1e400') % 9, '"00"'),
    WORK % (PARAMETERS % 9, '"ñ"'),
    WORK % (PARAMETERS % 9, '"\\ud800"'),
    WORK % (PARAMETERS % 9, "1e400"),
    WORK % ("[]", '"00"'),
    WORK % ("{}", '"00"'),
    '{"challenge": [], "solution": []}',
    '{"challenge": 1e400}',
    "1e400",
    "9" * 2_000,
    "null",
]


async def test_a_hostile_proof_is_answered_as_a_wrong_one(guarded: Counter, api: Api) -> None:
    hostile = [*HOSTILE_CODES, *(base64.b64encode(each.encode()).decode() for each in HOSTILE_WORK), "ñ"]

    answers = [(each, (await sign_in(api, "10000009", proof=each))["code"]) for each in hostile]

    assert answers == [(each, "SECURITY_CHECK_WRONG") for each in hostile]


async def test_a_code_that_is_not_ours_leaves_nothing_behind(guarded: Counter, api: Api, database: Database) -> None:
    code = guarded.tools.security_check.make_code(guarded.clock())
    mark, nonce, expires, *seals = code.token.split("-")
    later, longest = str(int(expires) + 1), "9" * 10
    forged = [
        "-".join([mark, *parts])
        for parts in (
            [nonce, later, *seals],
            [nonce, longest, *seals],
            ["0" * 24, expires, *seals],
            ["a", longest, "b"],
        )
    ]
    connection = await asyncpg.connect(database.owner_url)

    answers = [(await sign_in(api, "10000009", proof=f"{token}.{code.digits}"))["code"] for token in forged]

    assert answers == ["SECURITY_CHECK_WRONG"] * 4
    assert await connection.fetchval("SELECT count(*) FROM spent_challenges") == 0
    await connection.close()
    assert (await sign_in(api, "10000009", proof=f"{code.token}.{code.digits}"))["code"] == "WRONG_CREDENTIALS"


async def test_registration_and_recovery_ask_for_the_check_too(guarded: Counter, api: Api) -> None:
    who = {"identityKind": "DNI", "identityNumber": "10000009"}
    registration = {
        **who, "givenNames": "Ana", "firstSurname": "Ríos", "birthDate": "1990-01-01", "email": "ana@example.pe",
        "mobile": "987654321", "password": PASSWORD,
    }  # fmt: skip

    answers = [await api.mutate("register", **registration), await api.mutate("requestRecovery", **who)]

    assert [answer["code"] for answer in answers] == ["SECURITY_CHECK_MISSING"] * 2


async def test_a_hundred_tries_in_one_request_are_a_hundred(counter: Counter, api: Api) -> None:
    form = await registered(counter)
    tries = " ".join(
        f'a{number}: signIn(input: {{identityKind: DNI, identityNumber: "{form.identity_number}", password: "x"}})'
        " { __typename ... on Refusal { code } }"
        for number in range(10)
    )

    answered = [(await api.data(f"mutation {{ {tries} }}")) for _ in range(10)]

    codes = [each["code"] for answer in answered for each in answer.values()]
    assert codes == ["WRONG_CREDENTIALS"] * 5 + ["TOO_MANY_ATTEMPTS"] * 55 + ["TOO_MANY_ATTEMPTS"] * 40


async def test_after_five_tries_each_takes_twice_as_long_and_success_forgives(counter: Counter, api: Api) -> None:
    form = await registered(counter)
    waits = list[int]()
    for _ in range(5):
        assert (await sign_in(api, form.identity_number, "wrong"))["code"] == "WRONG_CREDENTIALS"
    for _ in range(4):
        refused = await retry(api, form.identity_number)
        waits.append(refused["retryAfterSeconds"])
        counter.clock.advance(seconds=refused["retryAfterSeconds"])
        assert (await sign_in(api, form.identity_number, "wrong"))["code"] == "WRONG_CREDENTIALS"
    counter.clock.advance(seconds=16)

    right = await sign_in(api, form.identity_number)

    assert waits == [1, 2, 4, 8]
    assert right["__typename"] == "SignInSuccess"
    assert [(await sign_in(api, form.identity_number, "wrong"))["code"] for _ in range(6)] == [
        *["WRONG_CREDENTIALS"] * 5,
        "TOO_MANY_ATTEMPTS",
    ]


async def retry(api: Api, number: str, password: str = PASSWORD) -> dict[str, Any]:
    document = """mutation($input: SignInInput!) { signIn(input: $input) { __typename
        ... on TooManyRequests { code message retryAfterSeconds } } }"""
    given = {"identityKind": "DNI", "identityNumber": number, "password": password}
    return (await api.data(document, input=given))["signIn"]


def test_a_pause_is_never_longer_than_a_quarter_of_an_hour() -> None:
    backoff = Backoff()

    pauses = [backoff.pause_after(failures) for failures in range(1, 60)]

    assert pauses[:8] == [timedelta(seconds=each) for each in (0, 0, 0, 0, 1, 2, 4, 8)]
    assert max(pauses) == timedelta(minutes=15)


async def test_the_database_counts_as_the_rule_says(counter: Counter) -> None:
    backoff, client = Backoff(), Client("192.0.2.1")
    for failures in range(1, 20):
        assert await gate.admit(counter.tools, Door.CONFIRM, client, account="x") == failures
        pause = backoff.pause_after(failures)
        if pause:
            counter.clock.advance(seconds=pause.total_seconds() - 0.001)
            with pytest.raises(TooManyAttempts) as refused:
                await gate.admit(counter.tools, Door.CONFIRM, client, account="x")
            assert refused.value.retry_after_seconds == 1
        counter.clock.advance(seconds=0.002)
    counter.clock.advance(days=1, minutes=15)
    assert await gate.admit(counter.tools, Door.CONFIRM, client, account="x") == 1


async def test_clocks_that_differ_neither_refuse_a_quick_try_nor_take_a_pause_away(counter: Counter) -> None:
    fast, client, quick = counter.tools, Client("192.0.2.1"), Backoff().quick
    slow = replace(fast, clock=lambda: fast.clock() - timedelta(seconds=2))

    counted = [await gate.admit(each, Door.CONFIRM, client, account="x") for each in [fast, slow, fast, fast, slow]]

    assert counted == list(range(1, quick + 1))
    for each in (fast, slow):
        with pytest.raises(TooManyAttempts):
            await gate.admit(each, Door.CONFIRM, client, account="x")
    counter.clock.advance(seconds=1)
    assert await gate.admit(fast, Door.CONFIRM, client, account="x") == quick + 1


@pytest.mark.parametrize("rate", [Rate(3, timedelta(minutes=1)), Rate(1, timedelta(hours=1))])
async def test_a_pace_lets_its_burst_through_and_then_as_many_as_it_says(counter: Counter, rate: Rate) -> None:
    key, waits = counter.tools.security_check.blind("a pace"), list[int]()

    async def passes() -> bool:
        try:
            await gate.pace(key, rate, counter.clock())
        except TooManyAttempts as refused:
            waits.append(refused.retry_after_seconds or 0)
            return False
        return True

    assert [await passes() for _ in range(rate.burst + 1)] == [True] * rate.burst + [False]
    counter.clock.advance(seconds=rate.interval.total_seconds())
    assert [await passes() for _ in range(2)] == [True, False]
    counter.clock.advance(seconds=rate.period.total_seconds() * 2)
    assert [await passes() for _ in range(rate.burst + 1)] == [True] * rate.burst + [False]
    assert all(0 < wait <= rate.interval.total_seconds() for wait in waits)


async def test_an_address_is_delayed_whichever_accounts_it_tries_and_others_are_not(counter: Counter) -> None:
    rate, here, there = DOORS[Door.SIGN_IN].address, Client("2001:db8::1"), Client("2001:db8:1::1")
    for number in range(rate.burst):
        await gate.admit(counter.tools, Door.SIGN_IN, Client(f"2001:db8::{number:x}"), account=f"DNI:{number}")

    with pytest.raises(TooManyAttempts):
        await gate.admit(counter.tools, Door.SIGN_IN, here, account="DNI:another")
    await gate.admit(counter.tools, Door.SIGN_IN, there, account="DNI:another")


async def test_everybody_together_is_delayed_too(counter: Counter) -> None:
    for number in range(DOORS[Door.CLAIM_IDENTITY].everybody.burst):
        await gate.admit(counter.tools, Door.CLAIM_IDENTITY, Client(f"10.0.{number // 4}.{number % 4}"))

    with pytest.raises(TooManyAttempts):
        await gate.admit(counter.tools, Door.CLAIM_IDENTITY, Client("10.9.9.9"))


async def test_only_who_has_done_the_check_is_counted_among_everybody(guarded: Counter) -> None:
    tools, door = guarded.tools, Door.CLAIM_IDENTITY
    for number in range(DOORS[door].everybody.burst):
        with pytest.raises(ProofMissing):
            await gate.admit(tools, door, Client(f"10.0.{number // 4}.{number % 4}"))
        with pytest.raises(ProofWrong):
            await gate.admit(tools, door, Client(f"10.0.{number // 4}.{number % 4}"), proof="x")

    await gate.admit(tools, door, Client("10.9.9.9"), proof=solve(tools.security_check.make_challenge(guarded.clock())))


async def test_an_attacker_cannot_make_the_holder_wait_on_a_device_that_is_known(counter: Counter, api: Api) -> None:
    form = await registered(counter)
    device = gate.device_of(counter.tools, f"DNI:{form.identity_number}")
    for _ in range(6):
        await sign_in(api, form.identity_number, "wrong")

    stranger = await sign_in(api, form.identity_number)
    api.http.cookies.set("__Host-mesa-device", device[:-2] + "xx")
    forged_device = await sign_in(api, form.identity_number)
    api.http.cookies.clear()
    api.http.cookies.set("__Host-mesa-device", device)
    holder = await sign_in(api, form.identity_number)

    assert (stranger["code"], forged_device["code"]) == ("TOO_MANY_ATTEMPTS", "TOO_MANY_ATTEMPTS")
    assert holder["__typename"] == "SignInSuccess"


async def knock(counter: Counter, client: Client, account: str = "DNI:10000009") -> int | str:
    """Return which attempt in a row one is, or why it is none."""
    try:
        return await gate.admit(counter.tools, Door.SIGN_IN, client, account=account)
    except TooManyAttempts as refused:
        return refused.code


def networks(count: int) -> list[Client]:
    return [Client(f"198.51.{number // 250}.{number % 250}") for number in range(count)]


async def test_an_attacker_elsewhere_does_not_make_the_holder_wait(counter: Counter) -> None:
    here, elsewhere = Client("192.0.2.1"), Client("203.0.113.9")

    attacker = [await knock(counter, elsewhere) for _ in range(7)]

    assert attacker == [1, 2, 3, 4, 5, "TOO_MANY_ATTEMPTS", "TOO_MANY_ATTEMPTS"]
    assert await knock(counter, here) == 6


async def test_an_account_is_delayed_from_many_networks_together_and_the_wait_is_not_made_longer_by_asking(
    counter: Counter,
) -> None:
    rate, here = DOORS[Door.SIGN_IN].account_everywhere, Client("192.0.2.1")
    assert rate is not None
    device = gate.device_of(counter.tools, "DNI:10000009")
    attacker = [await knock(counter, each) for each in networks(rate.burst)]

    refused = [await knock(counter, here) for _ in range(7)]
    on_a_known_device = await knock(counter, Client("192.0.2.1", device))
    counter.clock.advance(seconds=rate.interval.total_seconds())

    assert attacker == list(range(1, rate.burst + 1))
    assert refused == ["TOO_MANY_ATTEMPTS"] * 7
    assert on_a_known_device == 1
    assert await knock(counter, here) == rate.burst + 1


async def test_who_signs_in_often_does_not_wait(counter: Counter) -> None:
    rate, here = DOORS[Door.SIGN_IN].account_everywhere, Client("192.0.2.1")
    assert rate is not None
    await knock(counter, Client("203.0.113.9"))
    for attempt in [2, *[1] * rate.burst * 2]:
        assert await knock(counter, here) == attempt
        await gate.forgive(counter.tools, Door.SIGN_IN, here, account="DNI:10000009")
        counter.clock.advance(seconds=10)


async def test_the_holder_is_told_of_ten_failures_from_many_networks(counter: Counter, api: Api) -> None:
    form = await registered(counter)
    given = Credentials(identity_kind=form.identity_kind, identity_number=form.identity_number, password="wrong")
    for each in networks(14):
        with pytest.raises(WrongCredentials):
            await begin_session(counter.tools, given, client=each)

    told = await Notice.filter(kind=NoticeKind.SIGN_IN_FAILURES)

    assert [notice.address for notice in told] == [form.email]


async def test_two_spellings_of_a_number_are_one_account(counter: Counter, api: Api) -> None:
    form = await registered(counter)
    spellings = [
        form.identity_number,
        f" {form.identity_number}",
        f"{form.identity_number[:4]}-{form.identity_number[4:]}",
    ]

    answers = [(await sign_in(api, spelling, "wrong"))["code"] for spelling in spellings * 2]

    assert answers == ["WRONG_CREDENTIALS"] * 5 + ["TOO_MANY_ATTEMPTS"]


async def test_an_account_that_does_not_exist_is_answered_alike(counter: Counter, api: Api) -> None:
    form = await registered(counter)

    known = [(await sign_in(api, form.identity_number, "wrong")) for _ in range(7)]
    unknown = [(await sign_in(api, "19999999", "wrong")) for _ in range(7)]

    assert known == unknown


async def test_the_holder_is_told_of_ten_failures_in_a_row_once(counter: Counter, api: Api) -> None:
    form = await registered(counter)
    for _ in range(14):
        await sign_in(api, form.identity_number, "wrong")
        counter.clock.advance(minutes=15)
        await sign_in(api, "19999999", "wrong")

    told = await Notice.filter(kind=NoticeKind.SIGN_IN_FAILURES)

    assert [notice.address for notice in told] == [form.email]


async def test_nothing_that_names_somebody_is_kept_in_the_counters(
    counter: Counter, api: Api, database: Database
) -> None:
    form = await registered(counter)
    await sign_in(api, form.identity_number, "wrong")
    connection = await asyncpg.connect(database.owner_url)

    rows = await connection.fetch("SELECT t::text AS row FROM throttles t")

    await connection.close()
    assert len(rows) == 5
    assert not any(form.identity_number in row["row"] or "127.0.0.1" in row["row"] for row in rows)


async def test_counters_that_do_not_matter_any_more_are_forgotten(counter: Counter, api: Api) -> None:
    await sign_in(api, "19999999", "wrong")
    assert await forget_throttles(counter.tools) == 0
    counter.clock.advance(days=3)

    assert await forget_throttles(counter.tools) == 4


async def test_looking_up_by_number_and_key_is_delayed(counter: Counter, api: Api) -> None:
    ask = '{ publicStatus(number: "MPD-2026-000001-M", lookupKey: "0000-0000-0000-0000") { status } }'
    burst = DOORS[Door.PUBLIC_STATUS].address.burst

    answers = [await api.answer(ask) for _ in range(burst + 1)]
    page = await api.http.get("/verificar/0000-0000-0000-0000")

    assert all("errors" not in answer for answer in answers[:-1])
    assert answers[-1]["errors"][0]["extensions"]["code"] == "TOO_MANY_ATTEMPTS"
    assert (page.status_code, "retry-after" in page.headers) == (429, True)
    assert "Vuelva a intentar" in page.text


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("testclient", ""),
    ],
)
def test_an_address_counts_as_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("forwarded_for", "trusted", "address"),
    [
        ("203.0.113.9", (), "10.0.0.1"),
        (None, ("10.0.0.0/8",), "10.0.0.1"),
        ("203.0.113.9", ("10.0.0.0/8",), "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", ("10.0.0.0/8",), "203.0.113.9"),
        ("203.0.113.9, 10.0.0.2", ("10.0.0.0/8",), "203.0.113.9"),
        ("203.0.113.9", ("10.1.0.0/16",), "10.0.0.1"),
        ("nonsense", ("10.0.0.0/8",), "nonsense"),
    ],
)
def test_only_what_our_own_proxies_say_of_an_address_is_believed(
    forwarded_for: str | None, trusted: tuple[str, ...], address: str
) -> None:
    assert address_of("10.0.0.1", forwarded_for, trusted) == address


def test_headers_of_several_proxies_are_one_list_and_the_stranger_s_own_is_not_believed(counter: Counter) -> None:
    said = [(b"x-forwarded-for", b"198.51.100.1"), (b"x-forwarded-for", b"203.0.113.9")]
    connection = HTTPConnection({"type": "http", "client": ("10.0.0.1", 40_000), "headers": said})
    behind_a_proxy = replace(counter.tools, trusted_proxies=("10.0.0.0/8",))
    assert client_of(connection, behind_a_proxy).address == "203.0.113.9"
