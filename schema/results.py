"""What each mutation answers: its success, or the refusals that it can meet."""

from typing import Annotated, TypeAlias

import strawberry

from schema import desk, files, people, refusals, tramites

RegisterResult: TypeAlias = Annotated[
    people.RegisterSuccess | refusals.InvalidInput | refusals.TooManyRequests,
    strawberry.union("RegisterResult", description="Answer to a registration."),
]
OpenUploadResult: TypeAlias = Annotated[
    files.OpenUploadSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotFound
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("OpenUploadResult", description="Answer to the announcement of a file."),
]
FileTramiteResult: TypeAlias = Annotated[
    tramites.FileTramiteSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("FileTramiteResult", description="Answer to a filing."),
]
ObserveTramiteResult: TypeAlias = Annotated[
    desk.ObserveTramiteSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.WrongStep
    | refusals.TramiteChanged,
    strawberry.union("ObserveTramiteResult", description="Answer to an observation."),
]
ReferTramiteResult: TypeAlias = Annotated[
    desk.ReferTramiteSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.WrongStep
    | refusals.TramiteChanged,
    strawberry.union("ReferTramiteResult", description="Answer to a referral."),
]
ResolveTramiteResult: TypeAlias = Annotated[
    desk.ResolveTramiteSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.WrongStep
    | refusals.TramiteChanged
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("ResolveTramiteResult", description="Answer to an answer (atención)."),
]
UpdateTramiteResult: TypeAlias = Annotated[
    tramites.UpdateTramiteSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.WrongStep,
    strawberry.union("UpdateTramiteResult", description="Answer to an update."),
]
VoidTramiteResult: TypeAlias = Annotated[
    tramites.VoidTramiteSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.WrongStep,
    strawberry.union("VoidTramiteResult", description="Answer to a withdrawal."),
]
CorrectTramiteResult: TypeAlias = Annotated[
    tramites.CorrectTramiteSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.WrongStep
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("CorrectTramiteResult", description="Answer to a correction."),
]
