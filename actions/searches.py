"""Saved searches (búsquedas guardadas): kept under a name, changed, deleted. They are no record."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from actions.client_keys import claim
from actions.transaction import tx
from models.people import User
from models.searches import SavedSearch
from reading.filters import meaning_of
from reading.kept_filters import kept_of
from reading.searches import NoSuchSearch
from rules.refusals import Checks, Conflict, TooManyRequests
from rules.words import clean_text
from rules.workdays import day_of

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from reading.access import Viewer
    from reading.filters import Filter
    from rules.orders import TramiteOrder

MOST_SEARCHES = 50
LONGEST_NAME = 60


class SearchNameTaken(Conflict):
    """Another saved search of theirs has that name."""

    code = "SEARCH_NAME_TAKEN"

    def __init__(self) -> None:
        super().__init__("Ya tiene una búsqueda guardada con ese nombre. Elija otro.", path=("name",))


class TooManySearches(TooManyRequests):
    """A person has as many saved searches as may be."""

    code = "TOO_MANY_SEARCHES"

    def __init__(self) -> None:
        super().__init__(f"Tiene {MOST_SEARCHES} búsquedas guardadas, que es lo máximo. Elimine alguna primero.")


async def save_search(
    tools: Tools,
    viewer: Viewer,
    *,
    search_id: UUID | None,
    name: str,
    wanted: Filter,
    order: TramiteOrder,
    client_key: UUID | None = None,
) -> SavedSearch:
    """
    Keep a search under a name, anew or in the place of one that is kept already.

    Raises:
        InvalidInput: the name is empty or longer than 60 characters, or a field of the filter does not hold what it
            must.
        NoSuchSearch, SearchNameTaken, TooManySearches: what they say.
        KeyReused: the client key was used for something else.
    """
    checks = Checks()
    cleaned = checks.take("name", lambda text: clean_text(text, max_length=LONGEST_NAME), name)
    checks.refuse_any()
    await meaning_of(wanted, viewer, today=day_of(tools.clock()))
    new_id, now = search_id or uuid.uuid4(), tools.clock()
    asked = {"act": "saveSearch", "id": search_id, "name": cleaned, "wanted": kept_of(wanted), "order": order.value}
    async with tx() as connection:
        await User.filter(id=viewer.user_id).select_for_update(no_key=True).get()
        if earlier := await claim(connection, viewer, client_key, makes_id=new_id, at=now, asked=asked):
            return await _own(viewer, earlier)
        search = await _own(viewer, search_id) if search_id else await _new(viewer, new_id)
        if await SavedSearch.filter(owner_id=viewer.user_id, name=cleaned).exclude(id=search.id).exists():
            raise SearchNameTaken
        search.name, search.wanted, search.order = cleaned or "", kept_of(wanted), order
        search.saved_at = now
        await search.save(force_create=search_id is None)
    return search


async def _new(viewer: Viewer, search_id: UUID) -> SavedSearch:
    if await SavedSearch.filter(owner_id=viewer.user_id).count() >= MOST_SEARCHES:
        raise TooManySearches
    return SavedSearch(id=search_id, owner_id=viewer.user_id)


async def _own(viewer: Viewer, search_id: UUID) -> SavedSearch:
    search = await SavedSearch.get_or_none(id=search_id, owner_id=viewer.user_id)
    if search is None:
        raise NoSuchSearch().at("id")
    return search


async def delete_search(viewer: Viewer, search_id: UUID) -> None:
    """
    Delete a saved search.

    Raises:
        NoSuchSearch: there is no such saved search of theirs.
    """
    async with tx():
        if not await SavedSearch.filter(id=search_id, owner_id=viewer.user_id).delete():
            raise NoSuchSearch().at("id")
