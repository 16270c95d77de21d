"""Requests about accounts: recovery by personal data, claims of an identity, and what staff decide of both."""

import datetime as dt
import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.account_enums import ClaimDecision, ClaimState, IdentityKind, RecoveryDecision, RecoveryState
from schema.described import optional, says
from schema.finding import PageInfo
from schema.node import Node
from schema.scalars import EmailAddress
from schema.strangers import WithName


@strawberry.type(description="Whose account it is, as staff see it who compare it with the document at the desk.")
class AccountHolder:
    """A person with an account."""

    identity_kind: IdentityKind = says("Kind of identity document (tipo de documento de identidad).")
    identity_number: str | None = says(
        "Its number (documento de identidad); null once the identity was handed over to somebody else."
    )
    full_name: str = says("Given names and surnames, as registered.")
    birth_date: dt.date = says("Date of birth (fecha de nacimiento), as registered.")
    is_staff: bool = says("Whether they are staff; then only a supervisor decides.")
    is_frozen: bool = says("Whether nobody can sign in with the account (cuenta suspendida).")


@strawberry.type(description="A recovery by personal data (recuperación por datos personales), as staff see it.")
class RecoveryRequest(Node):
    """A request."""

    state: RecoveryState = says("What became of it.")
    holder: AccountHolder = says("Whose account it is about.")
    new_email: EmailAddress | None = says("Address that the account is to have; null leaves the one on record.")
    new_mobile: str | None = says("Mobile number that the account is to have; null leaves the one on record.")
    asked_at: dt.datetime = says("When it was made.")
    takes_effect_at: dt.datetime | None = says(
        "When it takes effect by itself, not before the person was told by mail that long; null if only staff decide."
    )
    settled_at: dt.datetime | None = says("When it ceased to wait; null while it waits.")
    reason: str | None = says("Why staff decided so; null if they did not decide it.")


@strawberry.type(description="A recovery request in a list.")
class RecoveryRequestEdge:
    """A place in the list."""

    cursor: str = says("Cursor of this place, for `after`.")
    node: RecoveryRequest = says("The request.")


@strawberry.type(description="A page of recovery requests, the one asked first first.")
class RecoveryRequestConnection:
    """A page."""

    edges: list[RecoveryRequestEdge] = says("The requests with their places.")
    page_info: PageInfo = says("Where the page ends.")


@strawberry.type(description="A claim of an identity (reclamo de identidad), as staff see it.")
class IdentityClaim(Node):
    """A claim."""

    state: ClaimState = says("What became of it.")
    identity_kind: IdentityKind = says("Kind of the claimed document (documento de identidad).")
    identity_number: str = says("Its number (documento de identidad).")
    holder: AccountHolder | None = says("Who had an account with it when it was claimed; null if nobody had.")
    claimant_name: str = says("Given names and surnames of who claims.")
    claimant_email: EmailAddress = says("Their address.")
    claimant_mobile: str = says("Their mobile number.")
    statement: str = says("What they say.")
    claimed_at: dt.datetime = says("When it was made.")
    decided_at: dt.datetime | None = says("When it was decided; null while it waits.")
    reason: str | None = says("Why it was decided so; null while it waits.")


@strawberry.type(description="A claim in a list.")
class IdentityClaimEdge:
    """A place in the list."""

    cursor: str = says("Cursor of this place, for `after`.")
    node: IdentityClaim = says("The claim.")


@strawberry.type(description="A page of claims, the one made first first.")
class IdentityClaimConnection:
    """A page."""

    edges: list[IdentityClaimEdge] = says("The claims with their places.")
    page_info: PageInfo = says("Where the page ends.")


@strawberry.type(
    description="A recovery of one's own account that waits. Whoever did not ask for it changes the password."
)
class OwnRecovery:
    """What the holder sees."""

    asked_at: dt.datetime = says("When somebody asked for it.")
    takes_effect_at: dt.datetime | None = says("When it takes effect by itself; null if only staff decide.")
    changes_email: bool = says("Whether the address (correo) would change.")
    changes_mobile: bool = says("Whether the mobile number (celular) would change.")


@strawberry.input(description="Who lost password and mailbox (recuperación de clave por datos personales).")
class RequestRecoveryByDataInput(WithName):
    """Personal data, new password, new contact data."""

    birth_date: dt.date = says("Date of birth (fecha de nacimiento).")
    new_password: str = says("The new password (contraseña) as `passwordPolicy` says.")
    new_email: str | None = optional("New address (correo), if it is to change; it is to be proved by a code then.")
    new_mobile: str | None = optional("New mobile number (celular), if it is to change.")


