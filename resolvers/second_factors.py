"""Second factors: enrol, confirm, show."""

from typing import Annotated

import segno
import strawberry

from actions import second_factors
from reading.access import holder_of
from resolvers.context import Info, holds_session, signed_in
from resolvers.sessions import set_session_cookie, show_holder
from rules.sessions import bearer_token
from schema import second_factors as api
from schema.described import takes
from schema.people import User

QR_SCALE = 5


@strawberry.type
class SecondFactorQuery:
    """What a page needs to know that is loaded anew between the two steps."""

    @strawberry.field(description="Whether the session of this request awaits the second factor: `passSecondFactor`.")
    async def awaits_second_factor(self, info: Info) -> bool:
        """Tell."""
        holder = await info.context.holder()
        return holder is not None and holder.awaits_second_factor


@strawberry.type
class SecondFactorMutation:
    """Enrol, confirm, show."""

    @strawberry.mutation(
        description="Begin to enrol a second factor (activar la verificación en dos pasos), or another in its place."
    )
    async def begin_second_factor(
        self, info: Info, given: Annotated[api.BeginSecondFactorInput, takes("Password, and the present code.")]
    ) -> api.BeginSecondFactorResult:
        """Offer a seed."""
        tools, viewer = info.context.tools, await signed_in(info)
        offer = await second_factors.begin_second_factor(
            tools, viewer, password=given.current_password, code=given.code, client=info.context.client
        )
        qr = segno.make(offer.uri, error="m").svg_data_uri(scale=QR_SCALE)
        return api.BeginSecondFactorSuccess(seed=offer.seed, uri=offer.uri, qr=qr, expires_at=offer.expires_at)

    @strawberry.mutation(
        description="Put the second factor in force (confirmar la verificación en dos pasos) by a code of it."
    )
    async def confirm_second_factor(
        self, info: Info, given: Annotated[api.ConfirmSecondFactorInput, takes("The code.")]
    ) -> api.ConfirmSecondFactorResult:
        """Put it in force."""
        tools, viewer = info.context.tools, await signed_in(info)
        lifted, codes = await second_factors.confirm_second_factor(
            tools, viewer, code=given.code, client=info.context.client
        )
        return api.ConfirmSecondFactorSuccess(
            recovery_codes=codes,
            token=hand_over(info, lifted),
            expires_at=lifted.expires_at,
            user=await show_lifted(info, lifted),
        )

    @strawberry.mutation(
        description="Second step of signing in (ingresar, verificación en dos pasos): show a code; the session's token "
        "changes."
    )
    async def pass_second_factor(
        self, info: Info, given: Annotated[api.PassSecondFactorInput, takes("The code.")]
    ) -> api.PassSecondFactorResult:
        """Lift the session."""
        tools, holder = info.context.tools, await holds_session(info)
        lifted = await second_factors.pass_second_factor(tools, holder, code=given.code, client=info.context.client)
        return api.PassSecondFactorSuccess(
            token=hand_over(info, lifted), expires_at=lifted.expires_at, user=await show_lifted(info, lifted)
        )

    @strawberry.mutation(description="Make new recovery codes (códigos de respaldo); earlier ones are worth nothing.")
    async def renew_recovery_codes(
        self, info: Info, given: Annotated[api.RenewRecoveryCodesInput, takes("A code of the telephone.")]
    ) -> api.RenewRecoveryCodesResult:
        """Make new codes."""
        tools, viewer = info.context.tools, await signed_in(info)
        codes = await second_factors.renew_recovery_codes(tools, viewer, code=given.code, client=info.context.client)
        return api.RenewRecoveryCodesSuccess(recovery_codes=codes)


def hand_over(info: Info, lifted: second_factors.LiftedSession) -> str | None:
    """Give the session's new token to a browser in its cookie, and return it for a program."""
    # As whoever holds the session was recognised: another kind of authorization does not make a browser a program.
    if not info.context.cookie or bearer_token(info.context.authorization):
        return lifted.token
    set_session_cookie(info, lifted.token)
    return None


async def show_lifted(info: Info, lifted: second_factors.LiftedSession) -> User:
    """Show whose session was lifted, as they stand in it from now on."""
    viewer = await holder_of(lifted.token, at=info.context.tools.clock())
    return await show_holder(info, lifted.user, viewer=viewer)
