"""The one way to open a transaction."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.connection import get_connections

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

CONNECTION = "default"
ACQUIRE_SECONDS = 10.0
RELEASE_SECONDS = 5.0

SNAPSHOT = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL statement_timeout = '60s';
SET LOCAL idle_in_transaction_session_timeout = '120s';
"""

OUTAGES: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
)
"""What the database raises when it is away or too busy: trying the same again later is right."""


class NestedTransactionError(RuntimeError):
    """One action is one transaction: an action was called from within another."""


def database() -> AsyncpgDBClient:
    """Return the database for one statement that is a transaction of its own."""
    client = get_connections().get(CONNECTION)
    if type(client) is AsyncpgDBClient:
        return client
    if isinstance(client, TransactionWrapper) or not isinstance(client, AsyncpgDBClient):
        raise NestedTransactionError
    return client


@asynccontextmanager
async def tx() -> AsyncGenerator[TransactionWrapper]:
    """
    Open a transaction for the current task; Tortoise's queries inside it use it.

    Commits at the end, rolls back on any exception. Unlike Tortoise's own `in_transaction` it gives the connection
    back whatever fails, throws away one whose BEGIN, COMMIT or ROLLBACK failed, and always restores the task's
    connection: a broken network costs the one action, never the pool.

    Raises:
        NestedTransactionError: the task is already inside one.
        TimeoutError: no connection became free within 10 seconds.
    """
    handler, client = get_connections(), database()
    pool = await pool_of(client)
    connection = await pool.acquire(timeout=ACQUIRE_SECONDS)
    token = None
    try:
        transaction = connection.transaction()
        await _or_terminate(connection, transaction.start())
        wrapper = TransactionWrapper(client)
        wrapper._connection = connection  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
        token = handler.set(CONNECTION, wrapper)
        try:
            yield wrapper
        except BaseException:
            await _or_terminate(connection, transaction.rollback())
            raise
        await _or_terminate(connection, transaction.commit())
    finally:
        handler.reset(token)
        await pool.release(connection, timeout=RELEASE_SECONDS)


@asynccontextmanager
async def snapshot() -> AsyncGenerator[asyncpg.pool.PoolConnectionProxy]:
    """
    Open a transaction that reads everything as of one instant and writes nothing, for up to a few minutes.

    Yields the connection itself, for cursors; Tortoise's queries inside use it too.
    """
    async with tx() as wrapper:
        await wrapper.execute_script(SNAPSHOT)
        yield wrapper._connection  # pyright: ignore[reportPrivateUsage, reportReturnType]


async def pool_of(client: AsyncpgDBClient) -> asyncpg.Pool:
    """Return the connections of a client, which are opened when the first is asked for."""
    if client._pool is None:  # pyright: ignore[reportPrivateUsage]
        await client.create_connection(with_db=True)
    assert client._pool is not None  # pyright: ignore[reportPrivateUsage]
    return client._pool  # pyright: ignore[reportPrivateUsage]


async def _or_terminate(connection: asyncpg.pool.PoolConnectionProxy, step: object) -> None:
    assert asyncio.iscoroutine(step)
    try:
        await step
    except BaseException:
        connection.terminate()
        raise
