"""Members of staff, as those who work beside them see them."""

import uuid

import strawberry

from schema.account_enums import Role
from schema.described import says
from schema.node import names


@strawberry.type(description="A member of staff (personal), as other staff see them.")
class Colleague:
    """A member of staff."""

    user_id: uuid.UUID = names("Id of their account.")
    full_name: str = says("Given names and surnames.")
    role: Role = says("What they are at the counter.")
