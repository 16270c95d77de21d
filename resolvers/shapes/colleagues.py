"""Members of staff as their colleagues see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading.colleagues import colleagues_by_id, owners_of
from resolvers.engine.shapes import Computed, Shape, ToOne
from schema.colleagues import Colleague

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from models.people import User
    from resolvers.context import Scene

COLLEAGUE = Shape(
    Colleague,
    columns=("full_name", "role"),
    computed={"user_id": Computed(("id",), lambda person, _: person.id)},
)


async def load_people(ids: Collection[UUID], _scene: Scene) -> dict[UUID, User]:
    """Return members of staff of whom a row tells that is shown already."""
    return await colleagues_by_id(ids)


async def _owners(ids: Collection[UUID], scene: Scene) -> dict[UUID, User]:
    assert scene.viewer is not None, "nobody sees a trámite without signing in"
    return await owners_of(scene.viewer, ids)


ITS_OWNER = ToOne("id", _owners, COLLEAGUE)
"""The owner of a trámite."""
