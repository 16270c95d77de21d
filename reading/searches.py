"""Searches that a person has saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.searches import Export, SavedSearch
from reading.filters import Filter
from reading.kept_filters import filter_of
from rules.duties import Duty, has_duty
from rules.orders import TramiteOrder
from rules.refusals import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from reading.access import Viewer


class NoSuchSearch(NotFound):
    """There is no such saved search of theirs."""

    code = "SEARCH_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("Esa búsqueda guardada no existe. Vuelva a abrir la lista de sus búsquedas.")


class FilterTwice(InvalidInput):
    """A filter and a saved search are given together."""

    code = "FILTER_TWICE"

    def __init__(self) -> None:
        super().__init__("Indique un filtro o una búsqueda guardada, no los dos a la vez.", path=("savedSearch",))


async def searches_of(viewer: Viewer) -> list[SavedSearch]:
    """Return the saved searches of a person, by name; there are at most 50."""
    return await SavedSearch.filter(owner_id=viewer.user_id).order_by("name")


async def exports_by_id(viewer: Viewer, ids: Collection[UUID], *, at: datetime) -> list[Export]:
    """Return those of the given exports that the viewer may still fetch."""
    if not has_duty(viewer.role, Duty.EXPORT):
        return []
    return await Export.filter(id__in=list(ids), owner_id=viewer.user_id, expires_at__gt=at)


async def chosen(
    viewer: Viewer, wanted: Filter | None, order: TramiteOrder | None, *, search_id: UUID | None
) -> tuple[Filter, TramiteOrder]:
    """
    Return what is looked for and in which order: as given, or as saved.

    Raises:
        FilterTwice: both are given.
        NoSuchSearch: there is no such saved search of theirs.
    """
    if search_id is None:
        return wanted or Filter(), order or TramiteOrder.SENT_LATEST_FIRST
    if wanted is not None:
        raise FilterTwice
    search = await SavedSearch.get_or_none(id=search_id, owner_id=viewer.user_id)
    if search is None:
        raise NoSuchSearch().at("savedSearch")
    return filter_of(search.wanted), order or search.order
