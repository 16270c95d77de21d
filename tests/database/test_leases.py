"""Connections that are lent come back, whatever becomes of who had them or waited for one."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg
import pytest
import pytest_asyncio

from actions import leases
from actions.leases import SPARED, Lease, Lender
from actions.transaction import database as client_in_use
from actions.transaction import pool_of
from mesadepartes.database import connected
from tests.api import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.servers.postgres import Database, DatabaseServer

LENT = 2
"""So many connections may be lent at once here."""

WHO = "SELECT pg_backend_pid()"
SLEEPING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND query = 'SELECT pg_sleep(60)' AND state = 'active'
"""


@pytest_asyncio.fixture
async def pool(database: Database) -> AsyncGenerator[asyncpg.Pool]:
    async with connected(database.web_url, pool_size=SPARED + LENT):
        yield await pool_of(client_in_use())


@pytest_asyncio.fixture
async def superuser(database_server: DatabaseServer, database: Database) -> AsyncGenerator[asyncpg.Connection]:
    """Return a connection that may see and end what goes on on the others."""
    connection = await asyncpg.connect(database_server.superuser_url(database.name))
    yield connection
    await connection.close()


async def who(lease: Lease) -> int:
    """Return which connection a lease has."""
    [[pid]] = await lease.fetch(WHO)
    return pid


async def until_all_are_back(pool: asyncpg.Pool) -> None:
    """Wait until the pool has all of its connections, of which as many as ever may be lent."""
    async with asyncio.timeout(PATIENCE):
        while pool.get_idle_size() != pool.get_size():
            await asyncio.sleep(0.005)
        held = [Lease() for _ in range(LENT)]
        assert len({await who(lease) for lease in held}) == LENT
        for lease in held:
            await lease.give_back()


async def test_one_connection_serves_all_of_an_operation_and_goes_back_to_the_pool(pool: asyncpg.Pool) -> None:
    lease, unused = Lease(), Lease()

    first = await who(lease)
    async with lease.shared():
        [row] = await client_in_use().execute_query_dict(WHO)
    await lease.give_back()
    await lease.give_back()
    await unused.give_back()

    assert row == {"pg_backend_pid": first}
    await until_all_are_back(pool)


async def test_who_waits_is_handed_what_comes_back_in_their_order_and_some_are_spared(pool: asyncpg.Pool) -> None:
    held = [Lease() for _ in range(LENT)]
    lent = [await who(lease) for lease in held]
    waiting = [Lease(), Lease()]
    asking = [asyncio.create_task(who(lease)) for lease in waiting]
    async with asyncio.timeout(PATIENCE):
        spared = [await pool.acquire() for _ in range(SPARED)]
        for connection in spared:
            await pool.release(connection)
        assert not any(task.done() for task in asking), "what writes has its connections at any time"

        await held[1].give_back()
        assert await asking[0] == lent[1]
        assert not asking[1].done()
        await held[0].give_back()
        assert await asking[1] == lent[0]

    for lease in waiting:
        await lease.give_back()
    await until_all_are_back(pool)


@pytest.mark.parametrize("comes_first", [False, True], ids=["while waiting", "as it is handed over"])
async def test_who_gives_up_waiting_takes_nothing_along(pool: asyncpg.Pool, *, comes_first: bool) -> None:
    held = [Lease() for _ in range(LENT)]
    lent = [await who(lease) for lease in held]
    impatient, patient = asyncio.create_task(who(Lease())), Lease()
    await asyncio.sleep(0)
    asking = asyncio.create_task(who(patient))
    await asyncio.sleep(0)

    if comes_first:
        await held[0].give_back()
    impatient.cancel()
    if not comes_first:
        await held[0].give_back()

    async with asyncio.timeout(PATIENCE):
        assert await asking == lent[0]
    for lease in (held[1], patient):
        await lease.give_back()
    await until_all_are_back(pool)


async def test_a_broken_connection_is_lent_to_nobody_else(pool: asyncpg.Pool, superuser: asyncpg.Connection) -> None:
    broken, next_one = Lease(), Lease()
    pid = await who(broken)
    await superuser.execute("SELECT pg_terminate_backend($1)", pid)

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)):
        await broken.fetch(WHO)
    await broken.give_back(is_sound=False)

    assert await who(next_one) != pid
    await next_one.give_back()
    await until_all_are_back(pool)


async def test_what_goes_on_on_a_connection_is_ended_before_anybody_else_has_it(
    pool: asyncpg.Pool, superuser: asyncpg.Connection
) -> None:
    cut, next_one = Lease(), Lease()
    asking = asyncio.create_task(cut.fetch("SELECT pg_sleep(60)"))
    async with asyncio.timeout(PATIENCE):
        while not await superuser.fetchval(SLEEPING):
            await asyncio.sleep(0.005)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        await cut.give_back(is_sound=False)

        assert (await superuser.fetchval(SLEEPING), await who(next_one) > 0) == (0, True)
    await next_one.give_back()
    await until_all_are_back(pool)


async def test_who_gives_a_connection_back_that_says_nothing_any_more_is_not_kept_waiting(
    database: Database, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that is closed then makes room for another."""
    monkeypatch.setattr(leases, "RELEASE_SECONDS", 0.05)
    is_dumb = [True]

    async def reset(_connection: asyncpg.Connection) -> None:
        if is_dumb.pop():
            await asyncio.Event().wait()

    async with asyncpg.create_pool(database.web_url, min_size=1, max_size=SPARED + 1, reset=reset) as dumb:
        lender = Lender(client_in_use(), dumb)
        async with asyncio.timeout(PATIENCE):
            lent = await lender.take()
            pid = await lent.fetchval(WHO)
            await lender.discard(lent)
            another = await lender.take()

            assert await another.fetchval(WHO) != pid
        is_dumb.append(False)
        await lender.discard(another)


async def test_a_thousand_operations_that_are_cancelled_at_any_moment_leave_all_connections(pool: asyncpg.Pool) -> None:
    chance, ended = random.Random(8), 0

    async def operate() -> None:
        lease, is_sound = Lease(), False
        try:
            await lease.fetch(WHO)
            await lease.fetch("SELECT pg_sleep(0.001)")
            is_sound = True
        finally:
            await lease.give_back(is_sound=is_sound)

    async with asyncio.timeout(4 * PATIENCE):
        for _ in range(20):
            operations = [asyncio.create_task(operate()) for _ in range(50)]
            while any(not each.done() for each in operations):
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
                chance.choice(operations).cancel()
            ended += sum(each.cancelled() for each in operations)

    assert ended > 800, "nearly all are cancelled, some before they have a connection, some while they ask"
    await until_all_are_back(pool)
