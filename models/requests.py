"""What strangers ask about accounts: recovery by personal data, and claims of an identity."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from models.people import IDENTITY_NUMBER_LENGTH
from rules.claims import ClaimState
from rules.people import IdentityKind
from rules.recoveries import RecoveryState

if TYPE_CHECKING:
    from models.people import User
    from models.receipts import Notice


class RecoveryRequest(Model):
    """
    Somebody wants a new password by personal data; one that waits for each account.

    One that matched nothing, or came while another waited, is kept for thirty days without account, data and
    password: as IGNORED.
    """

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    state = enum_column(RecoveryState, max_length=20)
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="recovery_requests", null=True, on_delete=fields.RESTRICT
    )
    user_id: uuid.UUID | None
    # None once it is settled.
    password_hash = fields.CharField(max_length=200, null=True)
    # None leaves what is on record.
    email = fields.CharField(max_length=254, null=True)
    mobile = fields.CharField(max_length=20, null=True)
    stop_hash = fields.BinaryField()
    reference_hash = fields.BinaryField()
    # The mail that told the person; the delay counts from its sending.
    notice: fields.ForeignKeyRelation[Notice] = fields.ForeignKeyField(
        "mesa.Notice", related_name="recovery_requests", on_delete=fields.RESTRICT
    )
    notice_id: uuid.UUID
    asked_at: dt.datetime = fields.DatetimeField()
    # None when only a person may decide it.
    due_at: dt.datetime | None = fields.DatetimeField(null=True)
    settled_at: dt.datetime | None = fields.DatetimeField(null=True)
    decided_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="decided_recoveries", null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: uuid.UUID | None
    reason: str | None = fields.TextField(null=True)
    # Past its time: nothing of people is left but the account's id.
    erased_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "recovery_requests"


class IdentityClaim(Model):
    """
    Somebody says that an identity is theirs; one that waits for each identity, whether an account has it or not.

    The account is the one that had the identity when it was claimed.
    """

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    state = enum_column(ClaimState, max_length=20)
    identity_kind = enum_column(IdentityKind, max_length=20)
    identity_number = fields.CharField(max_length=IDENTITY_NUMBER_LENGTH)
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="identity_claims", null=True, on_delete=fields.RESTRICT
    )
    user_id: uuid.UUID | None
    given_names = fields.CharField(max_length=100)
    first_surname = fields.CharField(max_length=100)
    second_surname = fields.CharField(max_length=100, default="")
    email = fields.CharField(max_length=254)
    mobile = fields.CharField(max_length=20)
    statement = fields.TextField()
    reference_hash = fields.BinaryField()
    claimed_at: dt.datetime = fields.DatetimeField()
    decided_at: dt.datetime | None = fields.DatetimeField(null=True)
    decided_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="decided_claims", null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: uuid.UUID | None
    reason: str | None = fields.TextField(null=True)
    # Past its time: nothing of people is left but the account's id.
    erased_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "identity_claims"

    @property
    def full_name(self) -> str:
        """Given names and surnames of who claims, as they are read aloud."""
        return " ".join(part for part in (self.given_names, self.first_surname, self.second_surname) if part)
