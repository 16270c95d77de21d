"""Received mails (correos recibidos): the ledger of a mailbox, and what staff do with a mail."""

import datetime as dt
import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.catalogue import Office
from schema.colleagues import Colleague
from schema.described import asks_once, says
from schema.finding import PageInfo
from schema.mail_enums import MailDecisionKind, MailOutcome, SuppressionReason
from schema.node import Node, names
from schema.scalars import Sha256
from schema.tramites import Tramite


@strawberry.type(description="A folder of a mail account whose mails are taken in (buzón).")
class MailSource:
    """A mailbox."""

    mailbox_id: uuid.UUID = names("Id of the mailbox.")
    account: str = says("The account on the mail server.")
    folder: str = says("The folder.")
    office: Office = says("The office (dependencia) to which its mails are filed.")


@strawberry.type(description="What a member of staff did with a mail.")
class MailDecision:
    """A decision."""

    kind: MailDecisionKind = says("What.")
    made_at: dt.datetime = says("When.")
    made_by: Colleague = says("Who.")
    text: str | None = says(
        "Why it was rejected, or the answer, in Spanish; null of a release, and once the mail is no longer kept."
    )


@strawberry.type(
    description="A received mail (correo recibido), once however often it lies in its mailbox. As it came it is "
    "fetched at /mails/{id}/raw, as plain text at /mails/{id}/text; each leaves a trace."
)
class Mail(Node):
    """A mail."""

    mailbox: MailSource = says("Where it came in.")
    received_at: dt.datetime = says("When our mail server received it: the instant that counts.")
    recorded_at: dt.datetime = says("When it was taken in.")
    outcome: MailOutcome = says("What became of it.")
    reason: str | None = says("Why, as a code; null if it was filed at once.")
    reason_text: str | None = says(
        "What the reason means and what to do about it, in Spanish for staff; null without a reason."
    )
    suppression: SuppressionReason | None = says("Why it was not answered; null if it was, or waits for a person.")
    size_bytes: int = says("How many bytes it has.")
    sha256: Sha256 = says("SHA-256 of its bytes as received.")
    is_kept: bool = says("Whether its bytes are still kept (se conserva).")
    copies: int = says("In how many places of its mailbox it was seen.")
    tramite: Tramite | None = says(
        "The trámite that it became, or to which it is a reply; null if none, or none that the viewer may see."
    )
    hint: Tramite | None = says(
        "The trámite that it says to answer, or asks about, without being part of it; null if none, or none that the "
        "viewer may see."
    )
    decisions: list[MailDecision] = says("What staff did with it, the first thing first; the first 100.")


@strawberry.type(description="A mail in a list.")
class MailEdge:
    """An entry of a page."""

    cursor: str = says("Its place in the list; opaque.")
    node: Mail = says("The mail.")


@strawberry.type(description="A page of mails, those received last first.")
class MailConnection:
    """A page."""

    edges: list[MailEdge] = says("The mails of this page.")
    page_info: PageInfo = says("Where the page ends.")


@strawberry.input(description="A mail to let out of quarantine (liberar un correo).")
class ReleaseMailInput:
    """A mail."""

    id: uuid.UUID = says("Id of the mail.")


@strawberry.input(description="A mail in quarantine that is no filing (rechazar un correo).")
class RejectMailInput:
    """A mail, and why."""

    id: uuid.UUID = says("Id of the mail.")
    reason: str = says("Why, in Spanish, up to 1000 characters; its sender reads it, if the mail may be answered.")


@strawberry.input(description="An answer to the sender of a mail (responder un correo).")
class AnswerMailInput:
    """A mail, and the answer."""

    client_key: uuid.UUID = asks_once()
    id: uuid.UUID = says("Id of the mail.")
    text: str = says("The answer, in Spanish, plain text up to 2000 characters; what they wrote is never quoted.")


@strawberry.type(description="The mail became a trámite, or the correction of one.")
class ReleaseMailSuccess:
    """Released."""

    mail: Mail = says("The mail as it is now.")


@strawberry.type(description="The mail is rejected.")
class RejectMailSuccess:
    """Rejected."""

    mail: Mail = says("The mail as it is now.")


@strawberry.type(description="The answer will be sent.")
class AnswerMailSuccess:
    """Answered."""

    mail: Mail = says("The mail as it is now.")


ReleaseMailResult: TypeAlias = Annotated[
    ReleaseMailSuccess
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.WrongStep
    | refusals.TooManyRequests,
    strawberry.union("ReleaseMailResult", description="Answer to the release of a mail."),
]
RejectMailResult: TypeAlias = Annotated[
    RejectMailSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.WrongStep
    | refusals.TooManyRequests,
    strawberry.union("RejectMailResult", description="Answer to the rejection of a mail."),
]
AnswerMailResult: TypeAlias = Annotated[
    AnswerMailSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("AnswerMailResult", description="Answer to an answer."),
]
