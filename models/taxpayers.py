"""Taxpayers of SUNAT's published register, and which publication of it is loaded."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from rules.taxpayers import TEXT_MAX_LENGTH


class Taxpayer(Model):
    """Whom a RUC belongs to. The table is partitioned; all its rows are in the one partition of the current load."""

    ruc = fields.CharField(primary_key=True, max_length=11)
    name = fields.CharField(max_length=TEXT_MAX_LENGTH)
    state = fields.CharField(max_length=TEXT_MAX_LENGTH)
    condition = fields.CharField(max_length=TEXT_MAX_LENGTH)

    class Meta(Model.Meta):
        table = "taxpayers"


class TaxpayerLoad(Model):
    """One publication that was loaded; the current one has the highest `id`, after which its partition is named."""

    id = fields.IntField(primary_key=True)
    published_on = fields.DateField()
    loaded_at = fields.DatetimeField()
    row_count = fields.BigIntField()
    bad_line_count = fields.BigIntField()

    class Meta(Model.Meta):
        table = "taxpayer_loads"
