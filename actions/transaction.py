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
    pool = await _pool(client)
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


class Lease(AsyncpgDBClient):
    """
    One connection for all that one operation asks of the database, whoever asks it, one thing after the other.

    It is taken from the pool by the first of it, for which it waits as long as the operation may last. Nothing is a
    transaction but each statement for itself.
    """

    def __init__(self, client: AsyncpgDBClient) -> None:
        vars(self).update(vars(client))
        self._client = client
        self.lent: asyncpg.pool.PoolConnectionProxy | None = None
        self.turn = asyncio.Lock()

    def acquire_connection(self) -> _Turn:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the connection, for whoever's turn it is."""
        return _Turn(self)

    async def fetch(self, sql: str, *values: object) -> list[asyncpg.Record]:
        """Return the rows of a statement, as the driver gives them."""
        async with self.turn:
            return await (self.lent or await self.take()).fetch(sql, *values)

    async def take(self) -> asyncpg.pool.PoolConnectionProxy:
        """Take the connection that is lent."""
        self.lent = await (self._pool or await _pool(self._client)).acquire()
        return self.lent

    async def give_back(self) -> None:
        """Give the connection back."""
        if self.lent is not None:
            lent, self.lent = self.lent, None
            await (await _pool(self._client)).release(lent)


class _Turn:
    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    async def __aenter__(self) -> asyncpg.pool.PoolConnectionProxy:
        await self._lease.turn.acquire()
        try:
            return self._lease.lent or await self._lease.take()
        except BaseException:
            self._lease.turn.release()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._lease.turn.release()


class leased:  # noqa: N801 - it is called like the functions beside it, and costs less than a generator
    """
    Let all that the current task asks of the database go by one connection, given back at the end.

    Not for what opens a transaction: that takes another one while it has this.

    Raises:
        NestedTransactionError: the task is inside a transaction.
        TimeoutError: no connection became free within 10 seconds.
    """

    async def __aenter__(self) -> Lease:
        self._handler = get_connections()
        self._lease = Lease(database())
        self._token = self._handler.set(CONNECTION, self._lease)
        return self._lease

    async def __aexit__(self, *_: object) -> None:
        self._handler.reset(self._token)
        await self._lease.give_back()


@asynccontextmanager
async def snapshot() -> AsyncGenerator[asyncpg.pool.PoolConnectionProxy]:
    """
    Open a transaction that reads everything as of one instant and writes nothing, for up to a few minutes.

    Yields the connection itself, for cursors; Tortoise's queries inside use it too.
    """
    async with tx() as wrapper:
        await wrapper.execute_script(SNAPSHOT)
        yield wrapper._connection  # pyright: ignore[reportPrivateUsage, reportReturnType]


async def _pool(client: AsyncpgDBClient) -> asyncpg.Pool:
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
