"""What is kept about people, for how long, and how an account is closed."""

import datetime as dt
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.account_enums import ClosureState, RetentionKind
from schema.described import optional, says
from schema.finding import PageInfo

EXPECTED = (
    "Version that was shown when the change was begun; if there is a later one, nothing is changed. "
    "Left out: whichever."
)


@strawberry.type(description="One fact of a thing that is kept, as a row of the report.")
class KeptFact:
    """A row."""

    name: str = says("What it is, in Spanish.")
    value: str = says("What is kept, in Spanish.")


@strawberry.type(description="One thing that is kept about the viewer.")
class KeptThing:
    """A thing."""

    key: str = says("By which it is told from others of its kind.")
    at: dt.datetime = says("When it came about.")
    facts: list[KeptFact] = says("What it says; names of others are no part of it.")


@strawberry.type(description="A thing in a list.")
class KeptThingEdge:
    """A place in the list."""

    cursor: str = says("Cursor of this place, for `after`.")
    node: KeptThing = says("The thing.")


@strawberry.type(description="A page of things of one kind, the latest first.")
class KeptThingConnection:
    """A page."""

    edges: list[KeptThingEdge] = says("The things with their places.")
    page_info: PageInfo = says("Where the page ends.")


@strawberry.type(description="A kind of what is kept about people: what for, by which law, for how long.")
class KeptKind:
    """A kind."""

    kind: RetentionKind = says("Which kind.")
    label: str = says("How it is called, in Spanish.")
    purpose: str = says("What it is kept for (finalidad), in Spanish.")
    basis: str = says("By which law (base legal), in Spanish.")
    period: str = says("For how long (plazo de conservación), in Spanish.")
    erasure: str = says("What goes and what is left when its time is over, in Spanish.")
    count: int = says("How many things of it are kept about the viewer.")


@strawberry.type(description="All that the counter holds about the viewer (datos personales).")
class PersonalData:
    """A report."""

    made_at: dt.datetime = says("When the report was made.")
    kinds: list[KeptKind] = says("The kinds, and how many things there are of each; `keptThings` lists them.")
    url: str = says("Where all of it is fetched as one JSON file, with the same Authorization header.")


@strawberry.type(description="For how long a kind is kept (plazo de conservación), as administrators set it.")
class RetentionPeriod:
    """A period."""

    kind: RetentionKind = says("Which kind.")
    label: str = says("How it is called, in Spanish.")
    basis: str = says("By which law (base legal), in Spanish.")
    days: int | None = says("For how many days; null for always, or as `period` says.")
    least_days: int | None = says("For how many days at least; null if the period is fixed.")
    may_be_always: bool = says("Whether it may be kept for always.")
    period: str = says("For how long, in Spanish.")
    erasure: str = says("What goes and what is left when its time is over, in Spanish.")


@strawberry.type(description="All periods in force (política de conservación).")
class Retention:
    """The periods."""

    version: int = says("Their version; 0 before any change.")
    is_applied: bool = says("Whether what is past its time is erased by itself each day; off before any change.")
    periods: list[RetentionPeriod] = says("The period of each kind.")


@strawberry.type(description="One change of the periods.")
class RetentionVersion:
    """A change."""

    version: int = says("Its version.")
    made_at: dt.datetime = says("When it was made.")
    is_applied: bool = says("Whether erasing was on from then.")
    periods: list["ChangedPeriod"] = says("All periods that were set by then; others are as they come.")


@strawberry.type(description="A period that was set.")
class ChangedPeriod:
    """A period."""

    kind: RetentionKind = says("Of which kind.")
    days: int | None = says("For how many days; null for always.")


@strawberry.type(description="What of a kind is past its time and would be erased now; looking changes nothing.")
class OverdueKind:
    """What would go."""

    kind: RetentionKind = says("Which kind.")
    label: str = says("How it is called, in Spanish.")
    days: int = says("For how many days it is kept.")
    before: dt.datetime = says("What is from before this instant is past its time.")
    count: int = says("How many things would be erased.")
    examples: list[str] = says("Numbers of trámites, or ids, of up to ten of them.")
    held_count: int = says("How many more are past their time, but held back by an open task, recovery or claim.")


@strawberry.input(description="For how long a kind is to be kept.")
class SetRetentionPeriodInput:
    """Kind and days."""

    kind: RetentionKind = says("Which kind.")
    days: int | None = says("For how many days; null for always, where that may be.")
    expected_version: int | None = optional(EXPECTED)


@strawberry.type(description="The period was set; it holds from now on.")
class SetRetentionPeriodSuccess:
    """Set."""

    retention: Retention = says("All periods as of now.")


@strawberry.input(description="Whether what is past its time is erased by itself.")
class SwitchErasingInput:
    """On or off."""

    is_applied: bool = says("Whether it is, each day.")
    expected_version: int | None = optional(EXPECTED)


@strawberry.type(description="It was switched.")
class SwitchErasingSuccess:
    """Switched."""

    retention: Retention = says("All periods as of now.")


@strawberry.type(description="The wish to close the viewer's account (cierre de cuenta).")
class AccountClosure:
    """A closing."""

    state: ClosureState = says("What became of it.")
    asked_at: dt.datetime = says("When it was asked for.")
    due_at: dt.datetime = says("When the account is closed, if it has no open trámite then.")
    open_tramites: int = says("How many open trámites (en curso) the viewer has, for whose end it waits.")


@strawberry.input(description="The wish to close the viewer's account.")
class RequestAccountClosureInput:
    """The password again."""

    current_password: str = says("The password (contraseña) of now.")


@strawberry.type(description="The account is going to be closed.")
class RequestAccountClosureSuccess:
    """Asked for."""

    closure: AccountClosure = says("The closing that waits.")


@strawberry.type(description="The account stays.")
class StopAccountClosureSuccess:
    """Stopped."""

    is_stopped: bool = says("Always true.")


SetRetentionPeriodResult: TypeAlias = Annotated[
    SetRetentionPeriodSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.NotAllowed | refusals.Conflict,
    strawberry.union("SetRetentionPeriodResult", description="Answer to another period."),
]
SwitchErasingResult: TypeAlias = Annotated[
    SwitchErasingSuccess | refusals.NotSignedIn | refusals.NotAllowed | refusals.Conflict,
    strawberry.union("SwitchErasingResult", description="Answer to switching the erasing on or off."),
]
RequestAccountClosureResult: TypeAlias = Annotated[
    RequestAccountClosureSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("RequestAccountClosureResult", description="Answer to the wish to close an account."),
]
StopAccountClosureResult: TypeAlias = Annotated[
    StopAccountClosureSuccess | refusals.NotSignedIn | refusals.NotFound,
    strawberry.union("StopAccountClosureResult", description="Answer to stopping it."),
]
