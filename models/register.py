"""
The register: the one record of acts. History of a trámite, hash chain and feed are three readings of `Entry`.

Beside it stand what was said with an act (`EntryText`), the chain of sensitive reads, and the anchors of both chains.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.access import Role
from rules.chain import Chain
from rules.lifecycle import TramiteStatus
from rules.reads import ReadKind
from rules.register import Act

if TYPE_CHECKING:
    from models.people import User
    from models.tramites import Tramite


class Entry(Model):
    """
    One act. Written only by the database function `register_append`; nobody updates or deletes one.

    `sequence` is commit order. `record` is the canonical JSON of the act, from which the function fills the other
    columns; `hash` is SHA-256 over the previous hash, the sequence (8 bytes, big-endian) and `record` (UTF-8).
    `text` holds words of entries written before the chain held digests only; those of later ones are an `EntryText`.
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
    text: str | None = fields.TextField(null=True)
    detail: dict[str, Any] = fields.JSONField()  # pyright: ignore[reportAssignmentType]
    record = fields.TextField()
    previous_hash = fields.BinaryField()
    hash = fields.BinaryField()

    class Meta(Model.Meta):
        table = "entries"


class EntryText(Model):
    """
    What was said with an act, and the salt of its digest in the chain. Written only by `register_append`.

    Erased only by `register_erase_text`, which leaves the row as a tombstone: when, and neither text nor salt.
    """

    # That of its entry, to which the database holds it.
    sequence = fields.BigIntField(primary_key=True, generated=False)
    salt: bytes | None = fields.BinaryField(null=True)
    text: str | None = fields.TextField(null=True)
    erased_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "entry_texts"


class ReadEntry(Model):
    """One sensitive read, in a chain of its own; written only by `reads_append`, like an `Entry` otherwise."""

    sequence = fields.BigIntField(primary_key=True, generated=False)
    at = fields.DatetimeField()
    kind = enum_column(ReadKind, max_length=30)
    viewer: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="reads", on_delete=fields.RESTRICT
    )
    viewer_id: uuid.UUID
    role = enum_column(Role, max_length=20)
    tramite: fields.ForeignKeyNullableRelation[Tramite] = fields.ForeignKeyField(
        "mesa.Tramite", related_name="reads", null=True, on_delete=fields.RESTRICT
    )
    tramite_id: uuid.UUID | None
    # Whom it is about, or the one thing that was looked at; of whatever kind, so that it refers to no table.
    subject_id: uuid.UUID | None = fields.UUIDField(null=True)
    detail: dict[str, Any] = fields.JSONField()  # pyright: ignore[reportAssignmentType]
    record = fields.TextField()
    previous_hash = fields.BinaryField()
    hash = fields.BinaryField()

    class Meta(Model.Meta):
        table = "read_entries"


class Anchor(Model):
    """Where a chain ended when a day was over; written only by `register_anchor`, and mailed to who keeps it."""

    id = fields.BigIntField(primary_key=True)
    day = fields.DateField()
    chain = enum_column(Chain, max_length=20)
    sequence = fields.BigIntField()
    hash = fields.BinaryField()
    anchored_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "anchors"
        unique_together = (("day", "chain"),)


class RegisterHead(Model):
    """The end of a chain; the lock of that of acts orders all acts and gives all numbers."""

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
