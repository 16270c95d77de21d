"""Codes of one use: no record, forgotten a day after they were sent."""

from __future__ import annotations

import datetime as dt
import uuid

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.codes import CodePurpose


class Code(Model):
    """
    The last code sent to one subject for one purpose; only its slow hash is kept.

    The subject is the id of an account, or of nobody: a code is also made for an identity without an account, and sent
    nowhere, so that both cost the same. The id is another for each code sent.
    """

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    purpose = enum_column(CodePurpose, max_length=20)
    subject_id = fields.UUIDField()
    # None when it was sent nowhere.
    address = fields.CharField(max_length=254, null=True)
    kept_hash = fields.CharField(max_length=200)
    tries = fields.SmallIntField(default=0)
    sent_count = fields.SmallIntField(default=1)
    sent_at: dt.datetime = fields.DatetimeField()
    expires_at: dt.datetime = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "codes"
        unique_together = (("subject_id", "purpose"),)
