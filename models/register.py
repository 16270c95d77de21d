"""The register: the one record of acts. History of a trámite, hash chain and feed are three readings of `Entry`."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.access import Role
from rules.lifecycle import TramiteStatus
from rules.register import Act

if TYPE_CHECKING:
    from models.people import User
    from models.tramites import Tramite


class Entry(Model):
    """
    One act. Written only by the database function `register_append`; nobody updates or deletes one.

    `sequence` is commit order. `record` is the canonical JSON of the act, from which the function fills the other
    columns; `hash` is SHA-256 over the previous hash, the sequence (8 bytes, big-endian) and `record` (UTF-8).
    """

    sequence = fields.BigIntField(primary_key=True, generated=False)
    at = fields.DatetimeField()
    act = enum_column(Act, max_length=30)
    tramite: fields.ForeignKeyNullableRelation[Tramite] = fields.ForeignKeyField(
        "mesa.Tramite", related_name="entries", null=True, on_delete=fields.RESTRICT
    )
    tramite_id: uuid.UUID | None
    actor: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="entries", null=True, on_delete=fields.RESTRICT
    )
    actor_id: uuid.UUID | None
    role = enum_column(Role, max_length=20)
    from_status = enum_column(TramiteStatus, max_length=20, null=True)
    to_status = enum_column(TramiteStatus, max_length=20, null=True)
    text = fields.TextField(null=True)
    detail: dict[str, Any] = fields.JSONField()  # pyright: ignore[reportAssignmentType]
    record = fields.TextField()
    previous_hash = fields.BinaryField()
    hash = fields.BinaryField()

    class Meta(Model.Meta):
        table = "entries"


class RegisterHead(Model):
    """The end of the chain; its lock orders all acts and gives all numbers."""

    chain = fields.CharField(primary_key=True, max_length=20)
    sequence = fields.BigIntField()
    hash = fields.BinaryField()

    class Meta(Model.Meta):
        table = "register_heads"


class NumberSeries(Model):
    """The last number given in a year; gapless, never reused."""

    series = fields.CharField(primary_key=True, max_length=20)
    last_given = fields.IntField()

    class Meta(Model.Meta):
        table = "number_series"
