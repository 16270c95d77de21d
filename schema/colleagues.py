"""Members of staff, as those who work beside them see them."""

import uuid

import strawberry

from schema.described import says
from schema.enums import Role


@strawberry.type(description="A member of staff (personal), as other staff see them.")
class Colleague:
    """A member of staff."""

    id: uuid.UUID = says("Their id.")
    full_name: str = says("Given names and surnames.")
    role: Role = says("What they are at the counter.")
