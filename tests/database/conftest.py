"""A counter over a database of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from actions.credentials import PasswordPool
from mesadepartes.database import STATEMENT_SECONDS
from rules.access import Role
from tests.api import in_process, make_feed
from tests.counter import Clock, Counter, make_tools
from tests.database.desk import open_desk
from tests.prepared_models import connected_again

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

    from tests.api import Api
    from tests.database.desk import Desk
    from tests.lasting_jail import LastingJail
    from tests.servers.postgres import Database


@pytest.fixture(scope="session")
def password_pool() -> Generator[PasswordPool]:
    """Return one pool for all tests: threads are the same for everybody."""
    pool = PasswordPool(passes=1, memory_kib=8)  # what a hash costs is not what these tests are about
    yield pool
    pool.close()


@pytest.fixture
def statement_seconds() -> float:
    """Return when the database gives a statement up; a test that waits for that says less."""
    return STATEMENT_SECONDS


@pytest_asyncio.fixture
async def counter(
    database: Database, tmp_path: Path, password_pool: PasswordPool, lasting_jail: LastingJail, statement_seconds: float
) -> AsyncGenerator[Counter]:
    """Return an open counter on Monday 9 March 2026, 10:00 in Lima."""
    clock = Clock()
    async with connected_again(database.web_url, statement_seconds=statement_seconds):
        counter = Counter(make_tools(tmp_path, clock=clock, jail=lasting_jail, hasher=password_pool), clock)
        await counter.open()
        yield counter


@pytest_asyncio.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    """Return the API, as a stranger calls it."""
    async with in_process(counter, make_feed(database)) as api:
        yield api


@pytest_asyncio.fixture
async def ana(counter: Counter, api: Api) -> Api:
    """Return the API of Ana, who administers."""
    return await api.signed_in(counter, role=Role.ADMINISTRATOR)


@pytest_asyncio.fixture
async def desk(counter: Counter, database: Database) -> AsyncGenerator[Desk]:
    """Return a desk with one trámite on it."""
    async with in_process(counter, make_feed(database)) as api:
        yield await open_desk(api, counter)
