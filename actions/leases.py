"""
Connections lent for reading: one for all that one operation asks, and the next operation has it right after.

A pool takes back each connection in a task of its own, which costs as much as a small statement. So what was lent is
handed on to whoever waits, or kept for a moment, and only then given back to the pool.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.connection import get_connections

from actions.transaction import CONNECTION, database, pool_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from asyncpg.pool import PoolConnectionProxy

KEPT_SECONDS: Final = 0.02
RELEASE_SECONDS: Final = 2
"""How long the pool may take to end what goes on on a connection, before it closes it."""
SPARED: Final = 3
"""So many connections of a pool are not lent, for what changes something waits for the pool."""


class Lender:
    """Lends the connections of one pool; whoever comes first is served first."""

    def __init__(self, client: AsyncpgDBClient, pool: asyncpg.Pool) -> None:
        self.client, self.pool = client, pool
        self._most = max(1, pool.get_max_size() - SPARED)
        self._out = 0
        self._kept = list["PoolConnectionProxy"]()
        self._waiting = deque["asyncio.Future[PoolConnectionProxy | None]"]()
        self._is_used = False
        self._timer: asyncio.TimerHandle | None = None
        self._giving = set["asyncio.Task[None]"]()

    async def take(self) -> PoolConnectionProxy:
        """Take a connection, waiting for one if all are lent."""
        if self._kept:
            return self._kept.pop()
        if self._out < self._most:
            self._out += 1
            return await self._taken()
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            handed = await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._hand_on(turn.result())
            raise
        return handed or await self._taken()

    async def _taken(self) -> PoolConnectionProxy:
        try:
            return await self.pool.acquire()
        except BaseException:
            self._hand_on(None)
            raise

    def give_back(self, connection: PoolConnectionProxy) -> None:
        """Take back a connection on which nothing is going on."""
        self._is_used = True
        self._hand_on(connection)

    async def discard(self, connection: PoolConnectionProxy) -> None:
        """Give a connection to the pool, which sees to what is still going on on it, or closes it after a while."""
        try:
            with suppress(TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self.pool.release(connection, timeout=RELEASE_SECONDS)
        finally:
            self._hand_on(None)

    def _hand_on(self, connection: PoolConnectionProxy | None) -> None:
        """Let the next one have a connection, or leave to take one; keep it if nobody waits."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is None:
            self._out -= 1
            return
        self._kept.append(connection)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(KEPT_SECONDS, self._glance)

    def _glance(self) -> None:
        """Give back to the pool what nobody wanted for a while."""
        self._timer = None
        if self._is_used:
            self._is_used = False
            self._timer = asyncio.get_running_loop().call_later(KEPT_SECONDS, self._glance)
            return
        while self._kept:
            giving = asyncio.get_running_loop().create_task(self.discard(self._kept.pop()))
            self._giving.add(giving)
            giving.add_done_callback(self._giving.discard)


class Lease:
    """One connection for all that one operation asks, one thing after the other; it is taken by the first of it."""

    __slots__ = ("_lender", "_lent", "asked")

    def __init__(self) -> None:
        self.asked: tuple[str, ...] = ()
        """The statements that were fetched by it."""
        self._lender: Lender | None = None
        self._lent: PoolConnectionProxy | None = None

    async def fetch(self, sql: str, *values: object) -> list[Any]:
        """Return the rows of a statement, as the driver gives them."""
        lent = self._lent or await self._take()
        self.asked += (sql,)
        # Past the pool's proxy, and past whoever counts for those who have no lease: this is done with each operation.
        connection: Any = lent._con  # pyright: ignore[reportPrivateUsage]
        return await asyncpg.Connection.fetch(connection, sql, *values)

    async def _take(self) -> PoolConnectionProxy:
        self._lender = lender = await lender_of(database())
        self._lent = lent = await lender.take()
        return lent

    async def give_back(self, *, is_sound: bool = True) -> None:
        """Give the connection back, if it was taken; after an error it is looked at more closely."""
        lender, lent = self._lender, self._lent
        if lender is not None and lent is not None:
            self._lent = None
            if is_sound:
                lender.give_back(lent)
            else:
                await lender.discard(lent)

    @asynccontextmanager
    async def shared(self) -> AsyncGenerator[None]:
        """Let Tortoise ask by the same connection, for as long as the block lasts."""
        handler, lent = get_connections(), self._lent or await self._take()
        token = handler.set(CONNECTION, _Shared(database(), lent))
        try:
            yield
        finally:
            handler.reset(token)


class _Shared(AsyncpgDBClient):
    """Tortoise's way to a connection that is lent; who asks meanwhile waits."""

    def __init__(self, client: AsyncpgDBClient, lent: PoolConnectionProxy) -> None:
        vars(self).update(vars(client))
        self._turn = _Turn(lent)

    def acquire_connection(self) -> _Turn:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the connection, for whoever's turn it is."""
        return self._turn


class _Turn:
    def __init__(self, lent: PoolConnectionProxy) -> None:
        self._lent, self._lock = lent, asyncio.Lock()

    async def __aenter__(self) -> PoolConnectionProxy:
        await self._lock.acquire()
        return self._lent

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


_LENDERS: list[Lender] = []
"""That of the database in use; a test may have had another one before."""


async def lender_of(client: AsyncpgDBClient) -> Lender:
    """Return who lends the connections of a client."""
    if _LENDERS and _LENDERS[0].client is client and _LENDERS[0].pool is client._pool:  # pyright: ignore[reportPrivateUsage]
        return _LENDERS[0]
    _LENDERS[:] = [Lender(client, await pool_of(client))]
    return _LENDERS[0]
