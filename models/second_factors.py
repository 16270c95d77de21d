"""Second factors of accounts, and the codes that stand in for one that was lost."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

if TYPE_CHECKING:
    from models.people import User


class SecondFactor(Model):
    """The one second factor of an account; seeds are sealed (`actions.vault`), never kept in clear."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    user: fields.OneToOneRelation[User] = fields.OneToOneField(
        "mesa.User", related_name="second_factor", on_delete=fields.RESTRICT
    )
    user_id: uuid.UUID
    # In force since; None while only an offer was made.
    confirmed_at: dt.datetime | None = fields.DatetimeField(null=True)
    seed = fields.CharField(max_length=200, null=True)
    # The step of 30 seconds whose code was taken last: that one and all before are worth nothing.
    used_step = fields.BigIntField(default=0)
    # What was offered last, to be put in force by a code of it.
    offered_seed = fields.CharField(max_length=200, null=True)
    offered_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "second_factors"


class RecoveryCode(Model):
    """A code that stands in, once, for the second factor; only its SHA-256 is kept, until it is used."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="recovery_codes", on_delete=fields.RESTRICT
    )
    user_id: uuid.UUID
    code_hash = fields.BinaryField()
    made_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "recovery_codes"
        unique_together = (("user", "code_hash"),)
