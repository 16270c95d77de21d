"""Bytes that were handed in: what the store holds, and uploads under way."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from models.columns import enum_column
from rules.files import PagesProblem
from rules.verdicts import Scan

if TYPE_CHECKING:
    from models.people import User


class Content(Model):
    """Bytes in the store, named by their SHA-256; the row exists only after they are durable."""

    sha256 = fields.CharField(primary_key=True, max_length=64)
    size_bytes = fields.BigIntField()
    stored_at = fields.DatetimeField()
    # Of a PDF its pages or why they are not known; both None for other files, and for what came before they were kept.
    pages: int | None = fields.IntField(null=True)
    pages_problem = enum_column(PagesProblem, max_length=20, null=True)
    # What the sieve found: all None for what nobody handed in, and for what came before there was one.
    kind = fields.CharField(max_length=10, null=True)
    findings: list[str] | None = ArrayField("text", null=True)
    judged_version: int | None = fields.SmallIntField(null=True)
    # When it is judged next, because it could not be yet or is to be anew; None if it is not to be.
    judge_after = fields.DatetimeField(null=True)
    judge_attempts = fields.SmallIntField(default=0, db_default=0)
    # What the antivirus said, None if none was asked; `signature` is what it called what it found.
    scan = enum_column(Scan, max_length=20, null=True)
    signature = fields.CharField(max_length=200, null=True)
    scanned_at = fields.DatetimeField(null=True)
    scan_after = fields.DatetimeField(null=True)
    scan_attempts = fields.SmallIntField(default=0, db_default=0)
    # When an upload that held it was forgotten: since then perhaps nothing refers to it.
    abandoned_at = fields.DatetimeField(null=True)
    # When its bytes went, because all that refers to it is past its time; None again once they are put again.
    erased_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "contents"


class Upload(Model):
    """A file on its way in; `sha256` is set when the last byte has arrived and is stored."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    owner: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="uploads", on_delete=fields.RESTRICT
    )
    owner_id: uuid.UUID
    name = fields.CharField(max_length=200)
    size_bytes = fields.BigIntField()
    content: fields.ForeignKeyNullableRelation[Content] = fields.ForeignKeyField(
        "mesa.Content", related_name="uploads", null=True, on_delete=fields.RESTRICT
    )
    content_id: str | None
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    # Past its time: it was filed, so the row stays, without the name.
    erased_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "uploads"
