"""
The legal calendar, as it was made known: rows are added, never changed.

Each change is a version of the calendar; a version is all rows up to it. So a date that was given by a version can be
given again from it, whatever was changed since.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.workdays import FilingPolicy

if TYPE_CHECKING:
    import datetime as dt

    from models.catalogue import Office


class CalendarVersion(Model):
    """One change of the calendar; `id` is the order of all."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=20, unique=True)
    made_at = fields.DatetimeField()
    change = fields.CharField(max_length=200)

    class Meta(Model.Meta):
        table = "calendar_versions"


class PolicyChange(Model):
    """From a day on, the hour of sending counts by this policy."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    version: fields.ForeignKeyRelation[CalendarVersion] = fields.ForeignKeyField(
        "mesa.CalendarVersion", related_name="policies", on_delete=fields.RESTRICT
    )
    version_id: int
    from_on: dt.date = fields.DateField()
    policy = enum_column(FilingPolicy, max_length=20)

    class Meta(Model.Meta):
        table = "policy_changes"


class HoursChange(Model):
    """From a day on, an office is open in these hours."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    version: fields.ForeignKeyRelation[CalendarVersion] = fields.ForeignKeyField(
        "mesa.CalendarVersion", related_name="hours", on_delete=fields.RESTRICT
    )
    version_id: int
    office: fields.ForeignKeyRelation[Office] = fields.ForeignKeyField(
        "mesa.Office", related_name="hours_changes", on_delete=fields.RESTRICT
    )
    office_id: uuid.UUID
    from_on: dt.date = fields.DateField()
    opens_at: dt.time = fields.TimeField()
    closes_at: dt.time = fields.TimeField()

    class Meta(Model.Meta):
        table = "hours_changes"


class Holiday(Model):
    """A day that does not count (feriado), everywhere or in one office; of several rows the latest holds."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    version: fields.ForeignKeyRelation[CalendarVersion] = fields.ForeignKeyField(
        "mesa.CalendarVersion", related_name="holidays", on_delete=fields.RESTRICT
    )
    version_id: int
    office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "mesa.Office", related_name="holidays", null=True, on_delete=fields.RESTRICT
    )
    office_id: uuid.UUID | None
    day: dt.date = fields.DateField()
    name = fields.CharField(max_length=120)
    source = fields.CharField(max_length=200)
    is_closed = fields.BooleanField(default=True)

    class Meta(Model.Meta):
        table = "holidays"
