"""What the counter attests."""

import datetime as dt
import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.described import asks_once, says
from schema.file_enums import ReceiptKind
from schema.node import Node
from schema.notices import Notice
from schema.scalars import Sha256


@strawberry.type(description="A receipt (constancia or cargo) as a sealed PDF, made once; the same bytes each time.")
class Receipt(Node):
    """A receipt."""

    kind: ReceiptKind = says("What it attests.")
    version: int = says("1, or for a correction or a completion the version (versión) of the files that it added.")
    verification_code: str = says("Code by which anybody who holds it can verify it (código de verificación).")
    issued_at: dt.datetime = says("When it was issued.")
    url: str = says("Where the PDF can be fetched, with the same Authorization header.")
    sealed_at: dt.datetime | None = says(
        "When its file was sealed and kept (constancia sellada), moments after it was issued; null until then."
    )
    sha256: Sha256 | None = says("SHA-256 of the sealed file: every copy of it has this one; null until sealed.")
    log_index: int | None = says(
        "Its place in the log of receipts (registro de constancias), from 0; null until sealed."
    )
    erased_at: dt.datetime | None = says(
        "When what it told of people was erased, past its time (ya no se conserva); null while it is whole."
    )


@strawberry.input(description="A receipt to be mailed again (volver a enviar).")
class SendReceiptAgainInput:
    """A receipt to be mailed again."""

    receipt_id: uuid.UUID = says("Id of the receipt.")
    client_key: uuid.UUID = asks_once()


@strawberry.type(description="The mail is promised.")
class SendReceiptAgainSuccess:
    """Promised."""

    notice: Notice = says("The mail that brings it (aviso).")


SendReceiptAgainResult: TypeAlias = Annotated[
    SendReceiptAgainSuccess
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("SendReceiptAgainResult", description="Answer to a receipt that is wanted again."),
]
