"""What staff find by: the inbox, searches that are kept, lists as files."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from actions import searches
from models.searches import Export, SavedSearch
from reading.filters import Filter
from rules.exports import ExportFormat
from rules.orders import TramiteOrder
from tests.matrix.asking import Fields, http, mutation, query
from tests.matrix.table import OWN
from tests.matrix.tramites import pending
from tests.matrix.world import Person, Thing, World

if TYPE_CHECKING:
    from reading.access import Viewer


def _holder(world: World, person: Person, relation: int) -> Viewer:
    return person.viewer if relation == OWN else world.maria


async def saved(world: World, person: Person, relation: int) -> Thing:
    """Return a saved search; there are never more than may be."""
    viewer, name = _holder(world, person, relation), f"Búsqueda {uuid4()}"
    await SavedSearch.filter(owner_id=viewer.user_id).delete()
    order = TramiteOrder.SENT_LATEST_FIRST
    kept = await searches.save_search(
        world.counter.tools, viewer, search_id=None, name=name, wanted=Filter(), order=order
    )
    return Thing(kept.id, (name,))


async def used(world: World, person: Person, relation: int) -> Thing:
    """Return a saved search of which only what it finds is told."""
    return Thing((await saved(world, person, relation)).id)


async def export(world: World, person: Person, relation: int) -> Thing:
    """Return an export, also of somebody who could not have asked for it."""
    now = world.counter.clock()
    made = await Export.create(
        owner_id=_holder(world, person, relation).user_id,
        format=ExportFormat.CSV,
        wanted={"number": "MPD-1999"},
        order=TramiteOrder.SENT_LATEST_FIRST,
        opened_at=now,
        expires_at=now.replace(year=now.year + 1),
    )
    return Thing(made.id, ("Número de trámite",))


@query("inbox", about=pending)
def _(it: Thing) -> str:
    return f'(filter: {{ number: "{it["number"]}" }}) {{ edges {{ node {{ id }} }} }}'


@query("savedSearches", about=saved)
def _(_it: Thing) -> str:
    return " { name }"


@query("tramites", "of a saved search", about=used)
def _(it: Thing) -> str:
    return f'(savedSearch: "{it.id}") {{ edges {{ cursor }} }}'


@mutation("saveSearch", about=saved)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "name": f"Otra {it.id}", "filter": {}}


@mutation("deleteSavedSearch", about=saved)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@mutation("openExport", "of a saved search", about=used)
def _(it: Thing) -> Fields:
    return {"format": "CSV", "savedSearch": str(it.id)}


@http("GET", "/exports/{id}", about=export)
def _(it: Thing) -> str:
    return str(it.id)
