"""The staff: listed, invited, assigned, deactivated."""

from typing import Annotated

import strawberry

from actions import invitations, staff
from actions.reads import note_read
from models.people import User
from reading import staff as reading
from resolvers.context import Info, signed_in, wanted
from resolvers.second_factors import hand_over, show_lifted
from resolvers.shapes.staff import STAFF_MEMBER, show_invitation
from rules.reads import ReadKind
from schema import staff as api
from schema.account_enums import Role, StaffState
from schema.described import takes
from schema.finding import PageInfo


@strawberry.type
class StaffQuery:
    """Who is staff, and who was invited."""

    @strawberry.field(
        description="The staff (personal), the oldest accounts first, also who left; for administrators and auditors, "
        "empty for others."
    )
    async def staff(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")] = None,
        role: Annotated[Role | None, strawberry.argument(description="Only those of this role (cargo).")] = None,
        state: Annotated[StaffState | None, strawberry.argument(description="Only those in this state.")] = None,
    ) -> api.StaffConnection:
        """Return a page of the staff."""
        viewer = await signed_in(info)
        page = await reading.page_of(viewer, first=first, after=after, role=role, state=state)
        if page.members:
            await note_read(info.context.tools, viewer, ReadKind.PEOPLE, detail={"staff": len(page.members)})
        nodes = await STAFF_MEMBER.show(page.members, wanted(info, "edges", "node"), await info.context.scene())
        edges = [
            api.StaffEdge(cursor=reading.place_for(row), node=node)
            for row, node in zip(page.members, nodes, strict=True)
        ]
        return api.StaffConnection(
            edges=edges,
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
        )

    @strawberry.field(
        description="Invitations (invitaciones) that wait, the last first, at most 100; for administrators and "
        "auditors, empty for others."
    )
    async def invitations(self, info: Info) -> list[api.Invitation]:
        """Return the invitations that wait."""
        viewer = await signed_in(info)
        found = await reading.open_invitations(viewer, at=info.context.tools.clock())
        if found:
            await note_read(info.context.tools, viewer, ReadKind.PEOPLE, detail={"invitations": len(found)})
        return [show_invitation(row) for row in found]


@strawberry.type
class StaffMutation:
    """Invite, assign, deactivate."""

    @strawberry.mutation(
        description="Invite somebody to the staff (invitar al personal) by a mail with a code, good for seven days. "
        "Administrators only."
    )
    async def invite_staff(
        self, info: Info, given: Annotated[api.InviteStaffInput, takes("Whom, to what.")]
    ) -> api.InviteStaffResult:
        """Invite."""
        wish = invitations.Appointment(given.email, given.role, given.office_codes)
        viewer, key = await signed_in(info), given.client_key
        row = await invitations.invite_staff(info.context.tools, viewer, wish, client_key=key)
        return api.InviteStaffSuccess(invitation=show_invitation(row))

    @strawberry.mutation(description="Take back an invitation (retirar una invitación). Administrators only.")
    async def withdraw_invitation(
        self, info: Info, given: Annotated[api.WithdrawInvitationInput, takes("Which.")]
    ) -> api.WithdrawInvitationResult:
        """Take back."""
        await invitations.withdraw_invitation(info.context.tools, await signed_in(info), given.id)
        return api.WithdrawInvitationSuccess(invitation_id=given.id)

    @strawberry.mutation(
        description="Join the staff (aceptar una invitación) by the code that was mailed to the viewer's own proved "
        "address; with a second factor only."
    )
    async def accept_invitation(
        self, info: Info, given: Annotated[api.AcceptInvitationInput, takes("The code.")]
    ) -> api.AcceptInvitationResult:
        """Join."""
        tools, viewer = info.context.tools, await signed_in(info)
        lifted = await invitations.accept_invitation(tools, viewer, code=given.code, client=info.context.client)
        return api.AcceptInvitationSuccess(
            token=hand_over(info, lifted), expires_at=lifted.expires_at, user=await show_lifted(info, lifted)
        )

    @strawberry.mutation(
        description="Give a member of staff a role and offices (asignar cargo y dependencias), or take on again who "
        "left. Administrators only, for others than themselves."
    )
    async def assign_staff(
        self, info: Info, given: Annotated[api.AssignStaffInput, takes("Who, and what.")]
    ) -> api.AssignStaffResult:
        """Assign."""
        row = await staff.assign_staff(
            info.context.tools,
            await signed_in(info),
            given.user_id,
            role=given.role,
            office_codes=given.office_codes,
        )
        return api.AssignStaffSuccess(member=await _show(info, row))

    @strawberry.mutation(
        description="Deactivate a member of staff (dar de baja) at once; their account stays. Administrators only, for "
        "others than themselves."
    )
    async def deactivate_staff(
        self, info: Info, given: Annotated[api.DeactivateStaffInput, takes("Who, and why.")]
    ) -> api.DeactivateStaffResult:
        """Deactivate."""
        row = await staff.deactivate_staff(
            info.context.tools, await signed_in(info), given.user_id, reason=given.reason
        )
        return api.DeactivateStaffSuccess(member=await _show(info, row))

    @strawberry.mutation(
        description="Take the second factor away (retirar la verificación en dos pasos) from somebody who lost it and "
        "shows their document. Administrators only, for others than themselves."
    )
    async def reset_second_factor(
        self, info: Info, given: Annotated[api.ResetSecondFactorInput, takes("Whose, and why.")]
    ) -> api.ResetSecondFactorResult:
        """Take it away."""
        user_id = await staff.reset_second_factor(
            info.context.tools,
            await signed_in(info),
            given.identity_kind,
            given.identity_number,
            reason=given.reason,
        )
        return api.ResetSecondFactorSuccess(user_id=user_id)


async def _show(info: Info, row: User) -> api.StaffMember:
    [shown] = await STAFF_MEMBER.show([row], wanted(info, "member"), await info.context.scene())
    return shown
