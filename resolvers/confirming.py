"""The mutation for whoever holds the link that went to the sender of a mail."""

from typing import Annotated

import strawberry

from actions.mail_confirming import Confirmation, confirm_filing
from resolvers.context import Info, signed_in
from schema import confirming as api
from schema.described import takes


@strawberry.type
class ConfirmingMutation:
    """Confirm."""

    @strawberry.mutation(
        description="Say that a mail is one's own (confirmar el envío), by the link in the mail with its receipt, "
        "once. Nobody needs to sign in for it; who does may make the trámite their own (asociarlo a su cuenta). "
        "Neither its dates nor its status change."
    )
    async def confirm_filing(
        self, info: Info, given: Annotated[api.ConfirmFilingInput, takes("The link.")]
    ) -> api.ConfirmFilingResult:
        """Confirm."""
        viewer = await signed_in(info) if given.claims else None
        wish = Confirmation(given.token, given.claims)
        tramite = await confirm_filing(info.context.tools, wish, viewer=viewer, client=info.context.client)
        return api.ConfirmFilingSuccess(number=tramite.number, is_claimed=given.claims)
