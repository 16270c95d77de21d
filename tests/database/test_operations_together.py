"""Operations of one socket, side by side: one that is cancelled takes no other with it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from actions import sessions
from resolvers.context import Context
from tests.api import PATIENCE, Api, Subscription, connected_socket, make_feed, served
from tests.database.doors import locked

if TYPE_CHECKING:
    import asyncpg

    from tests.counter import Counter
    from tests.servers.postgres import Database

WAITING = """
SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE NOT granted AND d.datname = current_database()
"""
READING = "SELECT count(*) FROM pg_locks WHERE relation = 'drafts'::regclass"


async def until_there_are(count: int, what: str, connection: asyncpg.Connection) -> None:
    """Wait until a count of the database is so many."""
    async with asyncio.timeout(PATIENCE):
        while await connection.fetchval(what) != count:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("cancelled", [0, 1], ids=["who asks", "who waits"])
async def test_who_is_cancelled_while_several_ask_who_they_are_takes_nobody_along(
    counter: Counter, database: Database, api: Api, cancelled: int
) -> None:
    maria = await api.signed_in(counter)
    context = Context(counter.tools, f"Bearer {maria.token}")
    async with locked(database, "sessions") as holding:
        asking = [asyncio.create_task(context.holder()) for _ in range(3)]
        await until_there_are(1, WAITING, holding)
        asking.pop(cancelled).cancel()
        await asyncio.sleep(0)

    async with asyncio.timeout(PATIENCE):
        assert await asyncio.gather(*asking) == [maria.viewer, maria.viewer]


async def test_a_query_that_is_completed_over_a_socket_ends_no_other(counter: Counter, database: Database) -> None:
    """The first has waited, and asks then who it is, as the second does already."""
    async with served(counter, make_feed(database)) as api, connected_socket(api) as socket:
        maria = await api.signed_in(counter)
        await socket.send(type="connection_init", payload={"authorization": f"Bearer {maria.token}"})
        assert (await socket.receive())["type"] == "connection_ack"
        async with AsyncExitStack() as things:
            drafts = await things.enter_async_context(locked(database, "drafts"))
            await ask(socket, "first", f'{{ node(id: "{uuid4()}") {{ id }} }}')
            await until_there_are(1, WAITING, drafts)
            async with locked(database, "second_factors") as factors:
                await ask(socket, "second", "{ me { role } }")
                await until_there_are(2, WAITING, factors)
                await things.aclose()
                await until_there_are(0, READING, factors)
                await until_answered(socket)
                await socket.send(type="complete", id="first")
                await until_answered(socket)

        told = await socket.receive()
        assert (told["id"], told["payload"]) == ("second", {"data": {"me": {"role": "APPLICANT"}}})


async def test_who_has_signed_out_is_nobody_over_the_socket_that_is_open_still(
    counter: Counter, database: Database
) -> None:
    async with served(counter, make_feed(database)) as api, connected_socket(api) as socket:
        maria = await api.signed_in(counter)
        await socket.send(type="connection_init", payload={"authorization": f"Bearer {maria.token}"})
        assert (await socket.receive())["type"] == "connection_ack"
        await ask(socket, "before", "{ me { role } }")
        assert (await socket.receive())["payload"] == {"data": {"me": {"role": "APPLICANT"}}}
        assert (await socket.receive())["type"] == "complete"
        await sessions.sign_out(counter.tools, maria.viewer)

        await ask(socket, "after", "{ me { role } savedSearches { id } }")
        told = await socket.receive()

        assert told["payload"]["data"] is None
        assert {error["extensions"]["code"] for error in told["payload"]["errors"]} == {"NOT_SIGNED_IN"}


async def ask(socket: Subscription, id_: str, query: str) -> None:
    await socket.send(type="subscribe", id=id_, payload={"query": query})


async def until_answered(socket: Subscription) -> None:
    """Wait until the server has taken all that was sent, and done what it can of it."""
    for _ in range(20):
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"
