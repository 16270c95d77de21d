"""What administrators decided about filing: rows are added, never changed."""

from __future__ import annotations

import uuid
from typing import Any

from tortoise import fields
from tortoise.models import Model


class PolicyVersion(Model):
    """
    One change: from an instant on, these values hold; all others stay. `number` is the order of all.

    A version is all rows up to it, as with the calendar. What is in no row is as the program begins.
    """

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    number = fields.IntField(unique=True)
    made_at = fields.DatetimeField()
    from_at = fields.DatetimeField()
    changes: dict[str, Any] = fields.JSONField()  # pyright: ignore[reportAssignmentType]

    class Meta(Model.Meta):
        table = "policy_versions"
