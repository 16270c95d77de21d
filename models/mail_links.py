"""Links of one use that were mailed with a receipt."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.mail_links import LinkPurpose

if TYPE_CHECKING:
    from models.people import User
    from models.tramites import Tramite


class MailLink(Model):
    """A link about a trámite that came by mail; only the SHA-256 of its token is kept."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    tramite: fields.ForeignKeyRelation[Tramite] = fields.ForeignKeyField(
        "mesa.Tramite", related_name="mail_links", on_delete=fields.RESTRICT
    )
    tramite_id: uuid.UUID
    purpose = enum_column(LinkPurpose, max_length=20)
    token_hash = fields.BinaryField()
    made_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at: dt.datetime | None = fields.DatetimeField(null=True)
    # None while it was not used, and for who used it without an account.
    used_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="mail_links_used", null=True, on_delete=fields.RESTRICT
    )
    used_by_id: uuid.UUID | None

    class Meta(Model.Meta):
        table = "mail_links"
