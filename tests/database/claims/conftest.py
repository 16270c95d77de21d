"""A counter where somebody holds José's number, a stranger who may claim it, and who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from reading.access import viewer_of
from rules.access import Role
from tests.api import Api, in_process, make_feed
from tests.counter import PASSWORD
from tests.people import JOSE
from tests.requests import deliver, with_jose

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.counter import Counter
    from tests.servers.postgres import Database


@pytest_asyncio.fixture
async def stranger(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    """Return the API, for a stranger, of a counter where somebody has an account in use with José's number."""
    async with in_process(counter, make_feed(database)) as api:
        await with_jose(counter, api)
        yield api


@pytest_asyncio.fixture
async def holder(counter: Counter, stranger: Api) -> Api:
    """Return the API for the one who has the account."""
    token = (await stranger.mutate("signIn", "token", **JOSE, password=PASSWORD))["token"]
    return Api(stranger.http, token, await viewer_of(token, at=counter.clock()))


@pytest_asyncio.fixture
async def supervisor(counter: Counter, stranger: Api) -> Api:
    """Return the API for a supervisor."""
    supervisor = await stranger.signed_in(counter, role=Role.SUPERVISOR, office="SEDE-CENTRAL")
    await deliver(counter)
    return supervisor
