"""Completing what came by mail, for whoever holds its link."""

import datetime as dt
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.described import optional, says
from schema.scalars import UploadId
from schema.tramite_enums import DocumentKind


@strawberry.type(
    description="A filing that came by mail and lacks something (presentación incompleta), for whoever holds its link; "
    "nothing of the person."
)
class FilingToComplete:
    """What the holder of a link is shown."""

    number: str = says("Its number (número de trámite).")
    filed_on: dt.date = says("Its legal date (fecha de presentación), which completing it does not change.")
    office_name: str = says("The office (dependencia) that has it.")
    missing: list[str] = says("What it lacks (lo que falta), as sentences in Spanish.")


@strawberry.input(
    description="What is added to a filing that came by mail. What it has already is not replaced. Files are uploads "
    "of who is signed in; without a session they come with a multipart request whose header X-Filing-Link holds the "
    "link."
)
class CompleteFilingInput:
    """A completion."""

    link: str = says("The last part of the link that was mailed (enlace); it is good once.")
    subject: str | None = optional("Subject (asunto), if the mail had none.")
    document_kind: DocumentKind | None = optional("Kind of document (tipo de documento).")
    document_number: str | None = optional("Number of the document (número de documento).")
    folios: int | None = optional("Number of folios.")
    main_upload: UploadId | None = optional("The main document (documento principal): a PDF of up to 20 MB.")
    annex_uploads: list[UploadId] = strawberry.field(
        description="Annexes (anexos), further ones; up to 5 in all.", default_factory=list
    )


@strawberry.type(description="What was added is part of the filing; the link is used up.")
class CompleteFilingSuccess:
    """Completed."""

    filing: FilingToComplete = says("The filing as it is now.")


CompleteFilingResult: TypeAlias = Annotated[
    CompleteFilingSuccess
    | refusals.InvalidInput
    | refusals.NotFound
    | refusals.WrongStep
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("CompleteFilingResult", description="Answer to a completion."),
]
