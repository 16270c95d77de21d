"""What members of staff write for themselves: internal notes about trámites, and templates."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.templates import TemplateKind

if TYPE_CHECKING:
    from models.catalogue import Office
    from models.people import User
    from models.tramites import Tramite


class Note(Model):
    """An internal note about a trámite; neither its applicant nor an auditor ever reads it."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    tramite: fields.ForeignKeyRelation[Tramite] = fields.ForeignKeyField(
        "mesa.Tramite", related_name="notes", on_delete=fields.RESTRICT
    )
    tramite_id: uuid.UUID
    author: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="notes", on_delete=fields.RESTRICT
    )
    author_id: uuid.UUID
    text = fields.TextField()
    # Of its digest in the register; None if the text is erased, or was written before the register kept one.
    salt: bytes | None = fields.BinaryField(null=True)
    written_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "notes"


class Template(Model):
    """A sentence that is used again and again, as it stands now; of no office if it is for all."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = enum_column(TemplateKind, max_length=20)
    version = fields.IntField(default=1)
    title = fields.CharField(max_length=120)
    text = fields.TextField()
    office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "mesa.Office", related_name="templates", null=True, on_delete=fields.RESTRICT
    )
    office_id: uuid.UUID | None
    retired_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "templates"


class TemplateVersion(Model):
    """A template as it was saved once; never changed."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    template: fields.ForeignKeyRelation[Template] = fields.ForeignKeyField(
        "mesa.Template", related_name="versions", on_delete=fields.RESTRICT
    )
    template_id: uuid.UUID
    version = fields.IntField()
    title = fields.CharField(max_length=120)
    text = fields.TextField()
    office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "mesa.Office", related_name="template_versions", null=True, on_delete=fields.RESTRICT
    )
    office_id: uuid.UUID | None
    saved_at = fields.DatetimeField()
    saved_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="saved_templates", on_delete=fields.RESTRICT
    )
    saved_by_id: uuid.UUID

    class Meta(Model.Meta):
        table = "template_versions"
        unique_together = (("template", "version"),)
