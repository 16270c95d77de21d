"""Sessions, and the security check before them."""

import base64
import datetime as dt
import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.account_enums import SessionKind
from schema.described import says
from schema.node import Node, names
from schema.people import User
from schema.strangers import WithIdentity


@strawberry.type(description="A session (sesión) of the viewer.")
class Session(Node):
    """A session."""

    kind: SessionKind = says("Who holds its token.")
    device: str = says("A coarse name of the device or program, in Spanish, as it named itself.")
    created_at: dt.datetime = says("When it began.")
    last_seen_at: dt.datetime | None = says("When it was last used, to the minute; null if nobody knows.")
    expires_at: dt.datetime = says("When it ends at the latest.")
    idle_seconds: int | None = says("After so many seconds without a request it ends by itself; null if it does not.")
    is_current: bool = says("Whether it is the session of this request.")


@strawberry.input(description="Who signs in.")
class SignInInput(WithIdentity):
    """Credentials."""

    password: str = says("Password (contraseña).")
    session: SessionKind = strawberry.field(
        description="Who will hold the token: a program, or a browser in a cookie.", default=SessionKind.BEARER
    )


@strawberry.type(description="A session has begun.")
class SignInSuccess:
    """A session."""

    token: str | None = says(
        "Send it as the header «Authorization: Bearer …»; it is shown this once. Null for a browser: it is in a cookie."
    )
    expires_at: dt.datetime = says("When the session ends at the latest; a browser's ends sooner if it is not used.")
    user: User | None = says("Who signed in; null while the session awaits the second factor.")
    awaits_second_factor: bool = says(
        "Whether the session is good for nothing yet but `passSecondFactor` (verificación en dos pasos) and `signOut`."
    )


@strawberry.type(description="The session has ended.")
class SignOutSuccess:
    """No session any more."""

    is_signed_out: bool = says("Always true: the token is worth nothing any more.")


@strawberry.input(description="A session to be ended.")
class EndSessionInput:
    """Which."""

    id: uuid.UUID = says("Its id.")


@strawberry.type(description="The session was ended.")
class EndSessionSuccess:
    """Ended."""

    session_id: uuid.UUID = names("Its id.")


@strawberry.type(description="All other sessions were ended.")
class EndOtherSessionsSuccess:
    """Ended."""

    count: int = says("How many there were.")


@strawberry.type(
    description="The security check (casilla de seguridad) as a proof of work, which the browser does by itself."
)
class SecurityCheck:
    """A proof of work."""

    is_required: bool = says("Whether it is asked for at present.")
    challenge: str = says("The challenge as JSON, as ALTCHA's widget (version 2) takes it; its payload is the proof.")


@strawberry.type(
    description="The security check for browsers that cannot do the proof of work: six digits to be read or heard."
)
class SecurityCode:
    """A code."""

    token: str = says("The proof is this, a dot, and the six digits; it is good for one try within ten minutes.")
    draw: strawberry.Private[Callable[[], Awaitable[bytes]]]
    speak: strawberry.Private[Callable[[], Awaitable[bytes]]]

    @strawberry.field(description="The digits as a picture (PNG), in base64.")
    async def picture(self) -> str:
        """Draw the code."""
        return base64.b64encode(await self.draw()).decode()

    @strawberry.field(description="The digits as sound (WAV), spoken in Spanish, in base64.")
    async def sound(self) -> str:
        """Speak the code."""
        return base64.b64encode(await self.speak()).decode()


SignInResult: TypeAlias = Annotated[
    SignInSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.TooManyRequests,
    strawberry.union("SignInResult", description="Answer to a sign-in."),
]
SignOutResult: TypeAlias = Annotated[
    SignOutSuccess | refusals.NotSignedIn,
    strawberry.union("SignOutResult", description="Answer to a sign-out."),
]
EndSessionResult: TypeAlias = Annotated[
    EndSessionSuccess | refusals.NotSignedIn | refusals.NotFound,
    strawberry.union("EndSessionResult", description="Answer to the ending of a session."),
]
EndOtherSessionsResult: TypeAlias = Annotated[
    EndOtherSessionsSuccess | refusals.NotSignedIn,
    strawberry.union("EndOtherSessionsResult", description="Answer to the ending of all other sessions."),
]
