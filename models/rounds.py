"""When periodic work was last done, and who is doing it now."""

from __future__ import annotations

import datetime as dt

from tortoise import fields
from tortoise.models import Model


class Round(Model):
    """One periodic work, by its name; the row is its lease and its memory."""

    name = fields.CharField(primary_key=True, max_length=40)
    next_run_at = fields.DatetimeField()
    lease_holder = fields.UUIDField(null=True)
    leased_until: dt.datetime | None = fields.DatetimeField(null=True)
    last_run_at: dt.datetime | None = fields.DatetimeField(null=True)
    # How many things the last run that succeeded did, and how many runs have failed since.
    last_done: int | None = fields.IntField(null=True)
    failures = fields.IntField(default=0)

    class Meta(Model.Meta):
        table = "rounds"
