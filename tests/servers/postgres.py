"""A PostgreSQL server of the test session, and a database of its own for each test."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

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

    async def start(self) -> None:
        """Start the server."""
        await self._postgres.start()

    async def stop(self) -> None:
        """Stop the server."""
        await self._postgres.stop()

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
        async with self._superuser() as connection:
            await connection.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template} STRATEGY file_copy")
        return Database(name=name, owner_url=self._postgres.url(OWNER, name), web_url=self._postgres.url(WEB, name))

    async def drop_database(self, name: str) -> None:
        """Drop a database, cutting whoever is still connected."""
        async with self._superuser() as connection:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @asynccontextmanager
    async def _superuser(self) -> AsyncGenerator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.superuser_url())
        try:
            yield connection
        finally:
            await connection.close()
