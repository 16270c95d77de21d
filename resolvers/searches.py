"""Saved searches and exports."""

from dataclasses import asdict
from typing import Annotated

import strawberry

from actions import exports, searches
from models import searches as rows
from reading.kept_filters import filter_of as kept_filter
from reading.searches import chosen, searches_of
from resolvers.context import Info, Scene, signed_in
from resolvers.finding import filter_of
from schema.described import takes
from schema.searches import (
    DeleteSavedSearchInput,
    DeleteSavedSearchResult,
    DeleteSavedSearchSuccess,
    Export,
    OpenExportInput,
    OpenExportResult,
    OpenExportSuccess,
    SavedFilter,
    SavedSearch,
    SaveSearchInput,
    SaveSearchResult,
    SaveSearchSuccess,
)


@strawberry.type
class SearchQuery:
    """What the viewer has saved."""

    @strawberry.field(description="The searches that the viewer has saved (búsquedas guardadas), by name; at most 50.")
    async def saved_searches(self, info: Info) -> list[SavedSearch]:
        """Return them all."""
        return [show_search(search) for search in await searches_of(await signed_in(info))]


@strawberry.type
class SearchMutation:
    """Save searches, and ask for lists as files."""

    @strawberry.mutation(description="Keep a search under a name (guardar una búsqueda), anew or in another's place.")
    async def save_search(
        self, info: Info, given: Annotated[SaveSearchInput, takes("The search.")]
    ) -> SaveSearchResult:
        """Save a search."""
        search = await searches.save_search(
            info.context.tools,
            await signed_in(info),
            search_id=given.id,
            client_key=given.client_key,
            name=given.name,
            wanted=filter_of(given.filter),
            order=given.order,
        )
        return SaveSearchSuccess(saved_search=show_search(search))

    @strawberry.mutation(description="Delete a saved search (eliminar una búsqueda guardada).")
    async def delete_saved_search(
        self, info: Info, given: Annotated[DeleteSavedSearchInput, takes("The saved search.")]
    ) -> DeleteSavedSearchResult:
        """Delete a saved search."""
        await searches.delete_search(await signed_in(info), given.id)
        return DeleteSavedSearchSuccess(saved_search_id=given.id)

    @strawberry.mutation(
        description="Ask for a list of what the viewer may see as a file (exportar), which is then fetched within ten "
        "minutes. Clerks, supervisors and auditors only."
    )
    async def open_export(self, info: Info, given: Annotated[OpenExportInput, takes("The list.")]) -> OpenExportResult:
        """Open an export."""
        viewer, filtered = await signed_in(info), filter_of(given.filter) if given.filter is not None else None
        wanted, order = await chosen(viewer, filtered, given.order, search_id=given.saved_search)
        export = await exports.open_export(
            info.context.tools,
            viewer,
            wanted=wanted,
            order=order,
            format_=given.format,
            client_key=given.client_key,
        )
        return OpenExportSuccess(export=show_export(export, await info.context.scene()))


def show_export(export: rows.Export, scene: Scene) -> Export:
    """Return an export as the API shows it."""
    url = scene.url("exports", export.id)
    return Export(id=export.id, format=export.format, url=url, expires_at=export.expires_at)


def show_search(search: rows.SavedSearch) -> SavedSearch:
    """Return a saved search as the API shows it."""
    return SavedSearch(
        id=search.id,
        name=search.name,
        filter=SavedFilter(**asdict(kept_filter(search.wanted))),
        order=search.order,
        saved_at=search.saved_at,
    )
