"""What people did with mails."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.mail_desk import MailDecisionKind

if TYPE_CHECKING:
    from models.mail import MailItem
    from models.people import User
    from models.receipts import Notice


class MailDecision(Model):
    """What a member of staff did with a mail: released or rejected it, once, or answered it."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    item: fields.ForeignKeyRelation[MailItem] = fields.ForeignKeyField(
        "mesa.MailItem", related_name="decisions", on_delete=fields.RESTRICT
    )
    item_id: uuid.UUID
    kind = enum_column(MailDecisionKind, max_length=20)
    made_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="mail_decisions", on_delete=fields.RESTRICT
    )
    made_by_id: uuid.UUID
    made_at: dt.datetime = fields.DatetimeField()
    # Why it was rejected, or the answer; None of a release, and once the mail is past its time.
    text: str | None = fields.TextField(null=True)
    notice: fields.ForeignKeyNullableRelation[Notice] = fields.ForeignKeyField(
        "mesa.Notice", related_name="mail_decisions", null=True, on_delete=fields.RESTRICT
    )
    notice_id: uuid.UUID | None

    class Meta(Model.Meta):
        table = "mail_decisions"