@strawberry.type(description="The request was received. The same answer whether there is such an account or not.")
class RequestRecoveryByDataSuccess:
    """Received."""

    is_received: bool = says("Always true. Whether the data match is not told, not even by the time it takes.")
    reference: str = says("Shown this once (código de referencia): staff ask for it when they approve at the desk.")


@strawberry.input(description="The link by which a recovery is stopped; no sign-in is needed.")
class StopRecoveryInput:
    """The token."""

    token: str = says("The code of the mail that told of the request.")


@strawberry.type(description="The recovery is stopped: nothing of the account changes.")
class StopRecoverySuccess:
    """Stopped."""

    is_stopped: bool = says("Always true.")


@strawberry.input(description="How a recovery by personal data is decided.")
class DecideRecoveryInput:
    """A decision."""

    id: uuid.UUID = says("Id of the request.")
    decision: RecoveryDecision = says("Whether it takes effect.")
    reason: str = says("Why, in Spanish, up to 1000 characters; when rejected, the person reads it.")
    reference: str | None = optional("To approve: the reference (código de referencia) that the person shows.")


@strawberry.type(description="The recovery is decided.")
class DecideRecoverySuccess:
    """Decided."""

    request: RecoveryRequest = says("The request as it is now.")


@strawberry.input(description="A claim of an identity that somebody else registered (reclamo de identidad).")
class ClaimIdentityInput(WithName):
    """Who claims what."""

    email: str = says("Address (correo electrónico) to which the reference goes.")
    mobile: str = says("Mobile number (celular).")
    statement: str = says("What happened, in Spanish, up to 1000 characters; staff read it.")


@strawberry.type(description="The claim was received. The same answer whether there is such an account or not.")
class ClaimIdentitySuccess:
    """Received."""

    is_received: bool = says("Always true. The reference to show at the desk goes to the address given.")


@strawberry.input(description="Which claimed account is to be frozen.")
class FreezeClaimedAccountInput:
    """A claim."""

    id: uuid.UUID = says("Id of the claim.")


@strawberry.type(description="Nobody can sign in with the account until the claim is decided.")
class FreezeClaimedAccountSuccess:
    """Frozen."""

    claim: IdentityClaim = says("The claim as it is now.")


@strawberry.input(description="How a claim of an identity is decided.")
class DecideIdentityClaimInput:
    """A decision."""

    id: uuid.UUID = says("Id of the claim.")
    decision: ClaimDecision = says("For whom.")
    reason: str = says("Why, in Spanish, up to 1000 characters; who loses the identity or the claim reads it.")
    reference: str | None = optional("To hand over: the reference (código de referencia) that the person shows.")


@strawberry.type(description="The claim is decided; both are told by mail.")
class DecideIdentityClaimSuccess:
    """Decided."""

    claim: IdentityClaim = says("The claim as it is now.")


RequestRecoveryByDataResult: TypeAlias = Annotated[
    RequestRecoveryByDataSuccess | refusals.InvalidInput | refusals.TooManyRequests,
    strawberry.union("RequestRecoveryByDataResult", description="Answer to a recovery by personal data."),
]
StopRecoveryResult: TypeAlias = Annotated[
    StopRecoverySuccess | refusals.NotFound | refusals.Conflict,
    strawberry.union("StopRecoveryResult", description="Answer to the link that stops a recovery."),
]
DecideRecoveryResult: TypeAlias = Annotated[
    DecideRecoverySuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("DecideRecoveryResult", description="Answer to the decision of a recovery."),
]
ClaimIdentityResult: TypeAlias = Annotated[
    ClaimIdentitySuccess | refusals.InvalidInput | refusals.TooManyRequests,
    strawberry.union("ClaimIdentityResult", description="Answer to a claim of an identity."),
]
FreezeClaimedAccountResult: TypeAlias = Annotated[
    FreezeClaimedAccountSuccess | refusals.NotSignedIn | refusals.NotAllowed | refusals.NotFound | refusals.Conflict,
    strawberry.union("FreezeClaimedAccountResult", description="Answer to the freezing of a claimed account."),
]
DecideIdentityClaimResult: TypeAlias = Annotated[
    DecideIdentityClaimSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict,
    strawberry.union("DecideIdentityClaimResult", description="Answer to the decision of a claim."),
]
