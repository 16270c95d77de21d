"""Accounts."""

from dataclasses import asdict
from typing import Annotated, Any

import strawberry

from actions import accounts
from reading.people import user_of
from resolvers.context import Info, viewer_if_any, wanted
from resolvers.shapes.people import USER
from schema.described import takes
from schema.people import RegisterInput, RegisterSuccess, User
from schema.results import RegisterResult


@strawberry.type
class PeopleQuery:
    """Who looks."""

    @strawberry.field(description="The person who is signed in; null for nobody, and an error for a bad bearer token.")
    async def me(self, info: Info) -> User | None:
        """Return the viewer's account."""
        viewer = await viewer_if_any(info)
        rows = [await user_of(viewer)] if viewer and not viewer.is_program else []
        shown = await USER.show(rows, wanted(info), await info.context.scene())
        return shown[0] if shown else None


@strawberry.type
class PeopleMutation:
    """Register."""

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


def _registration(given: RegisterInput) -> accounts.Registration:
    fields: dict[str, Any] = asdict(given) | {"second_surname": given.second_surname or ""}
    del fields["proof"]
    return accounts.Registration(**fields)
