"""Filings that are not sent yet."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from tortoise import fields
from tortoise.models import Model

if TYPE_CHECKING:
    from models.people import User


class Draft(Model):
    """A form as far as it is filled in (borrador); no record, and gone when it is filed, discarded or too old."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    owner: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="drafts", on_delete=fields.RESTRICT
    )
    owner_id: uuid.UUID
    form: dict[str, Any] = fields.JSONField()  # pyright: ignore[reportAssignmentType]
    version = fields.IntField(default=1)
    saved_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "drafts"


class PolicyText(Model):
    """A privacy policy that was in force; what somebody accepted stays readable."""

    version = fields.CharField(primary_key=True, max_length=20)
    text = fields.TextField()
    sha256 = fields.CharField(max_length=64)
    first_seen_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "privacy_policies"
