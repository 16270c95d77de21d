"""Status changes over sockets: from wherever they were made, once, in order, and only to who may read them."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
import pytest_asyncio
import websockets

from actions import sessions, tramites
from actions.register import ENTRIES
from models.catalogue import Office
from models.people import Session
from models.register import Entry
from reading import changes
from reading import feed as feeds
from rules.access import Role
from rules.sessions import COOKIE, SessionKind, origin_of
from tests.api import PATIENCE, Api, Subscription, connected_socket, execute_as_owner, make_feed, served, subscribed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from reading.feed import Feed
    from tests.counter import Counter
    from tests.servers.postgres import Database

CHANGES = """
subscription($after: Cursor, $filter: StatusChangesFilter) { statusChanges(after: $after, filter: $filter) { cursor
    change { sequence number act fromStatus toStatus statusLabel text actorRole
        tramite { status lookupKey history { act } } } } }
"""
SHORT = """
subscription($after: Cursor, $filter: StatusChangesFilter) {
    statusChanges(after: $after, filter: $filter) { cursor change { sequence number } } }
"""


FAR = timedelta(hours=1)
"""Longer than any test: what would happen then does not help it."""


@pytest.fixture
def feed(database: Database) -> Feed:
    return make_feed(database, poll=timedelta(seconds=0.2), fresh=timedelta(0), recheck=timedelta(seconds=0.3))


@pytest_asyncio.fixture
async def api(counter: Counter, feed: Feed) -> AsyncGenerator[Api]:
    async with served(counter, feed) as api:
        yield api


async def listening(feed: Feed) -> None:
    """Wait until the feed listens."""
    async with asyncio.timeout(PATIENCE):
        await feed.is_listening.wait()


@asynccontextmanager
async def following(api: Api, **variables: Any) -> AsyncGenerator[Subscription]:
    """Subscribe, and wait until nothing is left of what came before."""
    async with subscribed(api, CHANGES, **variables) as subscription:
        assert (await subscription.event())["change"] is None
        yield subscription


async def here() -> str:
    """Return the cursor of now."""
    return changes.feed_cursor(await changes.last_sequence())


START = changes.feed_cursor(0)


async def sequence() -> str:
    return str(await changes.last_sequence())


async def test_a_change_arrives_at_who_may_read_it(api: Api, counter: Counter, feed: Feed) -> None:
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(maria.viewer)

    async with following(maria, after=await here()) as subscription:
        await tramites.observe_tramite(counter.tools, clerk.viewer, tramite.id, text="Falta la firma.")
        change = await subscription.change()

    assert change == {
        "sequence": await sequence(),
        "number": tramite.number,
        "act": "OBSERVED",
        "fromStatus": "PENDING",
        "toStatus": "OBSERVED",
        "statusLabel": "observado",
        "text": "Falta la firma.",
        "actorRole": "CLERK",
        "tramite": {
            "status": "OBSERVED",
            "lookupKey": tramite.lookup_key,
            "history": [{"act": "FILED"}, {"act": "OBSERVED"}],
        },
    }


async def test_a_stranger_hears_nothing_of_others(api: Api, counter: Counter, feed: Feed) -> None:
    maria, stranger = await api.signed_in(counter), await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    start = await here()
    hidden = [await counter.file(maria.viewer) for _ in range(3)]
    own = await counter.file(stranger.viewer)
    puno = await counter.file(maria.viewer, office_code="PUNO")

    async with subscribed(stranger, SHORT, after=start) as mine, subscribed(clerk, SHORT, after=start) as theirs:
        assert (await mine.change())["number"] == own.number
        assert (await theirs.change())["number"] == puno.number
        last = await counter.file(stranger.viewer)
        assert (await mine.change())["number"] == last.number

    async with subscribed(stranger, SHORT, filter={"number": hidden[0].number}) as refused:
        message = await refused.receive()
    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["code"] == "TRAMITE_NOT_FOUND"


async def test_one_trámite_can_be_followed(api: Api, counter: Counter, feed: Feed) -> None:
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    first, second = await counter.file(maria.viewer), await counter.file(maria.viewer)

    async with subscribed(maria, SHORT, filter={"number": first.number.lower()}, after=START) as subscription:
        assert (await subscription.change())["number"] == first.number
        await tramites.refer_tramite(counter.tools, clerk.viewer, second.id, office_code="CUSCO", text=None)
        await tramites.refer_tramite(counter.tools, clerk.viewer, first.id, office_code="CUSCO", text=None)
        change = await subscription.change()

    assert change == {"number": first.number, "sequence": await sequence()}


async def test_a_client_that_keeps_its_cursor_misses_and_doubles_nothing(
    api: Api, counter: Counter, feed: Feed
) -> None:
    maria = await api.signed_in(counter)
    seen: list[str] = []
    cursor = START

    async def write() -> None:
        for _ in range(4):
            await asyncio.gather(*(counter.file(maria.viewer) for _ in range(3)))

    writing = asyncio.create_task(write())
    while len(seen) < 12:
        async with subscribed(maria, SHORT, after=cursor) as subscription:
            seen += [(await subscription.change())["sequence"] for _ in range(min(5, 12 - len(seen)))]
            cursor = subscription.cursor
    await writing

    expected = await Entry.filter(to_status__isnull=False).order_by("sequence").values_list("sequence", flat=True)
    assert seen == [str(each) for each in expected]


async def test_more_than_a_page_of_history_arrives_whole(counter: Counter, database: Database) -> None:
    feed = make_feed(database, poll=FAR, recheck=FAR)
    async with served(counter, feed) as api:
        maria = await api.signed_in(counter)
        clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
        tramite = await counter.file(maria.viewer)
        both = frozenset({office.id async for office in Office.filter(code__in=("SEDE-CENTRAL", "PUNO"))})
        anywhere = replace(clerk.viewer, office_ids=both)
        for turn in range(changes.PAGE + 20):
            code = ("PUNO", "SEDE-CENTRAL")[turn % 2]
            await tramites.refer_tramite(counter.tools, anywhere, tramite.id, office_code=code, text=None)
        await listening(feed)

        async with subscribed(maria, SHORT, after=START) as subscription:
            found = [int((await subscription.change())["sequence"]) for _ in range(changes.PAGE + 21)]

    assert found == sorted(set(found))


async def test_polling_alone_wakes_subscribers(counter: Counter) -> None:
    async def refuse() -> asyncpg.Connection:
        raise ConnectionRefusedError

    feed = feeds.Feed(refuse, channel=ENTRIES, poll=timedelta(seconds=0.1), recheck=FAR)
    async with served(counter, feed) as api:
        maria = await api.signed_in(counter)
        async with subscribed(maria, SHORT, after=await here()) as subscription:
            await subscription.event()
            tramite = await counter.file(maria.viewer)

            assert (await subscription.change())["number"] == tramite.number


async def test_the_notification_alone_wakes_subscribers(api: Api, counter: Counter, database: Database) -> None:
    feed = make_feed(database, poll=FAR, recheck=FAR)
    async with served(counter, feed) as api:
        maria = await api.signed_in(counter)
        async with subscribed(maria, SHORT, after=await here()) as subscription:
            await subscription.event()
            await listening(feed)
            tramite = await counter.file(maria.viewer)
            other_process = await asyncpg.connect(database.web_url)
            await other_process.execute(f"NOTIFY {ENTRIES}")
            await other_process.close()

            assert (await subscription.change())["number"] == tramite.number


async def test_a_change_made_by_another_process_arrives(counter: Counter, database: Database) -> None:
    feed = make_feed(database, poll=FAR, recheck=FAR)
    async with served(counter, feed) as api:
        maria = await api.signed_in(counter)
        clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
        tramite = await counter.file(maria.viewer)
        async with subscribed(maria, CHANGES, after=await here()) as subscription:
            await subscription.event()
            await listening(feed)
            arguments = [database.web_url, str(clerk.token), str(tramite.id), counter.clock().isoformat()]
            other = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.servers.second_clerk", *arguments)
            change = await subscription.change()
            assert await other.wait() == 0

    assert (change["number"], change["toStatus"], change["text"]) == (tramite.number, "OBSERVED", "Falta la firma.")


async def test_a_lost_listener_is_replaced_and_nothing_is_missed(
    api: Api, counter: Counter, feed: Feed, database_server: Any, database: Database
) -> None:
    maria = await api.signed_in(counter)
    async with subscribed(maria, SHORT, after=await here()) as subscription:
        await listening(feed)
        superuser = await asyncpg.connect(database_server.superuser_url(database.name))
        await superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
        )
        await superuser.close()
        async with asyncio.timeout(PATIENCE):
            while feed.is_listening.is_set():
                await asyncio.sleep(0.01)
        tramite = await counter.file(maria.viewer)

        assert (await subscription.change())["number"] == tramite.number
        await listening(feed)


async def test_the_end_of_the_session_ends_the_subscription(api: Api, counter: Counter, feed: Feed) -> None:
    maria = await api.signed_in(counter)
    async with following(maria) as subscription:
        await sessions.sign_out(counter.tools, maria.viewer)
        message = await subscription.receive()

    assert message["type"] == "error"
    [error] = message["payload"]
    assert error["extensions"]["code"] == "SESSION_ENDED"
    assert error["message"] == "Su sesión terminó. Vuelva a ingresar para seguir recibiendo los cambios."


async def test_nothing_is_delivered_after_the_session_has_expired(api: Api, counter: Counter, feed: Feed) -> None:
    maria = await api.signed_in(counter)
    async with following(maria, after=await here()) as subscription:
        counter.clock.advance(hours=13)
        await counter.file(maria.viewer)

        assert (await subscription.receive())["type"] == "error"
    assert await Session.filter(ended_at__isnull=True).count() == 1, "expired, not ended"


async def test_a_clerk_who_leaves_an_office_hears_no_more_of_it(
    api: Api, counter: Counter, feed: Feed, database: Database
) -> None:
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    async with following(clerk, after=await here()) as subscription:
        await counter.file(maria.viewer, office_code="PUNO")
        await subscription.change()
        await execute_as_owner(database, "DELETE FROM posts")
        await counter.file(maria.viewer, office_code="PUNO")
        own = await counter.file(clerk.viewer)

        assert (await subscription.change())["number"] == own.number


async def test_what_was_said_between_offices_is_not_told_to_the_applicant(
    api: Api, counter: Counter, feed: Feed
) -> None:
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(maria.viewer)
    start = await here()
    await tramites.refer_tramite(
        counter.tools, clerk.viewer, tramite.id, office_code="SEDE-CENTRAL", text="Con cuidado."
    )

    async with subscribed(maria, CHANGES, after=start) as hers, subscribed(clerk, CHANGES, after=start) as theirs:
        assert (await hers.change())["text"] is None
        assert (await theirs.change())["text"] == "Con cuidado."


async def test_an_unforeseen_error_in_a_subscription_is_masked(
    api: Api, counter: Counter, feed: Feed, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    maria = await api.signed_in(counter)
    await execute_as_owner(database, "ALTER TABLE register_heads RENAME TO heads_gone")

    with caplog.at_level(logging.ERROR):
        async with subscribed(maria, SHORT) as subscription:
            message = await subscription.receive()

    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert "register_heads" not in json.dumps(message)
    [record] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert message["payload"][0]["extensions"]["id"] in record.getMessage()


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "१"])
async def test_a_cursor_that_nobody_gave_is_refused(api: Api, counter: Counter, after: str) -> None:
    maria = await api.signed_in(counter)
    async with subscribed(maria, SHORT, after=after) as subscription:
        message = await subscription.receive()

    assert message["payload"][0]["extensions"]["code"] == "UNKNOWN_CURSOR"


async def test_a_socket_needs_a_live_session(api: Api) -> None:
    for payload in ({}, {"authorization": "Bearer nada"}, {"authorization": ["x"]}):
        async with connected_socket(api) as stranger:
            await stranger.send(type="connection_init", payload=payload)
            assert await stranger.close_code() == 4403


async def test_a_socket_may_introduce_itself_as_a_header_is_written(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)

    async with connected_socket(api) as socket:
        await socket.send(type="connection_init", payload={"Authorization": f"Bearer {maria.token}"})
        assert (await socket.receive())["type"] == "connection_ack"


async def test_a_socket_that_does_not_introduce_itself_is_closed(api: Api) -> None:
    async with connected_socket(api) as silent:
        assert await silent.close_code() == 4408


async def test_subscribing_before_the_introduction_closes_the_socket(api: Api) -> None:
    async with connected_socket(api) as hasty:
        await hasty.send(type="subscribe", id="1", payload={"query": SHORT})
        assert await hasty.close_code() == 4401


@pytest.mark.parametrize(
    "message",
    [
        "x",
        "[]",
        '"x"',
        "1",
        '{"type": []}',
        '{"type": "what"}',
        '{"type": "subscribe", "id": [], "payload": {"query": "x"}}',
        '{"type": "subscribe", "id": "1", "payload": []}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "x", "variables": []}}',
        '{"type": "complete", "id": {}}',
        '{"type": "connection_init", "payload": []}',
        '{"type": "ping", "type": "pong"}',
        '{"type": "ping", "payload": {"a": NaN}}',
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        b"binary",
    ],
)
async def test_a_message_of_another_form_closes_the_socket(api: Api, message: str | bytes) -> None:
    async with connected_socket(api) as odd:
        await odd.connection.send(message)
        assert await odd.close_code() == 4400


async def test_a_message_that_is_too_big_closes_the_socket(api: Api) -> None:
    async with connected_socket(api) as big:
        await big.connection.send(json.dumps({"type": "ping", "payload": {"x": "y" * 70_000}}))
        assert await big.close_code() == 1009


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("mutation { signOut { __typename } }", "BAD_REQUEST"),
        ("subscription {", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { " + "x" * 50 + " }", "GRAPHQL_VALIDATION_FAILED"),
        ("", "BAD_REQUEST"),
        ("subscription { statusChanges " + "{ tramite " * 2_000 + "}" * 2_001, "OPERATION_TOO_COMPLEX"),
        ("subscription { statusChanges { " + "number " * 501 + "} }", "OPERATION_TOO_COMPLEX"),
    ],
    ids=["mutation", "syntax", "unknown-field", "empty", "nesting", "fields"],
)
async def test_only_sound_operations_run_over_a_socket(api: Api, counter: Counter, query: str, code: str) -> None:
    maria = await api.signed_in(counter)
    async with subscribed(maria, query) as subscription:
        message = await subscription.receive()

        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == code
        await subscription.send(type="ping")
        assert (await subscription.receive())["type"] == "pong", "the socket lives on"
    assert await maria.data("{ me { role } }") == {"me": {"role": "APPLICANT"}}


async def test_a_query_is_answered_over_a_socket(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    document = "query($n: Int!) { me { role } tramites(first: $n) { edges { cursor } } }"
    async with subscribed(maria, document, n=1) as query:
        assert await query.receive() == {
            "id": "1",
            "type": "next",
            "payload": {"data": {"me": {"role": "APPLICANT"}, "tramites": {"edges": []}}},
        }
        assert await query.receive() == {"id": "1", "type": "complete"}


async def test_a_socket_holds_ten_operations(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    async with subscribed(maria, SHORT) as subscription:
        for place in range(2, 12):
            await subscription.send(type="subscribe", id=str(place), payload={"query": SHORT})
        messages = [await subscription.receive() for _ in range(11)]

        assert {message["id"]: message["type"] for message in messages} == {
            **{str(place): "next" for place in range(1, 11)},
            "11": "error",
        }
        await subscription.send(type="complete", id="3")
        await subscription.send(type="subscribe", id="12", payload={"query": SHORT})
        message = await subscription.receive()
        assert (message["type"], message["id"]) == ("next", "12")


async def test_those_who_leave_are_forgotten(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    async with following(maria):
        assert (api.hub.members, api.hub.joined) == (1, 1)

    async with asyncio.timeout(PATIENCE):
        while api.hub.members:
            await asyncio.sleep(0.01)
    assert api.hub.joined == 0


@pytest.mark.parametrize("protocols", [["graphql-ws"], []])
async def test_the_legacy_protocol_is_not_spoken(api: Api, protocols: list[str]) -> None:
    async with connected_socket(api, subprotocols=protocols or None) as legacy:
        assert await legacy.close_code() == 4406


async def test_a_page_of_ours_follows_with_its_cookie_until_its_session_ends(
    api: Api, counter: Counter, database: Database
) -> None:
    maria = await api.signed_in(counter)
    await execute_as_owner(database, f"UPDATE sessions SET kind = '{SessionKind.COOKIE.value}'")
    cookie, ours = f"{COOKIE}={maria.token}", origin_of(counter.tools.institution.public_url)
    async with (
        connected_socket(api, origin=ours, additional_headers={"cookie": cookie}) as page,
        connected_socket(api, additional_headers={"cookie": cookie}) as no_page,
    ):
        for each in (page, no_page):
            await each.send(type="connection_init")
        assert await no_page.close_code() == 4403, "a cookie shows nothing without the origin of a page"
        assert (await page.receive())["type"] == "connection_ack"
        await page.send(type="subscribe", id="1", payload={"query": SHORT})
        tramite = await counter.file(maria.viewer)
        assert (await page.change())["number"] == tramite.number

        await sessions.sign_out(counter.tools, maria.viewer)
        assert (await page.receive())["payload"][0]["extensions"]["code"] == "SESSION_ENDED"
        assert await page.close_code() == 4401


async def test_many_entries_that_are_for_others_are_gone_through_in_stretches(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria, jose = await counter.register(), await counter.register()
    filed = [await counter.file(whose) for whose in (maria, jose, jose, jose, maria, jose, jose)]
    monkeypatch.setattr(changes, "STRETCH", 2)
    wanted, found, at = changes.ChangesWanted(), list[str](), 0
    pages = list[changes.Changes]()
    while not pages or not pages[-1].is_last:
        pages.append(await changes.changes_after(maria, at, wanted))
        assert at < pages[-1].end <= at + 2
        found += [act.number for act in pages[-1].acts]
        at = pages[-1].end

    assert found == [filed[0].number, filed[4].number]
    assert at == await changes.last_sequence()
    assert [] in [page.acts for page in pages], "a page with nothing is not the last"


async def test_a_page_of_another_origin_gets_no_socket(api: Api) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connected_socket(api, origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
