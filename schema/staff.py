"""Members of staff, and invitations to the staff."""

import datetime as dt
import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.account_enums import IdentityKind, Role, StaffState
from schema.catalogue import Office
from schema.described import asks_once, says
from schema.finding import PageInfo
from schema.node import Node, names
from schema.people import User
from schema.scalars import EmailAddress


@strawberry.type(description="A member of staff (personal), or somebody who was.")
class StaffMember:
    """A member of staff."""

    user_id: uuid.UUID = names("Id of their account.")
    full_name: str = says("Given names and surnames, as they are read aloud.")
    email: EmailAddress = says("Their address (correo electrónico).")
    role: Role = says("What they are at the counter (cargo), or were last.")
    state: StaffState = says("How it stands with them.")
    offices: list[Office] = says("Offices (dependencias) that they serve.")
    signed_in_at: dt.datetime | None = says("When they signed in last (último ingreso); null if nobody knows.")
    deactivated_at: dt.datetime | None = says("When they left (baja); null for those who are here.")


@strawberry.type(description="A member of staff in a list.")
class StaffEdge:
    """An edge."""

    cursor: str = says("Its place in the list; opaque.")
    node: StaffMember = says("The member of staff.")


@strawberry.type(description="A page of the staff, the oldest accounts first.")
class StaffConnection:
    """A page."""

    edges: list[StaffEdge] = says("The members of staff of this page.")
    page_info: PageInfo = says("Where the page begins and ends.")


@strawberry.type(description="An invitation to the staff (invitación) that waits.")
class Invitation(Node):
    """An invitation."""

    email: EmailAddress = says("To which address it was sent.")
    role: Role = says("To which role (cargo).")
    office_codes: list[str] = says("Codes of the offices (dependencias).")
    invited_at: dt.datetime = says("When it was sent.")
    expires_at: dt.datetime = says("Until when it can be accepted.")


@strawberry.input(description="Whom to invite to the staff (invitar al personal).")
class InviteStaffInput:
    """An invitation."""

    client_key: uuid.UUID = asks_once()
    email: str = says("Their address (correo electrónico); their account must have it when they accept.")
    role: Role = says("Their role (cargo).")
    office_codes: list[str] = says("Codes of their offices (dependencias), for clerks and supervisors; else empty.")


@strawberry.type(description="The invitation is on its way.")
class InviteStaffSuccess:
    """Invited."""

    invitation: Invitation = says("The invitation; an earlier one to the same address is worth nothing now.")


@strawberry.input(description="An invitation to be taken back (retirar una invitación).")
class WithdrawInvitationInput:
    """Which."""

    id: uuid.UUID = says("Its id.")


@strawberry.type(description="The invitation is worth nothing any more.")
class WithdrawInvitationSuccess:
    """Withdrawn."""

    invitation_id: uuid.UUID = names("Its id.")


@strawberry.input(description="Who accepts an invitation (aceptar una invitación).")
class AcceptInvitationInput:
    """The code."""

    code: str = says("The code that was mailed.")


@strawberry.type(description="The viewer is staff. Other sessions have ended; the token of this one changed.")
class AcceptInvitationSuccess:
    """Accepted."""

    token: str | None = says("The session's token from now on; null for a browser: it is in a cookie.")
    expires_at: dt.datetime = says("When the session ends at the latest.")
    user: User = says("The viewer as of now.")


@strawberry.input(description="What a member of staff is from now on (asignar cargo y dependencias).")
class AssignStaffInput:
    """Role and offices."""

    user_id: uuid.UUID = says("Id of their account; of somebody who left too: they are staff again.")
    role: Role = says("Their role (cargo).")
    office_codes: list[str] = says("Codes of all their offices (dependencias); empty for roles without.")


@strawberry.type(description="Role and offices are as wished. With another role, their sessions have ended.")
class AssignStaffSuccess:
    """Assigned."""

    member: StaffMember = says("The member of staff as of now.")


@strawberry.input(description="Who is staff no more (dar de baja).")
class DeactivateStaffInput:
    """Who, and why."""

    user_id: uuid.UUID = says("Id of their account.")
    reason: str = says("Why (motivo), up to 1000 characters; kept in the register.")


@strawberry.type(description="They are staff no more: sessions have ended, their trámites are free to be taken on.")
class DeactivateStaffSuccess:
    """Deactivated."""

    member: StaffMember = says("Who was a member of staff.")


@strawberry.input(description="Whose second factor is taken away (retirar la verificación en dos pasos).")
class ResetSecondFactorInput:
    """Who shows their document, and why."""

    identity_kind: IdentityKind = says("Kind of the identity document that they show.")
    identity_number: str = says("Its number (documento de identidad).")
    reason: str = says("Why (motivo), up to 1000 characters; kept in the register.")


@strawberry.type(
    description="The second factor is gone, and the password with it: the account is recovered by e-mail first."
)
class ResetSecondFactorSuccess:
    """Reset."""

    user_id: uuid.UUID = names("Id of their account.")


InviteStaffResult: TypeAlias = Annotated[
    InviteStaffSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict,
    strawberry.union("InviteStaffResult", description="Answer to an invitation."),
]
WithdrawInvitationResult: TypeAlias = Annotated[
    WithdrawInvitationSuccess | refusals.NotSignedIn | refusals.NotAllowed | refusals.NotFound,
    strawberry.union("WithdrawInvitationResult", description="Answer to the withdrawal of an invitation."),
]
AcceptInvitationResult: TypeAlias = Annotated[
    AcceptInvitationSuccess
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("AcceptInvitationResult", description="Answer to the code of an invitation."),
]
AssignStaffResult: TypeAlias = Annotated[
    AssignStaffSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict,
    strawberry.union("AssignStaffResult", description="Answer to another role or other offices."),
]
DeactivateStaffResult: TypeAlias = Annotated[
    DeactivateStaffSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict,
    strawberry.union("DeactivateStaffResult", description="Answer to a deactivation."),
]
ResetSecondFactorResult: TypeAlias = Annotated[
    ResetSecondFactorSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.NotAllowed | refusals.NotFound,
    strawberry.union("ResetSecondFactorResult", description="Answer to the loss of a second factor."),
]
