"""What was certified, and the mails that were promised."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.catalogue import ReceiptKind
from rules.notices import NoticeKind, NoticeState

if TYPE_CHECKING:
    from models.files import Content
    from models.people import User
    from models.tramites import Tramite


class Receipt(Model):
    """Frozen facts, and the sealed PDF that is made from them once; a row that is not sealed yet is the queue."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    tramite: fields.ForeignKeyRelation[Tramite] = fields.ForeignKeyField(
        "mesa.Tramite", related_name="receipts", on_delete=fields.RESTRICT
    )
    tramite_id: uuid.UUID
    kind = enum_column(ReceiptKind, max_length=20)
    # Of what was handed in: a correction is received as the next version and has a receipt of its own.
    version = fields.SmallIntField(default=1, db_default=1)
    verification_code = fields.CharField(max_length=32, unique=True)
    facts: dict[str, Any] = fields.JSONField()  # pyright: ignore[reportAssignmentType]
    issued_at = fields.DatetimeField()
    # The sealed file, when it was kept, and its place in the log of receipts, from 0; all three at once, for ever.
    content: fields.ForeignKeyNullableRelation[Content] = fields.ForeignKeyField(
        "mesa.Content", related_name="receipts", null=True, on_delete=fields.RESTRICT
    )
    content_id: str | None
    sealed_at: dt.datetime | None = fields.DatetimeField(null=True)
    log_index = fields.BigIntField(null=True, unique=True)
    # Past its time: the facts hold nothing of people any more; the digest is that of what they were.
    erased_at: dt.datetime | None = fields.DatetimeField(null=True)
    facts_sha256 = fields.CharField(max_length=64, null=True)

    class Meta(Model.Meta):
        table = "receipts"
        unique_together = (("tramite", "kind", "version"),)


class Notice(Model):
    """One outgoing mail; the row is the promise and the queue."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = enum_column(NoticeKind, max_length=30)
    tramite: fields.ForeignKeyNullableRelation[Tramite] = fields.ForeignKeyField(
        "mesa.Tramite", related_name="notices", null=True, on_delete=fields.RESTRICT
    )
    tramite_id: uuid.UUID | None
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="notices", null=True, on_delete=fields.RESTRICT
    )
    user_id: uuid.UUID | None
    # None only when the notice was suppressed because there is nobody to write to, or is erased.
    address = fields.CharField(max_length=254, null=True)
    in_reply_to = fields.CharField(max_length=300, null=True)
    # Of what answers a mail: its address, blinded, by which answers are counted. None for what we send by ourselves.
    answer_key: bytes | None = fields.BinaryField(null=True)
    detail: dict[str, Any] = fields.JSONField()  # pyright: ignore[reportAssignmentType]
    message_id = fields.CharField(max_length=200, unique=True)
    state = enum_column(NoticeState, max_length=20, default=NoticeState.PENDING)
    reason = fields.CharField(max_length=200, null=True)
    attempts = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    next_try_at: dt.datetime | None = fields.DatetimeField(null=True)
    lease_holder = fields.UUIDField(null=True)
    leased_until: dt.datetime | None = fields.DatetimeField(null=True)
    finished_at: dt.datetime | None = fields.DatetimeField(null=True)
    # Past its time: the address is None and the detail holds but the receipt's id.
    erased_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "notices"
