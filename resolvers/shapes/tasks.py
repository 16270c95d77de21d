"""Tasks as the API shows them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from models import tasks as rows
from models.people import User
from reading import tramites as tramites_reading
from reading.rights import seen_by
from reading.tasks import people_by_id
from resolvers.engine.shapes import Computed, Shape, ToOne
from resolvers.shapes.colleagues import THEIR_NAME
from resolvers.shapes.tramites import TRAMITE
from schema import tasks as api

if TYPE_CHECKING:
    from models import people, tramites
    from resolvers.context import Scene


def _title(task: rows.Task, _scene: Scene) -> str:
    return task.kind.words.title


def _to_do(task: rows.Task, _scene: Scene) -> str:
    return task.kind.words.say_to_do(task.detail)


def _closed_at(task: rows.Task, _scene: Scene) -> object:
    return task.done_at


async def _tramites(ids: Collection[UUID], scene: Scene) -> dict[UUID, tramites.Tramite]:
    assert scene.viewer is not None, "nobody sees a task without signing in"
    return await tramites_reading.by_id(scene.viewer, ids)


async def _people(ids: Collection[UUID], _scene: Scene) -> dict[UUID, people.User]:
    return await people_by_id(ids)


PERSON = Shape(
    api.TaskPerson,
    model=User,
    columns=("identity_kind", "identity_number", "mobile"),
    computed={"full_name": THEIR_NAME},
)

TASK = Shape(
    api.Task,
    model=rows.Task,
    columns=("id", "kind", "opened_at", "note"),
    computed={
        "title": Computed(("kind",), _title),
        "to_do": Computed(("kind", "detail"), _to_do),
        "closed_at": Computed(("done_at",), _closed_at, same_as="done_at"),
    },
    relations={
        "tramite": ToOne("tramite_id", _tramites, TRAMITE, sql=seen_by("tramite_id")),
        "person": ToOne("user_id", _people, PERSON, sql=True),
    },
)
