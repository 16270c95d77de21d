"""Second factors: enrol, confirm, show, and the codes that stand in for them."""

import datetime as dt
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.described import optional, says
from schema.people import User


@strawberry.input(description="Who wants a second factor, or another one.")
class BeginSecondFactorInput:
    """Password, and the present second factor if there is one."""

    current_password: str = says("The password (contraseña) of now.")
    code: str | None = optional(
        "Who has a second factor already: its code of now, or a recovery code (código de respaldo)."
    )


@strawberry.type(description="A second factor is offered. It is in force once a code of it is confirmed.")
class BeginSecondFactorSuccess:
    """An offer."""

    seed: str = says("The seed in base32, to be typed into an authenticator app; shown this once.")
    uri: str = says("The same as an otpauth URI (TOTP, RFC 6238: 6 digits, 30 seconds, SHA-1).")
    qr: str = says("The URI as a QR code: an SVG image as a data URI.")
    expires_at: dt.datetime = says("Until when it may be confirmed.")


@strawberry.input(description="The code that the telephone shows.")
class ConfirmSecondFactorInput:
    """A code."""

    code: str = says("The six digits that the app shows now.")


@strawberry.type(description="The second factor is in force. Other sessions have ended; the token of this one changed.")
class ConfirmSecondFactorSuccess:
    """In force."""

    recovery_codes: list[str] = says(
        "Ten codes that stand in for the telephone, each once (códigos de respaldo); shown this once. Earlier ones "
        "are worth nothing."
    )
    token: str | None = says("The session's token from now on; null for a browser: it is in a cookie.")
    expires_at: dt.datetime = says("When the session ends at the latest.")
    user: User = says("The viewer as of now.")


@strawberry.input(description="The second step of signing in.")
class PassSecondFactorInput:
    """A code."""

    code: str = says("The six digits that the app shows now, or a recovery code; each is good once.")


@strawberry.type(description="The session is good for all that the account may. Its token changed.")
class PassSecondFactorSuccess:
    """Passed."""

    token: str | None = says("The session's token from now on; null for a browser: it is in a cookie.")
    expires_at: dt.datetime = says("When the session ends at the latest.")
    user: User = says("Who signed in.")


@strawberry.input(description="The code that the telephone shows.")
class RenewRecoveryCodesInput:
    """A code."""

    code: str = says("The six digits that the app shows now; no recovery code.")


@strawberry.type(description="New recovery codes were made; earlier ones are worth nothing.")
class RenewRecoveryCodesSuccess:
    """New codes."""

    recovery_codes: list[str] = says("Ten codes, each good once (códigos de respaldo); shown this once.")


BeginSecondFactorResult: TypeAlias = Annotated[
    BeginSecondFactorSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.NotAllowed
    | refusals.TooManyRequests,
    strawberry.union("BeginSecondFactorResult", description="Answer to the wish for a second factor."),
]  # fmt: skip
ConfirmSecondFactorResult: TypeAlias = Annotated[
    ConfirmSecondFactorSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.Conflict
    | refusals.TooManyRequests,
    strawberry.union("ConfirmSecondFactorResult", description="Answer to the first code of a second factor."),
]  # fmt: skip
PassSecondFactorResult: TypeAlias = Annotated[
    PassSecondFactorSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.NotAllowed
    | refusals.TooManyRequests,
    strawberry.union("PassSecondFactorResult", description="Answer to the second step of signing in."),
]  # fmt: skip
RenewRecoveryCodesResult: TypeAlias = Annotated[
    RenewRecoveryCodesSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.NotAllowed
    | refusals.TooManyRequests,
    strawberry.union("RenewRecoveryCodesResult", description="Answer to the wish for new recovery codes."),
]  # fmt: skip
