"""The counter's tables as `benchmarks.graphql_naive` knows them: no more columns than its page and its guard need."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class User(Model):
    """A person with an account."""

    id = fields.UUIDField(primary_key=True)
    frozen_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "users"


class SecondFactor(Model):
    """The second factor of an account."""

    id = fields.UUIDField(primary_key=True)
    user = fields.OneToOneField("page.User", related_name="second_factor")
    confirmed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "second_factors"


class Session(Model):
    """A sign-in."""

    id = fields.UUIDField(primary_key=True)
    user = fields.ForeignKeyField("page.User", related_name="sessions")
    token_hash = fields.BinaryField()
    kind = fields.CharField(max_length=20)
    expires_at = fields.DatetimeField()
    idle_until = fields.DatetimeField(null=True)
    second_factor_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "sessions"


class Office(Model):
    """An office."""

    id = fields.UUIDField(primary_key=True)
    code = fields.CharField(max_length=20)
    name = fields.CharField(max_length=200)

    class Meta(Model.Meta):
        table = "offices"


class Tramite(Model):
    """A trámite."""

    id = fields.UUIDField(primary_key=True)
    number = fields.CharField(max_length=24)
    subject = fields.CharField(max_length=300)
    status = fields.CharField(max_length=20)
    document_kind = fields.CharField(max_length=20, null=True)
    folios = fields.IntField(null=True)
    sent_at = fields.DatetimeField()
    applicant = fields.ForeignKeyField("page.User", related_name="tramites")
    office = fields.ForeignKeyField("page.Office", related_name="tramites")

    class Meta(Model.Meta):
        table = "tramites"


class Entry(Model):
    """An act."""

    sequence = fields.BigIntField(primary_key=True)
    tramite = fields.ForeignKeyField("page.Tramite", related_name="entries")
    act = fields.CharField(max_length=30)
    to_status = fields.CharField(max_length=20, null=True)
    text = fields.TextField(null=True)
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "entries"


class EntryText(Model):
    """What was said with an act."""

    entry = fields.OneToOneField("page.Entry", related_name="said", primary_key=True, source_field="sequence")
    text = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "entry_texts"


class Content(Model):
    """The bytes of files."""

    sha256 = fields.CharField(primary_key=True, max_length=64)
    kind = fields.CharField(max_length=20, null=True)

    class Meta(Model.Meta):
        table = "contents"


class Attachment(Model):
    """A file of a trámite."""

    id = fields.UUIDField(primary_key=True)
    tramite = fields.ForeignKeyField("page.Tramite", related_name="attachments")
    version = fields.SmallIntField()
    role = fields.CharField(max_length=20)
    position = fields.SmallIntField()
    name = fields.CharField(max_length=200)
    content = fields.ForeignKeyField("page.Content", related_name="attachments")
    size_bytes = fields.BigIntField()

    class Meta(Model.Meta):
        table = "attachments"
