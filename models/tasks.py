"""What waits for a person at the desk."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.tasks import TaskKind

if TYPE_CHECKING:
    from models.people import User
    from models.tramites import Tramite


class Task(Model):
    """One thing to be done about a trámite or an account; at most one of a kind is open about the same."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = enum_column(TaskKind, max_length=30)
    tramite: fields.ForeignKeyNullableRelation[Tramite] = fields.ForeignKeyField(
        "mesa.Tramite", related_name="tasks", null=True, on_delete=fields.RESTRICT
    )
    tramite_id: uuid.UUID | None
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="tasks", null=True, on_delete=fields.RESTRICT
    )
    user_id: uuid.UUID | None
    detail: dict[str, Any] = fields.JSONField()  # pyright: ignore[reportAssignmentType]
    opened_at = fields.DatetimeField()
    done_at: dt.datetime | None = fields.DatetimeField(null=True)
    done_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="done_tasks", null=True, on_delete=fields.RESTRICT
    )
    done_by_id: uuid.UUID | None
    # What was done about it; None while it is open.
    note: str | None = fields.TextField(null=True)
    # Past its time: the note is none.
    erased_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "tasks"
