"""`tx()`: all or nothing, and a broken connection costs one action, never the pool."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg
import pytest
from tortoise.connection import get_connections

from actions.transaction import OUTAGES, NestedTransactionError, tx
from mesadepartes.database import connected
from models.catalogue import Office
from tests.counter import Counter

if TYPE_CHECKING:
    from tortoise.backends.asyncpg.client import TransactionWrapper

    from tests.servers.postgres import Database, DatabaseServer


async def test_an_exception_rolls_back(counter: Counter) -> None:
    with pytest.raises(LookupError):
        async with tx():
            await Office.all().update(name="Otra")
            raise LookupError

    assert await Office.filter(name="Otra").count() == 0


async def test_a_cancelled_action_rolls_back_and_gives_its_connection_back(counter: Counter) -> None:
    begun = asyncio.Event()

    async def act() -> None:
        async with tx():
            await Office.all().update(name="Otra")
            begun.set()
            await asyncio.Event().wait()

    for _ in range(20):
        begun.clear()
        task = asyncio.create_task(act())
        await begun.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    assert await Office.filter(name="Otra").count() == 0


async def test_transactions_do_not_nest(counter: Counter) -> None:
    async with tx():
        with pytest.raises(NestedTransactionError):
            async with tx():
                pass


async def test_the_pool_survives_connections_that_break_in_a_transaction(
    database: Database, database_server: DatabaseServer
) -> None:
    async with connected(database.web_url, pool_size=2):
        for _ in range(6):
            with pytest.raises(OUTAGES):
                async with tx() as connection:
                    await cut(database_server, connection)
                    await Office.all().count()

        async with asyncio.timeout(30):
            counts = await asyncio.gather(*(count_in_transaction() for _ in range(6)))

    assert counts == [0] * 6


async def test_the_pool_survives_connections_that_break_between_transactions(
    database: Database, database_server: DatabaseServer
) -> None:
    async with connected(database.web_url, pool_size=2):
        await asyncio.gather(*(count_in_transaction() for _ in range(4)))
        await cut_all(database_server, database)

        async with asyncio.timeout(30):
            answers = await asyncio.gather(*(count_in_transaction() for _ in range(4)), return_exceptions=True)
            assert all(isinstance(answer, (int, *OUTAGES)) for answer in answers)
            assert await asyncio.gather(*(count_in_transaction() for _ in range(4))) == [0] * 4


async def test_the_application_may_not_touch_the_register(counter: Counter) -> None:
    await counter.register()

    for statement in (
        "UPDATE entries SET text = 'x'",
        "DELETE FROM entries",
        "TRUNCATE entries",
        "INSERT INTO entries SELECT * FROM entries",
        "UPDATE register_heads SET sequence = 0",
        "UPDATE number_series SET last_given = 1",
        "INSERT INTO number_series VALUES ('X', 1)",
        "DELETE FROM tramites",
        "DELETE FROM users",
        "ALTER TABLE entries DISABLE TRIGGER ALL",
        "CREATE TABLE mine (x int)",
        "DROP FUNCTION register_append(text, text, bytea)",
    ):
        with pytest.raises(Exception, match=r"permission denied|must be owner"):
            await get_connections().get("default").execute_query(statement)


async def test_not_even_the_owner_changes_an_entry(counter: Counter, database: Database) -> None:
    await counter.register()
    owner = await asyncpg.connect(database.owner_url)

    for statement in ("UPDATE entries SET text = 'x'", "DELETE FROM entries", "TRUNCATE entries CASCADE"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(statement)

    await owner.close()


async def count_in_transaction() -> int:
    async with tx():
        return await Office.all().count()


async def cut(server: DatabaseServer, connection: TransactionWrapper) -> None:
    rows = await connection.execute_query_dict("SELECT pg_backend_pid() AS pid")
    superuser = await asyncpg.connect(server.superuser_url())
    await superuser.execute("SELECT pg_terminate_backend($1)", rows[0]["pid"])
    await superuser.close()


async def cut_all(server: DatabaseServer, database: Database) -> None:
    superuser = await asyncpg.connect(server.superuser_url())
    await superuser.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
        database.name,
    )
    await superuser.close()
