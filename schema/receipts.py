"""What the counter attests."""

import datetime as dt
import uuid

import strawberry

from schema.described import says
from schema.enums import ReceiptKind


@strawberry.type(description="A receipt (constancia or cargo) as PDF; the same bytes each time.")
class Receipt:
    """A receipt."""

    id: uuid.UUID = says("Its id.")
    kind: ReceiptKind = says("What it attests.")
    version: int = says("1, or for a correction or a completion the version of the files that it added.")
    verification_code: str = says("Code by which anybody who holds it can verify it (código de verificación).")
    issued_at: dt.datetime = says("When it was issued.")
    url: str = says("Where the PDF can be fetched, with the same Authorization header.")
    erased_at: dt.datetime | None = says(
        "When what it told of people was erased, past its time (ya no se conserva); null while it is whole."
    )
