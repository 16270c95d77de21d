"""Addresses that take no mail any more."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

if TYPE_CHECKING:
    from models.receipts import Notice


class BouncedAddress(Model):
    """An address, in lower case, that was found dead; nothing is sent there until it expires or is lifted."""

    address = fields.CharField(primary_key=True, max_length=254)
    status = fields.CharField(max_length=20)
    # The last notice that came back or was refused.
    notice: fields.ForeignKeyRelation[Notice] = fields.ForeignKeyField(
        "mesa.Notice", related_name="marks", on_delete=fields.RESTRICT
    )
    notice_id: uuid.UUID
    marked_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    lifted_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "bounced_addresses"
