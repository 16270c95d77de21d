"""For how long things are kept, by versions; and accounts that are closed at the wish of their holder."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.closures import ClosureState

if TYPE_CHECKING:
    from models.people import User


class RetentionVersion(Model):
    """All periods as of one change, and whether what is past them is erased by itself; the highest `id` holds."""

    id = fields.IntField(primary_key=True, generated=False)
    # By kind: for how many days, null for always. Kinds that are left out have the period of `rules.retention`.
    days: dict[str, int | None] = fields.JSONField()  # pyright: ignore[reportAssignmentType]
    is_applied = fields.BooleanField()
    made_at: dt.datetime = fields.DatetimeField()
    made_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="retention_versions", on_delete=fields.RESTRICT
    )
    made_by_id: uuid.UUID

    class Meta(Model.Meta):
        table = "retention_versions"


class AccountClosure(Model):
    """Somebody wants their account closed; one that waits for each account."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="closures", on_delete=fields.RESTRICT
    )
    user_id: uuid.UUID
    state = enum_column(ClosureState, max_length=20)
    asked_at: dt.datetime = fields.DatetimeField()
    # It is closed then, or when the last trámite that is open has ended.
    due_at: dt.datetime = fields.DatetimeField()
    settled_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "account_closures"
