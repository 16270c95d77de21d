"""Lists of trámites: what is looked for, and a part of what there is."""

import datetime as dt
from collections.abc import Awaitable, Callable

import strawberry

from schema.account_enums import IdentityKind
from schema.described import optional, says
from schema.texts import FoundInFile
from schema.tramite_enums import Channel, DocumentKind, OwnerChoice, TramiteStatus
from schema.tramites import Tramite


@strawberry.input(description="What the trámites must be like; what is left out does not matter. Days are Lima's.")
class TramiteFilter:
    """A filter."""

    number: str | None = optional("Number of the trámite (número de trámite), or how it begins.")
    document_kinds: list[DocumentKind] | None = optional("What the main document is, one of these; at most 20.")
    statuses: list[TramiteStatus] | None = optional(
        "In one of these statuses (estado); at most 20. Left out: all but the voided ones."
    )
    channel: Channel | None = optional("By which door they came (canal).")
    office_codes: list[str] | None = optional("Codes of the offices (dependencias) where they are now; at most 20.")
    organization_ruc: str | None = optional("RUC of the legal entity in whose name they were filed.")
    sent_from: dt.date | None = optional("Sent on this day or later (enviado desde).")
    sent_to: dt.date | None = optional("Sent on this day or earlier (enviado hasta).")
    filed_from: dt.date | None = optional("With this legal date or a later one (presentado desde).")
    filed_to: dt.date | None = optional("With this legal date or an earlier one (presentado hasta).")
    text: str | None = optional(
        "Words of the subject, the document's number, the sender or the legal entity: all of them, in any order, "
        "accents optional, of the last one the beginning. Up to 200 characters."
    )
    name: str | None = optional("Words of the name of who filed it, or of the legal entity, in the same way.")
    identity_number: str | None = optional(
        "Number of the identity document (documento de identidad) of who filed it with their account."
    )
    identity_kind: IdentityKind | None = optional("Its kind (documento de identidad); left out: any.")
    in_files: str | None = optional(
        "Words of the text of one of its files: all of them, accents optional, of the last one the beginning "
        "(from three letters on); between quotation marks in that very order, on one page. Up to 200 characters."
    )
    due_from: dt.date | None = optional("Due on this day or later (vence desde). Staff only, as what follows.")
    due_to: dt.date | None = optional("Due on this day or earlier (vence hasta).")
    is_late: bool | None = optional("Whether the day on which it was due has passed (atrasado), of what is due at all.")
    owner: OwnerChoice | None = optional("Who has taken it on (responsable).")
    repeats_file: bool | None = optional(
        "Whether a file of it had been received before with another trámite, by whichever door (archivo repetido)."
    )


@strawberry.type(description="Which part of a list this is.")
class PageInfo:
    """The ends of a page."""

    has_next_page: bool = says("Whether there is more after this page.")
    has_previous_page: bool = says("Whether there is more before this page.")
    start_cursor: str | None = says("Send it as before for the page before; null if this one is empty.")
    end_cursor: str | None = says("Send it as after for the page after; null if this one is empty.")


@strawberry.type(description="How many there are; counted only when it is asked for.")
class TotalCount:
    """A count."""

    count: int = says("How many; at most 1,000.")
    is_exact: bool = says("Whether there are not more.")


@strawberry.type(description="A trámite in a list.")
class TramiteEdge:
    """An entry of a page."""

    cursor: str = says("Its place in the list; opaque, and good for this order only.")
    node: Tramite = says("The trámite.")
    found_in: list[FoundInFile] = says(
        "Where in its files the words of inFiles stand, in up to three of them; empty without such words."
    )


@strawberry.type(description="A page of trámites.")
class TramiteConnection:
    """A page."""

    edges: list[TramiteEdge] = says("The trámites of this page.")
    page_info: PageInfo = says("Where the page begins and ends.")
    counted: strawberry.Private[Callable[[], Awaitable[TotalCount]]]

    @strawberry.field(description="How many there are on all pages.")
    async def total_count(self) -> TotalCount:
        """Count."""
        return await self.counted()
