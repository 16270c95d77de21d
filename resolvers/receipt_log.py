"""What anybody may ask of a receipt by its code, and of the log of all receipts; nobody needs to sign in for it."""

import datetime as dt
from typing import Annotated

import strawberry

from actions import gate
from actions.admitted_reads import read_admitted
from reading import receipt_log as reading
from reading.verification import find_by_code
from resolvers.context import Info
from resolvers.shapes import receipt_log as shapes
from rules.throttling import Door
from schema import receipt_log as api

Code = Annotated[str, strawberry.argument(description="Verification code of the receipt (código de verificación).")]
First = Annotated[int, strawberry.argument(description="How many, from 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")]
Size = Annotated[int, strawberry.argument(description="A number of entries, up to that of the last published head.")]


@strawberry.type
class ReceiptLogQuery:
    """What makes receipts checkable by anybody."""

    @strawberry.field(
        description="What a receipt certifies, by its code (verificar una constancia): as the page behind its QR code. "
        "Null for a code that no receipt has."
    )
    async def receipt_check(self, info: Info, verification_code: Code) -> api.ReceiptCheck | None:
        """Return what was certified."""
        asked = reading.checked_asked(verification_code)
        found = reading.checked_from(
            await read_admitted(info.context.tools, Door.PUBLIC_STATUS, info.context.client, asked)
        )
        return shapes.check(*found) if found else None

    @strawberry.field(
        description="That a receipt is in the head of its day, and that the last head continues it (prueba de "
        "inclusión). Null for a code that no receipt has, and until the head of its day is published."
    )
    async def receipt_proof(self, info: Info, verification_code: Code) -> api.ReceiptProof | None:
        """Return the proof."""
        await gate.admit(info.context.tools, Door.PUBLIC_STATUS, info.context.client)
        receipt = await find_by_code(verification_code)
        proof = await reading.prove_receipt(receipt, has_growth=True) if receipt else None
        return shapes.proof(proof) if proof else None

    @strawberry.field(
        description="The published heads of the log of receipts (cabezas del registro de constancias), the latest "
        "first."
    )
    async def receipt_log_heads(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        oldest_first: Annotated[bool, strawberry.argument(description="Whether the oldest comes first.")] = False,
        day: Annotated[dt.date | None, strawberry.argument(description="Only the head of this day.")] = None,
    ) -> api.LogHeadConnection:
        """Return one page."""
        asked = reading.heads_asked(first=first, after=after, is_oldest_first=oldest_first, day=day)
        rows = await read_admitted(info.context.tools, Door.RECEIPT_LOG, info.context.client, asked)
        return shapes.heads(reading.heads_page(rows, first=first, is_oldest_first=oldest_first), after=after)

    @strawberry.field(
        description="That the log of receipts only grew between two sizes (prueba de consistencia); null for sizes "
        "that it did not have, one after the other, by the last published head."
    )
    async def receipt_log_consistency(self, info: Info, first_size: Size, second_size: Size) -> api.LogGrowth | None:
        """Return the proof."""
        await gate.admit(info.context.tools, Door.RECEIPT_LOG, info.context.client)
        growth = await reading.prove_growth(first_size, second_size)
        return shapes.growth(growth) if growth else None
