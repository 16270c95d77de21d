"""The gate: tries are counted, each waits longer, and success forgives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from actions import gate
from actions.gate import forget_throttles
from actions.security_check import SecurityCheck, solve
from models.receipts import Notice
from rules.notices import NoticeKind
from rules.throttling import (
    DOORS,
    Backoff,
    Client,
    Door,
    ProofMissing,
    ProofWrong,
    Rate,
    TooManyAttempts,
)
from tests.counter import PASSWORD
from tests.database.knocking import registered, sign_in

if TYPE_CHECKING:
    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database


@pytest.fixture
def guarded(counter: Counter) -> Counter:
    """Return a counter that asks for the security check."""
    object.__setattr__(counter.tools, "security_check", SecurityCheck(b"another key for tests", work=4))
    return counter


async def test_tries_are_counted_and_there_is_one_in_a_request(counter: Counter, api: Api) -> None:
    form = await registered(counter)
    tries = [
        f'a{number}: signIn(input: {{identityKind: DNI, identityNumber: "{form.identity_number}", password: "x"}})'
        " { __typename ... on Refusal { code } }"
        for number in range(10)
    ]

    [refused] = (await api.answer(f"mutation {{ {' '.join(tries)} }}"))["errors"]
    answered = [await api.data(f"mutation {{ {each} }}") for each in tries]

    codes = [each["code"] for answer in answered for each in answer.values()]
    assert refused["extensions"]["code"] == "OPERATION_TOO_COMPLEX"
    assert codes == ["WRONG_CREDENTIALS"] * 5 + ["TOO_MANY_ATTEMPTS"] * 5


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
