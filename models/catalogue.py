"""What administrators may change: the offices and their hours."""

from __future__ import annotations

import datetime as dt
import uuid

from tortoise import fields
from tortoise.models import Model

OFFICE_CODE_LENGTH = 20


class Office(Model):
    """A destination of documents (dependencia)."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    code = fields.CharField(max_length=OFFICE_CODE_LENGTH, unique=True)
    name = fields.CharField(max_length=120)
    position = fields.SmallIntField()
    opens_at: dt.time = fields.TimeField()
    closes_at: dt.time = fields.TimeField()

    class Meta(Model.Meta):
        table = "offices"
