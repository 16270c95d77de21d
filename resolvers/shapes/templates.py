"""Templates as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import desk
from reading.templates import VERSIONS, versions_of
from resolvers.engine.shapes import Arguments, Rows, Shape, ToMany, ToOne
from resolvers.shapes.catalogue import ITS_OFFICE
from resolvers.shapes.colleagues import COLLEAGUE, load_people
from schema.templates import Template, TemplateVersion

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from resolvers.context import Scene


async def _versions(
    ids: Collection[UUID], _arguments: Sequence[Arguments], _scene: Scene
) -> dict[UUID, list[desk.TemplateVersion]]:
    return await versions_of(ids)


VERSION = Shape(
    TemplateVersion,
    model=desk.TemplateVersion,
    columns=("version", "title", "text", "saved_at"),
    relations={"saved_by": ToOne("saved_by_id", load_people, COLLEAGUE, sql=True)},
)
TEMPLATE = Shape(
    Template,
    model=desk.Template,
    columns=("id", "kind", "version", "title", "text", "retired_at"),
    relations={"office": ITS_OFFICE, "versions": ToMany(_versions, VERSION, rows=Rows(VERSIONS))},
)
