"""A worker that is killed at every step, in a world that fails around it, loses nothing and doubles nothing."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from tests.crash.lives import Midwife, Mistake
from tests.crash.plans import FINDING_OUT, at_every_step, in_a_failing_world
from tests.crash.steps import STEPS
from tests.crash.verdict import Harm
from tests.crash.world import World, opened_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.dovecot import Account
    from tests.servers.postgres import Database, DatabaseServer

HARMS = {
    Mistake.TRUST_SEEN: Harm.LOST,
    Mistake.MARK_BEFORE_PROCESSING: Harm.LOST,
    Mistake.MARK_BEFORE_COMMIT: Harm.LOST,
    Mistake.SEND_WITHIN_TRANSACTION: Harm.NOTICE,
    Mistake.NO_CONTENT_KEY: Harm.DOUBLED,
    Mistake.LOOK_BEFORE_INSERTING: Harm.DOUBLED,
    Mistake.TWO_TRANSACTIONS: Harm.LOST,
}
"""What each mistake does, at the least."""


@pytest.fixture(scope="module")
def midwife(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Midwife]:
    """Return what brings forth workers cheaply."""
    midwife = Midwife(tmp_path_factory.mktemp("midwife") / "log")
    yield midwife
    midwife.close()


@pytest.fixture
def world_of(
    database: Database, database_server: DatabaseServer, mail_account: Account, tmp_path: Path, midwife: Midwife
) -> Callable[[Mistake | None], World]:
    """Return what makes this test's world, where workers make that mistake."""

    def make(mistake: Mistake | None) -> World:
        return World(
            tmp_path,
            mail_account,
            midwife=midwife,
            server=database_server,
            owner_url=database.owner_url,
            mistake=mistake,
        )

    return make


async def test_a_worker_killed_at_every_step_loses_and_doubles_nothing(
    database: Database, world_of: Callable[[Mistake | None], World]
) -> None:
    async with opened_world(world_of(None), database.web_url) as world:
        await world.take(at_every_step())

        assert await world.end() == Counter()
        assert {death.split()[0] for death in world.deaths} - {"at"} == set(STEPS)


async def test_a_worker_in_a_failing_world_loses_and_doubles_nothing(
    database: Database, world_of: Callable[[Mistake | None], World]
) -> None:
    async with opened_world(world_of(None), database.web_url) as world:
        await world.take(chain(in_a_failing_world(), *FINDING_OUT.values()))

        assert await world.end() == Counter()
        assert world.cuts == 1


@pytest.mark.parametrize("mistake", Mistake)
async def test_each_known_mistake_is_found_out(
    database: Database, world_of: Callable[[Mistake | None], World], mistake: Mistake
) -> None:
    async with opened_world(world_of(mistake), database.web_url) as world:
        await world.take(FINDING_OUT[mistake])

        assert HARMS[mistake] in await world.end()
