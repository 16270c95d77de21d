"""The inbox, searches that people keep, and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from actions import searches
from models.searches import Export
from reading.filters import Filter
from reading.kept_filters import kept_of
from rules.exports import ExportFormat
from rules.orders import TramiteOrder
from tests.matrix.accounts import holder
from tests.matrix.asking import Fields, http, mutation, query
from tests.matrix.tramites import pending
from tests.matrix.world import Person, Thing, World

if TYPE_CHECKING:
    from reading.access import Viewer

ORDER = TramiteOrder.SENT_LATEST_FIRST


async def search(world: World, person: Person, relation: int) -> Thing:
    """Return a saved search."""
    name = f"Búsqueda {uuid4()}"
    made = await searches.save_search(
        world.counter.tools,
        holder(world, person, relation),
        search_id=None,
        name=name,
        wanted=Filter(text="zarzuela"),
        order=ORDER,
    )
    return Thing(made.id, (name,))


async def hidden_search(world: World, person: Person, relation: int) -> Thing:
    """Return a saved search of which only what it finds is told."""
    return Thing((await search(world, person, relation)).id)


async def export(world: World, person: Person, relation: int) -> Thing:
    """Return an export that waits to be fetched, as if its holder could have asked for it."""
    viewer: Viewer = holder(world, person, relation)
    now = world.counter.clock()
    made = await Export.create(
        owner_id=viewer.user_id,
        format=ExportFormat.CSV,
        wanted=kept_of(Filter(text="zarzuela")),
        order=ORDER,
        opened_at=now,
        expires_at=now.replace(year=now.year + 1),
    )
    return Thing(made.id)


@query("inbox", about=pending)
def _(it: Thing) -> str:
    return f'(filter: {{ number: "{it["number"]}" }}) {{ edges {{ node {{ id }} }} }}'


@query("savedSearches", about=search)
def _(_it: Thing) -> str:
    return " { name }"


@mutation("saveSearch", about=search)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "name": f"Otra {it.id}", "filter": {"text": "otra"}}


@mutation("deleteSavedSearch", about=search)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@query("tramites", "of a saved search", about=hidden_search)
def _(it: Thing) -> str:
    return f'(savedSearch: "{it.id}") {{ edges {{ cursor }} }}'


@mutation("openExport", "of a saved search", about=hidden_search)
def _(it: Thing) -> Fields:
    return {"format": "CSV", "savedSearch": str(it.id)}


@mutation("openExport")
def _(_it: Thing) -> Fields:
    return {"format": "CSV"}


@http("GET", "/exports/{id}", about=export)
def _(it: Thing) -> str:
    return str(it.id)
