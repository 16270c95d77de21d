"""Receipts that were lost: have them mailed again."""

from typing import Annotated

import strawberry

from actions.resending import send_receipt_again
from resolvers.context import Info, signed_in, wanted
from resolvers.shapes.notices import NOTICE
from schema.described import takes
from schema.receipts import SendReceiptAgainInput, SendReceiptAgainResult, SendReceiptAgainSuccess


@strawberry.type
class ReceiptMutation:
    """Send again."""

    @strawberry.mutation(
        description="Have a receipt (constancia or cargo) mailed again (volver a enviar), the same file, to the "
        "contact of its trámite. For whoever filed it, and staff of its office; five an hour for each trámite."
    )
    async def send_receipt_again(
        self, info: Info, given: Annotated[SendReceiptAgainInput, takes("The receipt.")]
    ) -> SendReceiptAgainResult:
        """Send a receipt again."""
        context, viewer = info.context, await signed_in(info)
        row = await send_receipt_again(
            context.tools, viewer, given.receipt_id, client_key=given.client_key, client=context.client
        )
        [notice] = await NOTICE.show([row], wanted(info, "notice"), await context.scene())
        return SendReceiptAgainSuccess(notice=notice)
