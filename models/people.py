"""People, their sessions, the offices they serve, and the keys their programs retry with."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.access import Role
from rules.claims import is_vacated
from rules.people import IdentityKind
from rules.sessions import SessionKind

if TYPE_CHECKING:
    from models.catalogue import Office
    from models.second_factors import SecondFactor

IDENTITY_NUMBER_LENGTH = 20


class User(Model):
    """A person with an account; staff are people too."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    identity_kind = enum_column(IdentityKind, max_length=20)
    identity_number = fields.CharField(max_length=IDENTITY_NUMBER_LENGTH)
    given_names = fields.CharField(max_length=100)
    first_surname = fields.CharField(max_length=100)
    second_surname = fields.CharField(max_length=100, default="")
    birth_date = fields.DateField()
    email = fields.CharField(max_length=254)
    email_verified_at: dt.datetime | None = fields.DatetimeField(null=True)
    mobile = fields.CharField(max_length=20)
    password_hash = fields.CharField(max_length=200)
    role = enum_column(Role, max_length=20, default=Role.APPLICANT)
    created_at = fields.DatetimeField()
    wants_courtesy_notices = fields.BooleanField(default=True, db_default=True)
    # Set while somebody claims the identity, and for good once it was handed over.
    frozen_at: dt.datetime | None = fields.DatetimeField(null=True)
    # Set while somebody who was staff is staff no more; their role stays on record.
    deactivated_at: dt.datetime | None = fields.DatetimeField(null=True)
    signed_in_at: dt.datetime | None = fields.DatetimeField(null=True)

    # Set for good when the account was closed at the wish of its holder; nothing of them is left in the row.
    closed_at: dt.datetime | None = fields.DatetimeField(null=True)

    posts: fields.ReverseRelation[Post]
    second_factor: fields.OneToOneNullableRelation[SecondFactor]

    class Meta(Model.Meta):
        table = "users"
        unique_together = (("identity_kind", "identity_number"),)

    @property
    def full_name(self) -> str:
        """Given names and surnames, as they are read aloud."""
        return " ".join(part for part in (self.given_names, self.first_surname, self.second_surname) if part)

    @property
    def is_staff(self) -> bool:
        """Whether they are more than an applicant; who was staff is no more."""
        return self.role is not Role.APPLICANT and self.deactivated_at is None

    @property
    def has_identity(self) -> bool:
        """Whether the number is one of a document, and not what was put in its place when it was given to another."""
        return not is_vacated(self.identity_number)


class Post(Model):
    """A member of staff serves an office."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="posts", on_delete=fields.RESTRICT
    )
    user_id: uuid.UUID
    office: fields.ForeignKeyRelation[Office] = fields.ForeignKeyField(
        "mesa.Office", related_name="posts", on_delete=fields.RESTRICT
    )
    office_id: uuid.UUID

    class Meta(Model.Meta):
        table = "posts"
        unique_together = (("user", "office"),)


class Session(Model):
    """A sign-in; only the SHA-256 of its token is kept."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    token_hash = fields.BinaryField()
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="sessions", on_delete=fields.RESTRICT
    )
    user_id: uuid.UUID
    kind = enum_column(SessionKind, max_length=20, default=SessionKind.BEARER)
    device = fields.CharField(max_length=60, default="desconocido")
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    # It also ends when it was not used for so long; both None for sessions from before this was kept.
    last_seen_at: dt.datetime | None = fields.DatetimeField(null=True)
    idle_until: dt.datetime | None = fields.DatetimeField(null=True)
    # When a second factor was shown in it; until then nobody acts as staff.
    second_factor_at: dt.datetime | None = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "sessions"


class ClientKey(Model):
    """An idempotency key: what was asked with it, and what it made."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="client_keys", on_delete=fields.RESTRICT
    )
    user_id: uuid.UUID
    key = fields.UUIDField()
    request_hash = fields.BinaryField()
    made_id = fields.UUIDField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "client_keys"
        unique_together = (("user", "key"),)
