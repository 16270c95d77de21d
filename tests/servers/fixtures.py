"""
Fixtures of the real servers.

Each server starts when a test first asks for it and serves the whole session.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from mesadepartes.database import migrate
from tests.servers.postgres import Database, DatabaseServer


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Return a folder with a short path that other users may walk to, removed at the session's end."""
    folder = Path(tempfile.mkdtemp(prefix="mesa-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_server(servers_folder: Path) -> AsyncIterator[DatabaseServer]:
    """Return the session's PostgreSQL."""
    server = DatabaseServer(servers_folder / "postgres")
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_template(database_server: DatabaseServer) -> str:
    """Return the name of the migrated database that each test's own is copied from."""
    return await database_server.make_template(migrate)


@pytest_asyncio.fixture
async def database(database_server: DatabaseServer, database_template: str) -> AsyncIterator[Database]:
    """Return a migrated database of this test's own."""
    database = await database_server.new_database(database_template)
    yield database
    await database_server.drop_database(database.name)


@pytest_asyncio.fixture
async def empty_database(database_server: DatabaseServer) -> AsyncIterator[Database]:
    """Return a database of this test's own without any table."""
    database = await database_server.new_database()
    yield database
    await database_server.drop_database(database.name)
