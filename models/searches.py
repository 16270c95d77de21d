"""Searches that people keep, and exports that they asked for; none of it is record."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.exports import ExportFormat
from rules.orders import TramiteOrder

if TYPE_CHECKING:
    from models.people import User


class SavedSearch(Model):
    """A search that a person keeps under a name (búsqueda guardada)."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    owner: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="saved_searches", on_delete=fields.RESTRICT
    )
    owner_id: uuid.UUID
    name = fields.CharField(max_length=60)
    wanted: dict[str, Any] = fields.JSONField()  # pyright: ignore[reportAssignmentType]  # as `reading.kept_filters.kept_of`
    order = enum_column(TramiteOrder, max_length=40)
    saved_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "saved_searches"
        unique_together = (("owner", "name"),)


class Export(Model):
    """A list of trámites that is to be fetched as a file (exportación); gone soon after."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    owner: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="exports", on_delete=fields.RESTRICT
    )
    owner_id: uuid.UUID
    format = enum_column(ExportFormat, max_length=20)
    wanted: dict[str, Any] = fields.JSONField()  # pyright: ignore[reportAssignmentType]  # as `reading.kept_filters.kept_of`
    order = enum_column(TramiteOrder, max_length=40)
    opened_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    # While it is being fetched, until when at most; of one person only one at a time.
    runs_until: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "exports"
