"""Members of staff as their colleagues see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.people import User
from reading.colleagues import FULL_NAME, colleagues_by_id, owners_of
from reading.rights import right_sql
from resolvers.engine.shapes import Computed, Shape, ToOne
from rules.access import Right
from schema.colleagues import Colleague

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from resolvers.context import Scene
    from rules.access import Role

THEIR_NAME = Computed(
    ("given_names", "first_surname", "second_surname"), lambda person, _: person.full_name, sql=FULL_NAME
)
"""Someone's full name."""

COLLEAGUE = Shape(
    Colleague,
    model=User,
    columns=("role",),
    computed={
        "user_id": Computed(("id",), lambda person, _: person.id, same_as="id"),
        "full_name": THEIR_NAME,
    },
)


async def load_people(ids: Collection[UUID], _scene: Scene) -> dict[UUID, User]:
    """Return members of staff of whom a row tells that is shown already."""
    return await colleagues_by_id(ids)


async def _owners(ids: Collection[UUID], scene: Scene) -> dict[UUID, User]:
    assert scene.viewer is not None, "nobody sees a trámite without signing in"
    return await owners_of(scene.viewer, ids)


def _owner(role: Role) -> str:
    return f"SELECT * FROM users WHERE id = {{row}}.owner_id AND ({right_sql(role, Right.SEE_OWNER)})"  # noqa: S608 - our words


ITS_OWNER = ToOne("id", _owners, COLLEAGUE, sql=_owner)
"""The owner of a trámite."""
