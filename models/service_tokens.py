"""Service tokens, by which programs read."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

if TYPE_CHECKING:
    from models.people import User


class ServiceToken(Model):
    """A program may read, in the name of nobody; only the SHA-256 of its token is kept. `made_by` answers for it."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    name = fields.CharField(max_length=80)
    token_hash = fields.BinaryField()
    # The check at the end of the token, by which a leaked one is told from others.
    ending = fields.CharField(max_length=6)
    scopes: list[str] = fields.JSONField()  # pyright: ignore[reportAssignmentType]
    # Codes of offices; empty for all.
    offices: list[str] = fields.JSONField()  # pyright: ignore[reportAssignmentType]
    made_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="service_tokens_made", on_delete=fields.RESTRICT
    )
    made_by_id: uuid.UUID
    made_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    last_used_at: dt.datetime | None = fields.DatetimeField(null=True)
    revoked_at: dt.datetime | None = fields.DatetimeField(null=True)
    revoked_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="service_tokens_revoked", null=True, on_delete=fields.RESTRICT
    )
    revoked_by_id: uuid.UUID | None

    class Meta(Model.Meta):
        table = "service_tokens"
