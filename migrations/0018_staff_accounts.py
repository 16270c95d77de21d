"""
Staff: second factors with the codes that stand in for them, invitations, and accounts that are staff no more.

Sessions that live now have shown no second factor, so nobody acts as staff in them until they have one.
"""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = """
CREATE UNIQUE INDEX invitations_code ON invitations (code_hash);
CREATE UNIQUE INDEX invitations_open ON invitations (lower(email)) WHERE accepted_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX invitations_by ON invitations (invited_by_id);
CREATE INDEX users_staff ON users (created_at, id) WHERE role <> 'APPLICANT';
"""

CHECKS = """
ALTER TABLE second_factors
    ADD CONSTRAINT second_factors_have_a_seed CHECK ((confirmed_at IS NULL) = (seed IS NULL)),
    ADD CONSTRAINT second_factors_offer CHECK ((offered_at IS NULL) = (offered_seed IS NULL));
ALTER TABLE invitations
    ADD CONSTRAINT invitations_for_staff CHECK (role IN ('CLERK', 'SUPERVISOR', 'ADMINISTRATOR', 'AUDITOR')),
    ADD CONSTRAINT invitations_accepted CHECK ((accepted_at IS NULL) = (accepted_by_id IS NULL)),
    ADD CONSTRAINT invitations_end CHECK (expires_at > invited_at);
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON second_factors TO mesa_app;
GRANT SELECT, INSERT, DELETE ON recovery_codes TO mesa_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON invitations TO mesa_app;
GRANT DELETE ON posts TO mesa_app;
"""


class Migration(migrations.Migration):
    """Creates the tables and columns, their indexes, checks and grants."""

    dependencies = [("mesa", "0017_tramite_owner")]

    operations = [
        ops.CreateModel(
            name="Invitation",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("email", fields.CharField(max_length=254)),
                ("role", fields.CharField(max_length=20)),
                ("offices", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("code_hash", fields.BinaryField()),
                (
                    "invited_by",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="invited_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="invitations_made",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("invited_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("accepted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "accepted_by",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="accepted_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="invitations_accepted",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("withdrawn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "invitations",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "Somebody was invited by mail to a role; it waits until it is accepted, withdrawn, or over.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="recovery_codes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("code_hash", fields.BinaryField()),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "recovery_codes",
                "app": "mesa",
                "unique_together": (("user", "code_hash"),),
                "pk_attr": "id",
                "table_description": "A code that stands in, once, for the second factor; only its SHA-256 is kept, "
                "until it is used.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SecondFactor",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "user",
                    fields.OneToOneField(
                        "mesa.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="second_factor",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("seed", fields.CharField(null=True, max_length=200)),
                ("used_step", fields.BigIntField(default=0)),
                ("offered_seed", fields.CharField(null=True, max_length=200)),
                ("offered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "second_factors",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "The one second factor of an account; seeds are sealed (`actions.vault`), "
                "never kept in clear.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Session",
            name="second_factor_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="User",
            name="deactivated_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="User",
            name="signed_in_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(GRANTS, ""),
    ]
