"""Service tokens, by which programs read."""

import datetime as dt
import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.account_enums import Scope
from schema.described import asks_once, optional, says
from schema.finding import PageInfo
from schema.node import Node


@strawberry.type(description="What lets a program read (token de servicio); its text is told once, when it is made.")
class ServiceToken(Node):
    """A service token; what the program reads is recorded with its id."""

    name: str = says("What it is for (nombre).")
    ending: str = says("The last six characters of its text, by which a leaked one is recognised.")
    scopes: list[Scope] = says("What it lets read (alcances).")
    office_codes: list[str] = says("Of which offices (dependencias), by their codes; empty for all.")
    made_at: dt.datetime = says("When it was made.")
    made_by: str = says("Who made it, and answers for it (responsable).")
    expires_at: dt.datetime = says("Until when it holds (vencimiento).")
    last_used_at: dt.datetime | None = says("When it was used last, to five minutes (último uso); null for never.")
    revoked_at: dt.datetime | None = says("When it was revoked (revocado); null if it was not.")
    is_live: bool = says(
        "Whether it holds (vigente): neither revoked nor expired, and whoever made it still administers."
    )


@strawberry.type(description="A service token in a list.")
class ServiceTokenEdge:
    """An entry of a page."""

    cursor: str = says("Its place in the list; opaque.")
    node: ServiceToken = says("The service token.")


@strawberry.type(description="A page of service tokens, the last made first, also those that hold no more.")
class ServiceTokenConnection:
    """A page."""

    edges: list[ServiceTokenEdge] = says("The service tokens of this page.")
    page_info: PageInfo = says("Where the page ends.")


@strawberry.input(description="A service token to be made (crear un token de servicio).")
class CreateServiceTokenInput:
    """What it is to be."""

    client_key: uuid.UUID = asks_once()
    name: str = says("What it is for (nombre), up to 80 characters.")
    scopes: list[Scope] = says("What it lets read (alcances); PEOPLE only together with STATUS.")
    office_codes: list[str] = strawberry.field(
        description="Codes of the offices (dependencias) whose trámites it lets read, up to 100.", default_factory=list
    )
    all_offices: bool = strawberry.field(
        description="Whether it lets read those of all offices; either this or some codes.", default=False
    )
    days: int | None = optional("For how many days it holds, from 1 to 365; left out: 90.")


@strawberry.type(description="The service token was made.")
class CreateServiceTokenSuccess:
    """Made."""

    service_token: ServiceToken = says("The service token.")
    token: str | None = says(
        "Its text, which nobody can tell again: the program sends it as `Authorization: Bearer`. Null if the same was "
        "asked before with the same key: revoke it, if the text is lost, and make another."
    )


@strawberry.input(description="A service token to be revoked (revocar un token de servicio).")
class RevokeServiceTokenInput:
    """Which."""

    id: uuid.UUID = says("Its id.")


@strawberry.type(description="The service token is good for nothing any more; what it follows ends.")
class RevokeServiceTokenSuccess:
    """Revoked."""

    service_token: ServiceToken = says("The service token as of now.")


CreateServiceTokenResult: TypeAlias = Annotated[
    CreateServiceTokenSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict,
    strawberry.union("CreateServiceTokenResult", description="Answer to the making of a service token."),
]
RevokeServiceTokenResult: TypeAlias = Annotated[
    RevokeServiceTokenSuccess | refusals.NotSignedIn | refusals.NotAllowed | refusals.NotFound,
    strawberry.union("RevokeServiceTokenResult", description="Answer to the revocation of a service token."),
]
