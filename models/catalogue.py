"""What administrators may change: the offices and their hours."""

from __future__ import annotations

import datetime as dt
import uuid

from tortoise import fields
from tortoise.models import Model

OFFICE_CODE_LENGTH = 20


class Office(Model):
    """
    A destination of documents (dependencia); never deleted. `opens_at` and `closes_at` are its first hours.

    `retired_at` is when it stopped taking documents. `revision` is the place among all changes of offices of the last
    one that touched it, so that the greatest is that of the list.
    """

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    code = fields.CharField(max_length=OFFICE_CODE_LENGTH, unique=True)
    name = fields.CharField(max_length=120)
    position = fields.SmallIntField()
    opens_at: dt.time = fields.TimeField()
    closes_at: dt.time = fields.TimeField()
    retired_at: dt.datetime | None = fields.DatetimeField(null=True)
    revision = fields.IntField(default=1, db_default=1)

    class Meta(Model.Meta):
        table = "offices"
