"""Operations of one socket, side by side: one that is cancelled takes no other with it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from actions import sessions
from resolvers.context import Context
from resolvers.terms import make_terms
from tests.api import PATIENCE, Api, Subscription, connected_socket, make_feed, served
from tests.database.doors import locked

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import asyncpg

    from resolvers.engine.terms import Terms
    from tests.counter import Counter
    from tests.servers.postgres import Database

WAITING = """
SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE NOT granted AND d.datname = current_database()
"""
FOLLOW = "subscription { statusChanges { cursor } }"
TIMED_OUT = "OPERATION_TIMED_OUT"
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
    async with greeted(counter, database) as (_, socket):
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
    async with greeted(counter, database) as (maria, socket):
        await ask(socket, "before", "{ me { role } }")
        assert (await socket.receive())["payload"] == {"data": {"me": {"role": "APPLICANT"}}}
        assert (await socket.receive())["type"] == "complete"
        await sessions.sign_out(counter.tools, maria.viewer)

        await ask(socket, "after", "{ me { role } savedSearches { id } }")
        told = await socket.receive()

        assert told["payload"]["data"] is None
        assert {error["extensions"]["code"] for error in told["payload"]["errors"]} == {"NOT_SIGNED_IN"}


async def test_who_is_asked_for_anew_is_found_in_time_or_the_operation_is_given_up(
    counter: Counter, database: Database
) -> None:
    async with greeted(counter, database, make_terms(seconds=0.2)) as (_, socket):
        async with locked(database, "sessions"):
            await ask(socket, "to follow", FOLLOW)
            await ask(socket, "to read", "{ me { role } }")
            told = [await socket.receive() for _ in range(2)]

        assert {each["id"]: codes_in(each) for each in told} == {"to follow": [TIMED_OUT], "to read": [TIMED_OUT]}


async def test_who_waits_for_a_seat_too_long_is_told_that_all_are_taken(counter: Counter, database: Database) -> None:
    """One has the only seat until it is given up; before the next would be, the last has waited enough."""
    async with greeted(counter, database, make_terms(at_once=1, seconds=0.3)) as (_, socket):
        async with locked(database, "register_heads"):
            for id_ in "abc":
                await ask(socket, id_, FOLLOW)
            codes = [code for _ in "abc" for code in codes_in(await socket.receive())]

        assert (len(codes), set(codes)) == (3, {TIMED_OUT, "TOO_MANY_OPERATIONS_AT_ONCE"})
        await ask(socket, "later", FOLLOW)
        assert (await socket.receive())["type"] == "next"


@asynccontextmanager
async def greeted(
    counter: Counter, database: Database, terms: Terms | None = None
) -> AsyncGenerator[tuple[Api, Subscription]]:
    """Open a socket of somebody who is signed in."""
    async with served(counter, make_feed(database), terms=terms) as api, connected_socket(api) as socket:
        maria = await api.signed_in(counter)
        await socket.send(type="connection_init", payload={"authorization": f"Bearer {maria.token}"})
        assert (await socket.receive())["type"] == "connection_ack"
        yield maria, socket


def codes_in(told: dict[str, Any]) -> list[str]:
    """Return the codes of a message `error`."""
    assert told["type"] == "error", told
    return [error["extensions"]["code"] for error in told["payload"]]


async def ask(socket: Subscription, id_: str, query: str) -> None:
    await socket.send(type="subscribe", id=id_, payload={"query": query})


async def until_answered(socket: Subscription) -> None:
    """Wait until the server has taken all that was sent, and done what it can of it."""
    for _ in range(20):
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"
