"""What is read by plans is what is read plainly, to the byte, and leaves the same traces."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from resolvers.planned import PLANNING, ROOTS
from tests.differential.comparing import Comparison
from tests.differential.world import make_world

if TYPE_CHECKING:
    from resolvers.engine.plans.planning import Planning
    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database, DatabaseServer

DOCUMENTS = 500
SHARE = 0.75
"""How many of those that meet no error must be read by plans: most of the others ask for what has none yet."""


def without_offices() -> Planning:
    """Return plans that take whoever looks for somebody without offices."""

    def none(_: object) -> list[object]:
        return []

    return replace(PLANNING, known={**PLANNING.known, "offices": none})


def without_traces() -> Planning:
    """Return plans that leave no trace of what they show."""

    async def source(look: Any) -> Any:
        return replace(await ROOTS["tramites"].source(look), note=None)

    return replace(PLANNING, roots={**ROOTS, "tramites": replace(ROOTS["tramites"], source=source)})


def out_of_order() -> Planning:
    """Return plans that forget the order of a page."""

    async def source(look: Any) -> Any:
        return replace(await ROOTS["tramites"].source(look), order="ORDER BY r.number")

    return replace(PLANNING, roots={**ROOTS, "tramites": replace(ROOTS["tramites"], source=source)})


async def test_documents_of_any_kind_are_answered_alike_either_way(
    api: Api, counter: Counter, database: Database, database_server: DatabaseServer
) -> None:
    world = await make_world(api, counter, database, database_server.superuser_url(database.name))

    compared = await Comparison(counter, world).run(DOCUMENTS, seed=7)

    assert compared.different == []
    assert compared.planned > SHARE, compared.outcomes
    for wrong in (without_offices(), without_traces(), out_of_order()):
        told = await Comparison(counter, world, planning=wrong).run(DOCUMENTS, seed=7)
        assert told.different, "the comparison sees a wrong plan"
