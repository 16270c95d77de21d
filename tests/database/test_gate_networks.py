"""Who knocks from where: networks, devices that are known, and proxies that are ours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from starlette.requests import HTTPConnection

from actions import gate
from actions.gate import network_of
from actions.sessions import Credentials, WrongCredentials
from actions.sessions import sign_in as begin_session
from models.receipts import Notice
from resolvers.context import client_of
from rules.notices import NoticeKind
from rules.throttling import (
    DOORS,
    Client,
    Door,
    TooManyAttempts,
    address_of,
)
from tests.database.knocking import registered, sign_in

if TYPE_CHECKING:
    from tests.api import Api
    from tests.counter import Counter


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
