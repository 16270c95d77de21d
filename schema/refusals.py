"""Refusals as data: every mutation answers with its success or with one of these."""

import datetime as dt

import strawberry

from schema.account_enums import Role
from schema.described import says
from schema.tramite_enums import Act


@strawberry.interface(description="The counter says no. All refusals can be treated alike by these three fields.")
class Refusal:
    """What all refusals tell."""

    code: str = says("Stable code of the reason, for programs, such as INVALID_EMAIL.")
    message: str = says("The reason in plain Spanish, with what to do, for people.")
    path: list[str] = says("The field it is about, from the argument's name down; empty if it is about no field.")


@strawberry.type(description="One more field that is wrong.")
class Problem:
    """A wrong field."""

    code: str = says("Stable code of the reason, for programs.")
    message: str = says("The reason in plain Spanish, for people.")
    path: list[str] = says("The field it is about, from the argument's name down.")


@strawberry.type(description="A field does not hold what it must.")
class InvalidInput(Refusal):
    """Wrong input."""

    others: list[Problem] = says("All further fields of the same input that are wrong.")


@strawberry.type(description="Nobody is signed in, the session has ended, or the credentials are wrong.")
class NotSignedIn(Refusal):
    """No session."""


@strawberry.type(description="The viewer may see the thing but not do this with it.")
class NotAllowed(Refusal):
    """No right."""


@strawberry.type(description="There is no such thing, or the viewer may not see it: both are answered alike.")
class NotFound(Refusal):
    """No such thing."""


@strawberry.type(description="The trámite is not in a status from which this step may be taken.")
class WrongStep(Refusal):
    """Not now."""


@strawberry.type(description="The request contradicts what is already recorded.")
class Conflict(Refusal):
    """A contradiction."""


@strawberry.type(description="An act that changed a trámite meanwhile.")
class TramiteChange:
    """A change."""

    act: Act = says("What was done.")
    at: dt.datetime = says("When it was done.")
    actor_role: Role = says("In which role it was done; names of staff are not told.")


@strawberry.type(
    description="The trámite is no longer as the viewer saw it (its revision is not `expectedRevision`): of two who "
    "change it at once the second is told. Nothing was done; the code is TRAMITE_CHANGED."
)
class TramiteChanged(Refusal):
    """Somebody was first."""

    revision: int = says("Its revision now.")
    changes: list[TramiteChange] = says("What was done since, as far as its history shows it; at most the latest 20.")


@strawberry.type(description="A limit of rate or of capacity is reached; trying later is right.")
class TooManyRequests(Refusal):
    """Later."""

    retry_after_seconds: int | None = says("After how many seconds to try again; null if nobody can say.")
