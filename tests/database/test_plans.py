"""What is read by plans is what is read plainly, to the byte, and leaves the same traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.comparing import Comparison
from tests.differential.world import make_world

if TYPE_CHECKING:
    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database, DatabaseServer

DOCUMENTS = 500
SHARE = 0.75
"""How many of those that meet no error must be read by plans: most of the others ask for what has none yet."""


async def test_documents_of_any_kind_are_answered_alike_either_way(
    api: Api, counter: Counter, database: Database, database_server: DatabaseServer
) -> None:
    world = await make_world(api, counter, database, database_server.superuser_url(database.name))
    compared = await Comparison(counter, world).run(DOCUMENTS, seed=7)

    assert compared.different[:1] == []
    assert compared.planned > SHARE
