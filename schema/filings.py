"""A filing before it is sent: its review, and drafts of it."""

import datetime as dt
import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.catalogue import ClosedDay, DatingRule
from schema.described import asks_once, optional, says
from schema.files import Upload
from schema.node import Node, names
from schema.scalars import UploadId
from schema.tramite_enums import DocumentKind


@strawberry.input(description="A filing as far as it is filled in; nothing of it is required.")
class FilingInput:
    """A form."""

    office_code: str | None = optional("Code of the office (dependencia) it is addressed to.")
    document_kind: DocumentKind | None = optional("What the main document is (tipo de documento).")
    document_number: str | None = optional(
        "Number of the document (número de documento); left out or «SN» for one without."
    )
    subject: str | None = optional("What it is about (asunto).")
    folios: int | None = optional("Number of folios.")
    main_upload: UploadId | None = optional("The main document (documento principal).")
    annex_uploads: list[UploadId] = strawberry.field(description="Annexes (anexos).", default_factory=list)
    accepted_privacy_policy: str | None = optional("Version of the privacy policy that the applicant accepts.")
    organization_ruc: str | None = optional("RUC of the legal entity in whose name it is filed.")
    organization_name: str | None = optional("Name of that legal entity (razón social).")
    contact_email: str | None = optional("Address for this trámite; left out for that of the account.")
    contact_mobile: str | None = optional("Mobile number for this trámite; left out for that of the account.")


@strawberry.type(description="Something in a filing to look at again; it keeps nothing from being sent.")
class Doubt:
    """A warning."""

    code: str = says("Stable code of the reason, for programs.")
    message: str = says("The reason in plain Spanish, with what to do, for people.")
    path: list[str] = says("The field it is about, from the argument's name down.")


@strawberry.type(description="What is wrong and what is doubtful with a filing, all at once; nothing was changed.")
class FilingReview:
    """A review."""

    is_ready: bool = says("Whether it would be filed if it were sent now.")
    problems: list[refusals.Problem] = says("All that keeps it from being filed.")
    doubts: list[Doubt] = says("All that should be looked at again (advertencias).")
    filed_on_if_sent_now: dt.date | None = says("Its legal date if it were sent now; null without an office.")
    rule: DatingRule | None = says("The rule that gives that date; null without an office.")
    skipped: list[ClosedDay] = says("The days until then that do not count, and why.")
    message: str | None = says("What to show outside the opening hours, in Spanish; null within them.")


@strawberry.type(description="A filing that is not sent yet (borrador); only its owner sees it.")
class Draft(Node):
    """A draft."""

    version: int = says("How often it was saved; send it with the next save.")
    saved_at: dt.datetime = says("When it was last saved.")
    expires_at: dt.datetime = says("When it will be removed, with its files, unless it is saved again.")
    office_code: str | None = says("Code of the office (dependencia).")
    document_kind: DocumentKind | None = says("What the main document is (tipo de documento).")
    document_number: str | None = says("Number of the document (número de documento).")
    subject: str | None = says("What it is about (asunto).")
    folios: int | None = says("Number of folios.")
    accepted_privacy_policy: str | None = says("Version of the privacy policy that was accepted.")
    organization_ruc: str | None = says("RUC of the legal entity.")
    organization_name: str | None = says("Name of that legal entity.")
    contact_email: str | None = says("Address for this trámite.")
    contact_mobile: str | None = says("Mobile number for this trámite.")
    main_upload: Upload | None = says("The main document; null if none was chosen or it is gone.")
    annex_uploads: list[Upload] = says("The annexes that are still there.")


@strawberry.input(description="A draft to be saved.")
class SaveDraftInput:
    """A form, and which draft it replaces."""

    client_key: uuid.UUID = asks_once()
    id: uuid.UUID | None = optional("The draft to be saved again; left out for a new one.")
    version: int | None = optional("The version that was read of it; another one meanwhile is a conflict.")
    form: FilingInput = says("The form as far as it is filled in.")


@strawberry.type(description="The draft was saved.")
class SaveDraftSuccess:
    """Saved."""

    draft: Draft = says("The draft as it is now.")


@strawberry.input(description="A draft to be discarded.")
class DiscardDraftInput:
    """Which."""

    id: uuid.UUID = says("Its id.")


@strawberry.type(description="The draft is gone.")
class DiscardDraftSuccess:
    """Discarded."""

    draft_id: uuid.UUID = names("Its id.")


SaveDraftResult: TypeAlias = Annotated[
    SaveDraftSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotFound
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("SaveDraftResult", description="Answer to the saving of a draft."),
]
DiscardDraftResult: TypeAlias = Annotated[
    DiscardDraftSuccess | refusals.NotSignedIn | refusals.NotFound,
    strawberry.union("DiscardDraftResult", description="Answer to the discarding of a draft."),
]
