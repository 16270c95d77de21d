"""A PostgreSQL server of the test session, and a database of its own for each test."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg

from mesadepartes.embedded.postgres import LocalPostgres
from mesadepartes.embedded.postgres_folder import OWNER, SUPERUSER, WEB

Migrate = Callable[[str], Awaitable[None]]

PATIENCE_SECONDS = 20.0
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@dataclass(frozen=True, slots=True)
class Database:
    """One database: the DSN of its owner (migrations) and of the application's login."""

    name: str
    owner_url: str
    web_url: str

    async def until_somebody_waits(self, *, unless: asyncio.Task[object] | None = None) -> None:
        """Return once a transaction waits for the lock of another, or *unless* is done."""
        watcher = await asyncpg.connect(self.owner_url)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (unless and unless.done()) and not await watcher.fetchval(WAITING):
                await asyncio.sleep(0.02)
        await watcher.close()


class DatabaseServer:
    """The real server, without fsync: what it keeps need not outlive the machine."""

    def __init__(self, root: Path) -> None:
        self._postgres = LocalPostgres(root, durable=False)
        self._numbers = itertools.count(1)
        self._errands: _Errands | None = None

    async def start(self) -> None:
        """Start the server."""
        await self._postgres.start()
        self._errands = _Errands(self.superuser_url())
        await self._hash_passwords_cheaply()

    async def stop(self) -> None:
        """Stop the server."""
        if self._errands:
            await self._errands.end()
            self._errands = None
        await self._postgres.stop()

    async def _do(self, statement: str) -> None:
        assert self._errands is not None
        await self._errands.run(statement)

    async def _hash_passwords_cheaply(self) -> None:
        """Let a connection cost what it costs elsewhere: thousands are made here, and nobody guesses passwords."""
        for login in (SUPERUSER, OWNER, WEB):
            password = unquote(urlsplit(self._postgres.url(login, "postgres")).password or "")
            await self._do(f"SET scram_iterations = 1; ALTER ROLE {login} PASSWORD '{password}'")

    def superuser_url(self, database: str = "postgres") -> str:
        """Return the DSN of the superuser, for tests that look behind the scenes."""
        return self._postgres.url(SUPERUSER, database)

    async def make_template(self, migrate: Migrate) -> str:
        """Make a database, run *migrate* on it as its owner, and return its name for `new_database`."""
        database = await self.new_database()
        await migrate(database.owner_url)
        return database.name

    async def new_database(self, template: str = "template1") -> Database:
        """Make a database from *template*, to which nobody may be connected."""
        name = f"test_{next(self._numbers)}"
        await self._do(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template} STRATEGY file_copy")
        return Database(name=name, owner_url=self._postgres.url(OWNER, name), web_url=self._postgres.url(WEB, name))

    async def drop_database(self, name: str) -> None:
        """Drop a database, cutting whoever is still connected."""
        await self._do(f"DROP DATABASE {name} WITH (FORCE)")


class _Errands:
    """One connection of the superuser for all tests, in a thread with a loop of its own, for theirs come and go."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    async def run(self, statement: str) -> None:
        await self._there(self._execute(statement))

    async def end(self) -> None:
        await self._there(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()

    async def _execute(self, statement: str) -> None:
        # There are tests that cut every connection to the server.
        connection = self._connection
        if connection is None or connection.is_closed():
            connection = self._connection = await asyncpg.connect(self._url)
        await connection.execute(statement)

    async def _close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _there(self, work: Coroutine[Any, Any, None]) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))
