"""Saying that a mail is one's own, by the link that went to its sender."""

from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.described import says


@strawberry.input(description="The link by which whoever sent a mail says that it is theirs (confirmar el envío).")
class ConfirmFilingInput:
    """The token."""

    token: str = says("The code at the end of the link in the mail with the receipt.")
    claims: bool = strawberry.field(
        description="Whether the trámite shall be of the account that is signed in (asociarlo a su cuenta).",
        default=False,
    )


@strawberry.type(description="The sender is confirmed; the link is used up.")
class ConfirmFilingSuccess:
    """Confirmed."""

    number: str = says("Number of the trámite (número de trámite).")
    is_claimed: bool = says("Whether it is the viewer's own from now on.")


ConfirmFilingResult: TypeAlias = Annotated[
    ConfirmFilingSuccess | refusals.NotSignedIn | refusals.NotFound | refusals.Conflict | refusals.TooManyRequests,
    strawberry.union("ConfirmFilingResult", description="Answer to the link that confirms who sent a mail."),
]
