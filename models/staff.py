"""Invitations to the staff."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.access import Role

if TYPE_CHECKING:
    from models.people import User


class Invitation(Model):
    """Somebody was invited by mail to a role; it waits until it is accepted, withdrawn, or over."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    email = fields.CharField(max_length=254)
    role = enum_column(Role, max_length=20)
    # Codes of the offices.
    offices: list[str] = fields.JSONField()  # pyright: ignore[reportAssignmentType]
    code_hash = fields.BinaryField()
    invited_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="invitations_made", on_delete=fields.RESTRICT
    )
    invited_by_id: uuid.UUID
    invited_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    accepted_at: dt.datetime | None = fields.DatetimeField(null=True)
    accepted_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="invitations_accepted", null=True, on_delete=fields.RESTRICT
    )
    accepted_by_id: uuid.UUID | None
    withdrawn_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "invitations"
