"""Following over connections that stay open: events over HTTP, clients that take nothing, and how many there may be."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
import websockets

from actions import sessions
from resolvers import context
from resolvers.engine.places import Places
from rules.access import Role
from tests.api import PATIENCE, Api, connected_socket, execute_as_owner, make_feed, served, subscribed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    import httpx

    from tests.counter import Counter
    from tests.servers.postgres import Database

SHORT = "subscription { statusChanges { cursor change { number } } }"
EVERYTHING = "{ __schema { types { name description fields { name description args { name description } } } } }"
"""A query with a long answer."""


@pytest_asyncio.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    second = timedelta(seconds=1)
    feed = make_feed(database, poll=second / 5, fresh=timedelta(0), recheck=second, stalled=second / 2)
    async with served(counter, feed, buffer_bytes=16_384) as api:
        yield api


@asynccontextmanager
async def streamed(api: Api, document: str, **variables: Any) -> AsyncGenerator[AsyncIterator[tuple[str, Any]]]:
    """Ask for a stream of events; yield them."""
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {api.token}"}
    body = {"query": document, "variables": variables}
    async with api.http.stream("POST", "/graphql", json=body, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield _events(response)


async def _events(response: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    kind = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data:"):
            data = line.removeprefix("data:").strip()
            yield kind, json.loads(data) if data else None


async def test_changes_arrive_as_events_over_http(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    async with asyncio.timeout(PATIENCE), streamed(maria, SHORT) as events:
        kind, first = await anext(events)
        assert (kind, first["data"]["statusChanges"]["change"]) == ("next", None)
        tramite = await counter.file(maria.viewer)
        kind, event = await anext(events)

        assert (kind, event["data"]["statusChanges"]["change"]) == ("next", {"number": tramite.number})
        await sessions.sign_out(counter.tools, maria.viewer)
        await counter.file(maria.viewer)
        kind, last = await anext(events)
        assert (kind, last["errors"][0]["extensions"]["code"]) == ("next", "SESSION_ENDED")
        assert await anext(events) == ("complete", None)
        with pytest.raises(StopAsyncIteration):
            await anext(events)
    assert api.hub.members == 0


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ me { role } }", None),
        ("mutation { signOut { __typename } }", "BAD_REQUEST"),
        ("{", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_query_is_a_stream_that_ends(api: Api, counter: Counter, document: str, code: str | None) -> None:
    maria = await api.signed_in(counter)
    async with asyncio.timeout(PATIENCE), streamed(maria, document) as events:
        found = [event async for event in events]

    assert [kind for kind, _ in found] == ["next", "complete"]
    answer = found[0][1]
    assert (answer["errors"][0]["extensions"]["code"] if "errors" in answer else None) == code
    assert answer.get("data") == ({"me": {"role": "APPLICANT"}} if code is None else None)


async def test_who_takes_nothing_is_cut_off_and_others_are_not_held_up(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    async with subscribed(maria, SHORT) as healthy, connected_socket(maria, max_queue=1) as stalled:
        await healthy.event()
        await stalled.send(type="connection_init", payload={"authorization": f"Bearer {maria.token}"})
        await stalled.send(type="subscribe", id="1", payload={"query": SHORT})
        async with asyncio.timeout(PATIENCE):
            while api.hub.joined < 2:
                await asyncio.sleep(0.01)
        for id_ in range(2, 12):
            await stalled.send(type="subscribe", id=str(id_), payload={"query": EVERYTHING})
        for _ in range(3):
            tramite = await counter.file(maria.viewer)
            assert (await healthy.change())["number"] == tramite.number
        async with asyncio.timeout(PATIENCE):
            while api.hub.members > 1:
                await asyncio.sleep(0.01)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            while True:
                await stalled.receive()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason[:8]) == (1013, "Too slow")
        assert (await healthy.connection.ping()) is not None


async def test_an_account_has_so_many_connections(api: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "PROGRAMS_CONNECTIONS", 2)
    maria, jose = await api.signed_in(counter), await api.signed_in(counter)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(subscribed(maria, SHORT))
        third = await stack.enter_async_context(connected_socket(maria))
        await third.send(type="connection_init", payload={"authorization": f"Bearer {maria.token}"})

        assert await third.close_code() == 4429
        await stack.enter_async_context(subscribed(jose, SHORT))
    async with asyncio.timeout(PATIENCE):
        while api.hub.members:
            await asyncio.sleep(0.01)
    async with subscribed(maria, SHORT) as again:
        assert (await again.event())["change"] is None


async def test_streams_are_connections_too(api: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "PROGRAMS_CONNECTIONS", 1)
    maria, jose = await api.signed_in(counter), await api.signed_in(counter)
    async with asyncio.timeout(PATIENCE), streamed(maria, SHORT) as first:
        await anext(first)
        async with streamed(maria, SHORT) as second, streamed(jose, SHORT) as other:
            _, refused = await anext(second)

            assert refused["errors"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
            assert [kind async for kind, _ in second] == ["complete"]
            assert "errors" not in (await anext(other))[1]
    async with asyncio.timeout(PATIENCE):
        while api.hub.members:
            await asyncio.sleep(0.01)
    async with asyncio.timeout(PATIENCE), streamed(maria, SHORT) as again:
        assert "errors" not in (await anext(again))[1]


async def test_where_all_places_are_taken_who_comes_is_asked_to_come_back(
    api: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Places, "is_full", True)
    maria = await api.signed_in(counter)
    async with connected_socket(maria) as socket:
        await socket.send(type="connection_init", payload={"authorization": f"Bearer {maria.token}"})

        assert await socket.close_code() == 1013


async def test_a_clerk_is_shown_their_own_trámite_as_its_applicant_is(api: Api, counter: Counter) -> None:
    document = """subscription { statusChanges {
        cursor change { number text tramite { lookupKey } } } }"""
    ana, luis = [await api.signed_in(counter, role=Role.CLERK, office="PUNO") for _ in range(2)]
    async with subscribed(ana, document) as hers, subscribed(luis, document) as his:
        await hers.event()
        await his.event()
        own = await counter.file(ana.viewer, office_code="PUNO")
        other = await counter.file(luis.viewer, office_code="CUSCO")
        shared = await counter.file(await counter.register(), office_code="PUNO")

        def shown(number: str, key: str | None) -> dict[str, Any]:
            return {"number": number, "text": None, "tramite": {"lookupKey": key}}

        assert [await hers.change() for _ in range(2)] == [
            shown(own.number, own.lookup_key),
            shown(shared.number, None),
        ]
        assert [await his.change() for _ in range(3)] == [
            shown(own.number, None),
            shown(other.number, other.lookup_key),
            shown(shared.number, None),
        ]


async def test_whose_role_changes_goes_on_with_the_rights_of_now(
    api: Api, counter: Counter, database: Database
) -> None:
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    async with subscribed(clerk, SHORT) as subscription:
        await subscription.event()
        await counter.file(maria.viewer, office_code="CUSCO")
        puno = await counter.file(maria.viewer, office_code="PUNO")
        assert (await subscription.change())["number"] == puno.number
        await execute_as_owner(database, f"UPDATE users SET role = 'SUPERVISOR' WHERE id = '{clerk.viewer.user_id}'")
        seen = await counter.file(maria.viewer, office_code="CUSCO")

        assert (await subscription.change())["number"] == seen.number


async def test_an_office_and_statuses_can_be_followed(api: Api, counter: Counter) -> None:
    document = """subscription($filter: StatusChangesFilter!) {
        statusChanges(fromStart: true, filter: $filter) { cursor change { number toStatus } } }"""
    maria, boss = await api.signed_in(counter), await api.signed_in(counter, role=Role.SUPERVISOR)
    puno, _ = [await counter.file(maria.viewer, office_code=office) for office in ("PUNO", "CUSCO")]
    office, nowhere = {"officeCode": "PUNO"}, {"officeCode": "NOWHERE"}
    async with (
        subscribed(boss, document, filter=office) as by_office,
        subscribed(boss, document, filter={**office, "statuses": ["VOIDED"]}) as by_both,
        subscribed(boss, document, filter=nowhere) as refused,
    ):
        assert await by_office.change() == {"number": puno.number, "toStatus": "PENDING"}
        assert (await by_both.event())["change"] is None
        [error] = (await refused.receive())["payload"]
        assert error["extensions"] == {"code": "OFFICE_NOT_FOUND", "path": ["filter", "officeCode"]}
        await maria.mutate("voidTramite", id=str(puno.id))

        assert await by_both.change() == {"number": puno.number, "toStatus": "VOIDED"}
        assert await by_office.change() == {"number": puno.number, "toStatus": "VOIDED"}
