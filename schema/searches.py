"""Saved searches and exports."""

import datetime as dt
import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.account_enums import IdentityKind
from schema.described import asks_once, optional, says
from schema.file_enums import ExportFormat
from schema.finding import TramiteFilter
from schema.node import Node, names
from schema.tramite_enums import Channel, DocumentKind, OwnerChoice, TramiteOrder, TramiteStatus


@strawberry.type(description="What is looked for by a saved search; each field means what it does in TramiteFilter.")
class SavedFilter:
    """A filter that was kept."""

    number: str | None = says(
        "Number (número de trámite), or how it begins; null if it does not matter, as all that follows."
    )
    document_kinds: list[DocumentKind] = says("What the main document is, one of these; empty for any.")
    statuses: list[TramiteStatus] = says("In one of these statuses; empty for all but the voided ones.")
    channel: Channel | None = says("By which door they came (canal).")
    office_codes: list[str] = says("Codes of the offices where they are now; empty for any.")
    organization_ruc: str | None = says("RUC of the legal entity.")
    sent_from: dt.date | None = says("Sent on this day or later.")
    sent_to: dt.date | None = says("Sent on this day or earlier.")
    filed_from: dt.date | None = says("With this legal date or a later one.")
    filed_to: dt.date | None = says("With this legal date or an earlier one.")
    text: str | None = says("Words of the subject, the document's number, the sender or the legal entity.")
    name: str | None = says("Words of the name of who filed it, or of the legal entity.")
    identity_number: str | None = says("Number of the identity document of who filed it.")
    identity_kind: IdentityKind | None = says("Its kind (documento de identidad).")
    in_files: str | None = says("Words of the text of one of its files.")
    due_from: dt.date | None = says("Due on this day or later.")
    due_to: dt.date | None = says("Due on this day or earlier.")
    is_late: bool | None = says("Whether the day on which it was due has passed.")
    owner: OwnerChoice | None = says("Who has taken it on (responsable).")
    repeats_file: bool | None = says("Whether a file of it had been received before with another trámite.")


@strawberry.type(description="A search that the viewer keeps under a name (búsqueda guardada).")
class SavedSearch(Node):
    """A saved search."""

    name: str = says("Its name.")
    filter: SavedFilter = says("What is looked for.")
    order: TramiteOrder = says("In which order.")
    saved_at: dt.datetime = says("When it was last saved.")


@strawberry.input(description="A search to be kept (guardar una búsqueda).")
class SaveSearchInput:
    """A search to be kept."""

    client_key: uuid.UUID = asks_once()
    id: uuid.UUID | None = optional("The saved search in whose place it comes; left out: a new one.")
    name: str = says("Its name, up to 60 characters; no other saved search of the viewer may have it.")
    filter: TramiteFilter = says("What is looked for.")
    order: TramiteOrder = strawberry.field(description="In which order.", default=TramiteOrder.SENT_LATEST_FIRST)


@strawberry.type(description="The search is kept.")
class SaveSearchSuccess:
    """Saved."""

    saved_search: SavedSearch = says("The search as it is kept.")


@strawberry.input(description="A saved search that is no longer needed (eliminar una búsqueda guardada).")
class DeleteSavedSearchInput:
    """A search to be deleted."""

    id: uuid.UUID = says("Id of the saved search.")


@strawberry.type(description="The saved search is gone.")
class DeleteSavedSearchSuccess:
    """Deleted."""

    saved_search_id: uuid.UUID = names("Id of what is gone.")


@strawberry.type(description="A list to be fetched as a file (exportación).")
class Export(Node):
    """An export."""

    format: ExportFormat = says("In which form it comes.")
    url: str = says("Where to GET it with the session's token; one at a time of each person.")
    expires_at: dt.datetime = says("Until when it may be fetched.")


@strawberry.input(description="A list that is wanted as a file (exportar).")
class OpenExportInput:
    """An export that is wanted."""

    client_key: uuid.UUID = asks_once()
    format: ExportFormat = says("In which form.")
    filter: TramiteFilter | None = optional("What the trámites must be like.")
    saved_search: uuid.UUID | None = optional("Id of a saved search, in the place of a filter.")
    order: TramiteOrder | None = optional(
        "In which order; left out: that of the saved search, or by when they were sent, the latest first."
    )


@strawberry.type(description="The list may be fetched.")
class OpenExportSuccess:
    """Opened."""

    export: Export = says("Where and until when.")


SaveSearchResult: TypeAlias = Annotated[
    SaveSearchSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotFound
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("SaveSearchResult", description="Answer to the saving of a search."),
]
DeleteSavedSearchResult: TypeAlias = Annotated[
    DeleteSavedSearchSuccess | refusals.NotSignedIn | refusals.NotFound,
    strawberry.union("DeleteSavedSearchResult", description="Answer to the deletion of a saved search."),
]
OpenExportResult: TypeAlias = Annotated[
    OpenExportSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("OpenExportResult", description="Answer to the wish for a list as a file."),
]
