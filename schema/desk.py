"""What the desk does with a trámite."""

import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.colleagues import Colleague
from schema.described import optional, says
from schema.scalars import UploadId
from schema.tramites import Tramite

EXPECTED = "Revision of the trámite as it was seen; if it has another by now, nothing is done. Left out: whichever."


@strawberry.input(description="A reception (recepcionar).")
class ReceiveTramiteInput:
    """A reception."""

    id: uuid.UUID = says("Id of the trámite.")
    expected_revision: int | None = optional(EXPECTED)


@strawberry.type(description="The desk has it.")
class ReceiveTramiteSuccess:
    """Received."""

    tramite: Tramite = says("The trámite as it is now.")


@strawberry.input(description="An observation (observar): once, with all that must be corrected.")
class ObserveTramiteInput:
    """An observation."""

    id: uuid.UUID = says("Id of the trámite.")
    points: list[str] = strawberry.field(
        description="What must be corrected, point by point, in Spanish: up to 20 of up to 500 characters each.",
        default_factory=list,
    )
    text: str | None = optional(
        "What must be corrected, or words about the points, in Spanish, up to 4000 characters; required without points."
    )
    expected_revision: int | None = optional(EXPECTED)


@strawberry.input(description="A referral (derivar).")
class ReferTramiteInput:
    """A referral."""

    id: uuid.UUID = says("Id of the trámite.")
    office_code: str = says("Code of the office (dependencia) it goes to.")
    text: str | None = optional("A word to that office (proveído); the applicant does not read it.")
    expected_revision: int | None = optional(EXPECTED)


@strawberry.input(description="An answer (atender).")
class ResolveTramiteInput:
    """An answer."""

    id: uuid.UUID = says("Id of the trámite.")
    text: str = says("The answer in Spanish; the applicant reads it.")
    files: list[UploadId] = strawberry.field(
        description="Files of the answer (archivos de la respuesta), up to 5 of up to 20 MB, of any kind that is taken "
        "as an annex; the applicant can fetch them.",
        default_factory=list,
    )
    expected_revision: int | None = optional(EXPECTED)


@strawberry.type(description="The trámite was observed.")
class ObserveTramiteSuccess:
    """Observed."""

    tramite: Tramite = says("The trámite as it is now.")


@strawberry.type(description="The trámite was referred.")
class ReferTramiteSuccess:
    """Referred."""

    tramite: Tramite = says("The trámite as it is now.")


@strawberry.type(description="The trámite was answered.")
class ResolveTramiteSuccess:
    """Answered."""

    tramite: Tramite = says("The trámite as it is now.")


@strawberry.input(description="A correction of the folios by the desk (corregir los folios).")
class CorrectFoliosInput:
    """A count."""

    id: uuid.UUID = says("Id of the trámite.")
    folios: int = says("Number of folios as counted, from 1.")
    reason: str = says("Why (motivo), in Spanish, up to 500 characters; the applicant reads it.")
    expected_revision: int | None = optional(EXPECTED)


@strawberry.type(description="The folios were corrected.")
class CorrectFoliosSuccess:
    """Corrected."""

    tramite: Tramite = says("The trámite as it is now.")


@strawberry.input(description="A reopening (reabrir).")
class ReopenTramiteInput:
    """A reopening."""

    id: uuid.UUID = says("Id of the trámite.")
    reason: str = says("Why (motivo), in Spanish, up to 500 characters; the applicant reads it.")
    expected_revision: int | None = optional(EXPECTED)


@strawberry.type(description="The trámite is pending again.")
class ReopenTramiteSuccess:
    """Reopened."""

    tramite: Tramite = says("The trámite as it is now.")


@strawberry.input(description="Taking a trámite on (tomar a cargo).")
class TakeTramiteInput:
    """Taking on."""

    id: uuid.UUID = says("Id of the trámite.")
    expected_revision: int | None = optional(EXPECTED)


@strawberry.type(description="The viewer owns the trámite.")
class TakeTramiteSuccess:
    """Taken."""

    tramite: Tramite = says("The trámite as it is now.")


@strawberry.input(description="An assignment (asignar a un responsable).")
class AssignTramiteInput:
    """An assignment."""

    id: uuid.UUID = says("Id of the trámite.")
    user_id: uuid.UUID = says("Id of the member of staff, one of `colleagues` of its office.")
    expected_revision: int | None = optional(EXPECTED)


@strawberry.type(description="The trámite has that owner.")
class AssignTramiteSuccess:
    """Assigned."""

    tramite: Tramite = says("The trámite as it is now.")


@strawberry.input(description="Letting go of a trámite (dejar).")
class ReleaseTramiteInput:
    """Letting go."""

    id: uuid.UUID = says("Id of the trámite.")
    expected_revision: int | None = optional(EXPECTED)


@strawberry.type(description="Nobody owns the trámite.")
class ReleaseTramiteSuccess:
    """Released."""

    tramite: Tramite = says("The trámite as it is now.")


@strawberry.type(description="The note was written.")
class AddNoteSuccess:
    """Noted."""

    tramite: Tramite = says("The trámite with its notes.")


@strawberry.input(description="A sign that one is looking at a trámite now; it is no act and leaves no trace.")
class LookAtInput:
    """A look."""

    id: uuid.UUID = says("Id of the trámite.")
    is_leaving: bool = strawberry.field(description="Whether one has stopped looking.", default=False)


@strawberry.type(description="The sign was taken; give it anew within 60 seconds for as long as one looks.")
class LookAtSuccess:
    """Seen."""

    viewers: list[Colleague] = says("Who else of the office is looking at it now, at most 50.")


ReceiveTramiteResult: TypeAlias = Annotated[
    ReceiveTramiteSuccess
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.WrongStep
    | refusals.TramiteChanged,
    strawberry.union("ReceiveTramiteResult", description="Answer to a reception."),
]
CorrectFoliosResult: TypeAlias = Annotated[
    CorrectFoliosSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.WrongStep
    | refusals.TramiteChanged,
    strawberry.union("CorrectFoliosResult", description="Answer to a correction of the folios."),
]
ReopenTramiteResult: TypeAlias = Annotated[
    ReopenTramiteSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.WrongStep
    | refusals.TramiteChanged,
    strawberry.union("ReopenTramiteResult", description="Answer to a reopening."),
]
TakeTramiteResult: TypeAlias = Annotated[
    TakeTramiteSuccess | refusals.NotSignedIn | refusals.NotAllowed | refusals.NotFound | refusals.TramiteChanged,
    strawberry.union("TakeTramiteResult", description="Answer to taking a trámite on."),
]
AssignTramiteResult: TypeAlias = Annotated[
    AssignTramiteSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.TramiteChanged,
    strawberry.union("AssignTramiteResult", description="Answer to an assignment."),
]
ReleaseTramiteResult: TypeAlias = Annotated[
    ReleaseTramiteSuccess | refusals.NotSignedIn | refusals.NotAllowed | refusals.NotFound | refusals.TramiteChanged,
    strawberry.union("ReleaseTramiteResult", description="Answer to letting go of a trámite."),
]
AddNoteResult: TypeAlias = Annotated[
    AddNoteSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.WrongStep
    | refusals.Conflict,
    strawberry.union("AddNoteResult", description="Answer to an internal note."),
]
LookAtResult: TypeAlias = Annotated[
    LookAtSuccess | refusals.NotSignedIn | refusals.NotAllowed | refusals.NotFound,
    strawberry.union("LookAtResult", description="Answer to a sign of looking."),
]
