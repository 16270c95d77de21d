"""What has an identity of its own and can be asked for by it (Relay's object identification)."""

import uuid
from typing import Any

import strawberry


def names(text: str) -> Any:
    """Return a field that holds an id, which the API calls `ID`; it is described by *text*."""
    return strawberry.field(description=text, graphql_type=strawberry.ID)


def may_name(text: str) -> Any:
    """Return a field that holds an id or null; it is described by *text*."""
    return strawberry.field(description=text, graphql_type=strawberry.ID | None)


@strawberry.interface(
    description="A thing with an identity: `node` and `nodes` show it again, to those who may see it, by its id."
)
class Node:
    """A thing with an identity."""

    id: uuid.UUID = names("Its id: a UUID, unlike that of any other thing, and the same text wherever it is named.")
