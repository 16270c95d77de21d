"""Accounts and sessions."""

from dataclasses import asdict
from typing import Annotated, Any

import strawberry

from actions import accounts
from reading.people import user_of
from resolvers.context import Info, signed_in, wanted
from resolvers.shapes.people import USER
from schema.described import takes
from schema.people import RegisterInput, RegisterSuccess, SignInInput, SignInSuccess, SignOutSuccess, User
from schema.results import RegisterResult, SignInResult, SignOutResult


@strawberry.type
class PeopleQuery:
    """Who looks."""

    @strawberry.field(description="The person who is signed in; null for nobody.")
    async def me(self, info: Info) -> User | None:
        """Return the viewer's account."""
        viewer = await info.context.viewer()
        rows = [await user_of(viewer)] if viewer else []
        shown = await USER.show(rows, wanted(info), await info.context.scene())
        return shown[0] if shown else None


@strawberry.type
class PeopleMutation:
    """Register, sign in, sign out."""

    @strawberry.mutation(
        description="Second step of registering (registrarse, «Registrar»): open an account. A code goes to its "
        "address. An identity that has an account already is answered alike."
    )
    async def register(
        self,
        info: Info,
        given: Annotated[RegisterInput, takes("The registration.")],
    ) -> RegisterResult:
        """Open an account."""
        form = _registration(given)
        await accounts.apply_for_account(info.context.tools, form, client=info.context.client, proof=given.proof)
        return RegisterSuccess(is_received=True)

    @strawberry.mutation(description="Sign in (ingresar): begin a session of 12 hours.")
    async def sign_in(
        self,
        info: Info,
        given: Annotated[SignInInput, takes("The credentials.")],
    ) -> SignInResult:
        """Begin a session."""
        begun = await accounts.sign_in(info.context.tools, **asdict(given))
        [user] = await USER.show([begun.user], wanted(info, "user"), await info.context.scene())
        return SignInSuccess(token=begun.token, expires_at=begun.expires_at, user=user)

    @strawberry.mutation(description="Sign out (salir): end the session of this request.")
    async def sign_out(self, info: Info) -> SignOutResult:
        """End the session."""
        await accounts.sign_out(info.context.tools, await signed_in(info))
        return SignOutSuccess(is_signed_out=True)


def _registration(given: RegisterInput) -> accounts.Registration:
    fields: dict[str, Any] = asdict(given) | {"second_surname": given.second_surname or ""}
    del fields["proof"]
    return accounts.Registration(**fields)
