"""Sessions: a program's and a browser's, seen and ended by their holder, and never begun by another page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
import websockets

from actions import sessions
from actions.credentials import PasswordPool
from actions.passwords import set_password
from actions.transaction import tx
from models.people import Session, User
from rules.access import Role
from rules.sessions import COOKIE, cookie_of, device_name
from tests.api import Api, connected_socket, in_process, make_feed, served
from tests.counter import PASSWORD, Counter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.servers.postgres import Database

ME = "{ me { id } }"
SESSIONS = "{ sessions { id kind device isCurrent lastSeenAt } }"
OURS = {"x-mesa-client": "web", "sec-fetch-site": "same-origin"}
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield made


async def browser(
    api: Api, counter: Counter, role: Role = Role.APPLICANT, office: str | None = None
) -> tuple[str, httpx.Response]:
    """Sign somebody in by cookie; return the token in it, and the answer."""
    form = counter.registration()
    await counter.register(identity_number=form.identity_number, email=form.email, role=role, office=office)
    document = """mutation($input: SignInInput!) { signIn(input: $input) { __typename
        ... on SignInSuccess { token user { id } } ... on Refusal { code } } }"""
    given = {"identityKind": "DNI", "identityNumber": form.identity_number, "password": PASSWORD, "session": "COOKIE"}
    response = await api.http.post(
        "/graphql", json={"query": document, "variables": {"input": given}}, headers={"user-agent": FIREFOX}
    )
    cookies = {each.split("=")[0]: each.split("=")[1].split(";")[0] for each in response.headers.get_list("set-cookie")}
    api.http.cookies.clear()
    await counter.viewer_of(cookies[COOKIE])
    return cookies[COOKIE], response


async def ask(api: Api, document: str, cookie: str, **headers: str) -> Any:
    response = await api.http.post(
        "/graphql", json={"query": document}, headers={"cookie": f"{COOKIE}={cookie}", **headers}
    )
    return response.json()["data"]


async def test_a_browser_gets_a_cookie_that_no_script_can_read_and_no_token(counter: Counter, api: Api) -> None:
    _, response = await browser(api, counter)

    assert response.json()["data"]["signIn"]["token"] is None
    for line in response.headers.get_list("set-cookie"):
        name, *attributes = [part.strip().lower() for part in line.split(";")]
        assert name.startswith(("__host-mesa=", "__host-mesa-device="))
        assert {"path=/", "secure", "httponly", "samesite=strict"} <= set(attributes)
        assert not any(attribute.startswith("domain") for attribute in attributes)


async def test_the_cookie_counts_only_for_a_page_of_ours(counter: Counter, api: Api) -> None:
    cookie, _ = await browser(api, counter)
    ours = "https://mesa.example.pe"

    assert (await ask(api, ME, cookie, **OURS))["me"] is not None
    assert (await ask(api, ME, cookie, **OURS, origin=ours))["me"] is not None
    for headers in (
        {},
        {"sec-fetch-site": "same-origin"},
        {"x-mesa-client": "web", "sec-fetch-site": "cross-site"},
        {"x-mesa-client": "web", "sec-fetch-site": "same-site"},
        {"x-mesa-client": "web", "origin": "https://evil.example"},
        {"x-mesa-client": "web", "origin": "https://mesa.example.pe:8443"},
        {"x-mesa-client": "web", "origin": "null"},
    ):
        assert (await ask(api, ME, cookie, **headers))["me"] is None, headers


async def test_a_token_is_good_only_in_the_way_in_which_it_was_given(counter: Counter, api: Api) -> None:
    cookie, _ = await browser(api, counter)
    program = await api.signed_in(counter)
    assert program.token is not None

    by_header = await Api(api.http, cookie).is_known()
    by_cookie = await ask(api, ME, program.token, **OURS)

    assert (by_header, by_cookie["me"]) == (False, None)


async def test_a_bearer_token_is_judged_alone_whatever_cookie_comes_along(counter: Counter, api: Api) -> None:
    cookie, _ = await browser(api, counter)
    program = await api.signed_in(counter)

    both = await ask(api, ME, cookie, **OURS, authorization=f"Bearer {program.token}")
    wrong = await ask(api, ME, cookie, **OURS, authorization="Bearer nothing")

    assert both["me"]["id"] == str(program.viewer.user_id)
    assert wrong["me"] is None


@pytest.mark.parametrize(
    ("role", "office", "idle_minutes", "longest_hours"), [(Role.APPLICANT, None, 30, 12), (Role.CLERK, "PUNO", 15, 8)]
)
async def test_a_browsers_session_ends_when_nobody_uses_it(
    counter: Counter, api: Api, role: Role, office: str | None, idle_minutes: int, longest_hours: int
) -> None:
    cookie, _ = await browser(api, counter, role, office)
    began = counter.clock()
    while (counter.clock() - began).total_seconds() < (longest_hours - 1) * 3600:
        counter.clock.advance(minutes=idle_minutes - 1)
        assert (await ask(api, ME, cookie, **OURS))["me"] is not None
    idle, _ = await browser(api, counter, role, office)
    counter.clock.advance(minutes=idle_minutes)
    assert (await ask(api, ME, idle, **OURS))["me"] is None

    counter.clock.at = began
    counter.clock.advance(hours=longest_hours)
    assert (await ask(api, ME, cookie, **OURS))["me"] is None


async def test_a_programs_session_lasts_twelve_hours_without_a_request(counter: Counter, api: Api) -> None:
    program = await api.signed_in(counter)
    counter.clock.advance(hours=11, minutes=59)
    assert (await program.data(ME))["me"] is not None
    counter.clock.advance(minutes=1)
    assert not await program.is_known()


async def test_a_browser_is_told_after_how_long_without_a_request_its_session_ends(counter: Counter, api: Api) -> None:
    document = "{ sessions { isCurrent idleSeconds } }"
    citizen, _ = await browser(api, counter)
    clerk, _ = await browser(api, counter, Role.CLERK, "SEDE-CENTRAL")
    program = await api.signed_in(counter)
    said = [
        await ask(api, document, citizen, **OURS),
        await ask(api, document, clerk, **OURS),
        await program.data(document),
    ]
    idle = [[each["idleSeconds"] for each in one["sessions"] if each["isCurrent"]] for one in said]
    assert idle == [[30 * 60], [15 * 60], [12 * 3600]]


async def test_one_sees_and_ends_ones_own_sessions_only(counter: Counter, api: Api) -> None:
    maria, other = await api.signed_in(counter), await api.signed_in(counter)
    elsewhere = await api.signed_in_again(counter, maria)
    theirs = (await other.data(SESSIONS))["sessions"][0]["id"]
    counter.clock.advance(minutes=2)
    mine = (await maria.data(SESSIONS))["sessions"]

    ended = await maria.mutate("endSession", "sessionId", id=str(elsewhere.viewer.session_id))
    again = await maria.mutate("endSession", id=str(elsewhere.viewer.session_id))
    foreign = await maria.mutate("endSession", id=theirs)
    unknown = await maria.mutate("endSession", id=str(uuid4()))

    assert {each["isCurrent"] for each in mine} == {True, False}
    assert [each["lastSeenAt"] for each in mine if each["isCurrent"]] == [counter.clock().isoformat()]
    assert ended["sessionId"] == str(elsewhere.viewer.session_id)
    assert [each["code"] for each in (again, foreign, unknown)] == ["SESSION_NOT_FOUND"] * 3
    assert not await elsewhere.is_known()
    assert (await other.data(ME))["me"] is not None


async def test_all_other_sessions_are_ended_at_once(counter: Counter, api: Api) -> None:
    maria, other = await api.signed_in(counter), await api.signed_in(counter)
    elsewhere = [await api.signed_in_again(counter, maria) for _ in range(2)]

    answer = await maria.data("mutation { endOtherSessions { ... on EndOtherSessionsSuccess { count } } }")

    assert answer["endOtherSessions"]["count"] >= 2
    assert [await each.is_known() for each in elsewhere] == [False, False]
    assert len((await maria.data(SESSIONS))["sessions"]) == 1
    assert (await other.data(ME))["me"] is not None


async def test_signing_out_takes_the_cookie_away(counter: Counter, api: Api) -> None:
    cookie, _ = await browser(api, counter)
    document = "mutation { signOut { __typename } }"

    response = await api.http.post(
        "/graphql", json={"query": document}, headers={"cookie": f"{COOKIE}={cookie}", **OURS}
    )

    assert response.json()["data"]["signOut"]["__typename"] == "SignOutSuccess"
    assert f'{COOKIE}="";' in response.headers["set-cookie"]
    assert "Max-Age=0" in response.headers["set-cookie"]
    assert response.headers["clear-site-data"] == '"cache", "storage"'
    assert (await ask(api, ME, cookie, **OURS))["me"] is None


async def test_a_new_password_ends_the_sessions(counter: Counter, api: Api) -> None:
    cookie, response = await browser(api, counter)
    user = await User.get(id=response.json()["data"]["signIn"]["user"]["id"])
    async with tx() as connection:
        await set_password(connection, counter.tools, user, new_hash=user.password_hash)

    assert (await ask(api, ME, cookie, **OURS))["me"] is None


async def test_a_password_changed_while_it_was_compared_begins_no_session(counter: Counter) -> None:
    form = counter.registration()
    await counter.register(identity_number=form.identity_number, email=form.email)
    await Session.all().update(ended_at=counter.clock())

    class Changing(PasswordPool):
        async def matches(self, password: str, *, kept: str | None) -> bool:
            is_right = await super().matches(password, kept=kept)
            await User.filter(identity_number=form.identity_number).update(password_hash="another")
            return is_right

    pool = Changing(1)
    with pytest.raises(sessions.WrongCredentials):
        await Counter(replace(counter.tools, hasher=pool), counter.clock).begin_session(form)
    pool.close()

    assert await Session.filter(ended_at__isnull=True).count() == 0


async def test_a_socket_of_our_page_needs_no_token_and_one_of_another_page_gets_nothing(
    counter: Counter, database: Database
) -> None:
    feed = make_feed(database)
    async with served(counter, feed) as api:
        cookie, _ = await browser(api, counter)
        ours = counter.tools.institution.public_url
        codes = list[str]()
        for origin in (ours, "https://evil.example", None):
            headers = {"cookie": f"{COOKIE}={cookie}"}
            try:
                async with connected_socket(api, additional_headers=headers, origin=origin) as socket:
                    await socket.send(type="connection_init", payload={})
                    codes.append((await socket.receive())["type"])
            except websockets.InvalidStatus as refused:
                codes.append(str(refused.response.status_code))
            except websockets.ConnectionClosed as closed:
                codes.append(str(closed.rcvd.code if closed.rcvd else None))

    assert codes == ["connection_ack", "403", "4403"]


async def test_sessions_that_ended_long_ago_are_forgotten(counter: Counter, api: Api) -> None:
    program = await api.signed_in(counter)
    await sessions.sign_out(counter.tools, program.viewer)
    counter.clock.advance(days=29)
    assert await sessions.forget_sessions(counter.tools) == 0
    counter.clock.advance(days=2)

    assert await sessions.forget_sessions(counter.tools) > 0
    assert await Session.all().count() == 0


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox en Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome en Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari en iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge en Windows"),
        ("curl/8.5.0", "curl"),
        ("", "desconocido"),
        (None, "desconocido"),
        ("<script>alert(1)</script>", "desconocido"),
        ("x" * 10_000, "x" * 31),
    ],
)
def test_a_device_is_named_coarsely(agent: str | None, name: str) -> None:
    assert device_name(agent) == name


def test_without_a_cookie_there_is_nothing_to_judge() -> None:
    assert cookie_of(OURS, {}, public_url="https://mesa.example.pe") is None
