"""A server as it comes: Strawberry's own view on uvicorn's lax parser. What is probed must be seen to go wrong here."""

import sys
from enum import Enum

import strawberry
import uvicorn
from strawberry.asgi import GraphQL


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    def greeting(self) -> str:
        """Greet."""
        return "hola"


@strawberry.type
class SignInSuccess:
    """What a right guess gets."""

    token: str


@strawberry.enum
class IdentityKind(Enum):
    """Kinds of documents."""

    DNI = "DNI"


@strawberry.input
class SignInInput:
    """A guess."""

    identity_kind: IdentityKind
    identity_number: str
    password: str


@strawberry.type
class Mutation:
    """What can be done."""

    @strawberry.mutation
    def sign_in(self, input: SignInInput) -> SignInSuccess:  # noqa: A002 - the name in the API
        """Guess."""
        return SignInSuccess(token=input.password)


if __name__ == "__main__":
    door = GraphQL[None, None](strawberry.Schema(Query, Mutation), multipart_uploads_enabled=True)
    uvicorn.run(door, port=int(sys.argv[1]), http="h11", log_level="critical", h11_max_incomplete_event_size=30_000_000)
