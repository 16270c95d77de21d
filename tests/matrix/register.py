"""The register and the log of reads, for who audits them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.reads import look_at_tramite
from tests.matrix.asking import query
from tests.matrix.tramites import IN_OFFICE, pending

if TYPE_CHECKING:
    from tests.matrix.world import Person, Thing, World


async def looked_at(world: World, person: Person, _relation: int) -> Thing:
    """Return a trámite that a clerk has looked at."""
    it = await pending(world, person, IN_OFFICE)
    await look_at_tramite(world.counter.tools, world.colleague, it["number"])
    return it


@query("register", about=looked_at)
def _(it: Thing) -> str:
    return f'(tramite: "{it["number"]}") {{ edges {{ node {{ tramiteNumber }} }} }}'


@query("sensitiveReads", about=looked_at)
def _(it: Thing) -> str:
    return f'(tramite: "{it["number"]}") {{ edges {{ node {{ tramiteNumber }} }} }}'
