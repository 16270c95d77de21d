"""
What strangers ask about accounts: recovery by personal data, and claims of an identity; accounts may be frozen.

At most one request waits for an account, at most one claim for an identity.
"""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = """
CREATE UNIQUE INDEX recovery_requests_waiting ON recovery_requests (user_id) WHERE state = 'WAITING';
CREATE INDEX recovery_requests_user ON recovery_requests (user_id, state);
CREATE INDEX recovery_requests_list ON recovery_requests (state, asked_at, id) WHERE user_id IS NOT NULL;
CREATE INDEX recovery_requests_due ON recovery_requests (due_at) WHERE state = 'WAITING';
CREATE UNIQUE INDEX recovery_requests_stop ON recovery_requests (stop_hash);
CREATE UNIQUE INDEX identity_claims_waiting ON identity_claims (identity_kind, identity_number) WHERE state = 'WAITING';
CREATE INDEX identity_claims_identity ON identity_claims (identity_number, identity_kind);
CREATE INDEX identity_claims_list ON identity_claims (state, claimed_at, id);
"""

CHECKS = """
ALTER TABLE recovery_requests ADD CONSTRAINT recovery_requests_state CHECK (
    (state = 'WAITING') = (password_hash IS NOT NULL) AND (state = 'IGNORED') = (user_id IS NULL)
    AND (state IN ('WAITING', 'IGNORED')) = (settled_at IS NULL) AND (due_at IS NULL OR due_at > asked_at));
ALTER TABLE identity_claims ADD CONSTRAINT identity_claims_state CHECK (
    (state IN ('WAITING', 'IGNORED')) = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL));
"""

GRANTS = "GRANT SELECT, INSERT, UPDATE ON recovery_requests, identity_claims TO mesa_app;"


class Migration(migrations.Migration):
    """Creates the tables, indexes, checks and grants, and adds the column."""

    dependencies = [("mesa", "0011_life_cycle")]

    operations = [
        ops.CreateModel(
            name="IdentityClaim",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("state", fields.CharField(max_length=20)),
                ("identity_kind", fields.CharField(max_length=20)),
                ("identity_number", fields.CharField(max_length=20)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="user_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="identity_claims",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("given_names", fields.CharField(max_length=100)),
                ("first_surname", fields.CharField(max_length=100)),
                ("second_surname", fields.CharField(default="", max_length=100)),
                ("email", fields.CharField(max_length=254)),
                ("mobile", fields.CharField(max_length=20)),
                ("statement", fields.TextField(unique=False)),
                ("reference_hash", fields.BinaryField()),
                ("claimed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="decided_claims",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "identity_claims",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "Somebody says that an identity is theirs; one that waits for each identity, whether an account has it or not.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RecoveryRequest",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("state", fields.CharField(max_length=20)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="user_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="recovery_requests",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("password_hash", fields.CharField(null=True, max_length=200)),
                ("email", fields.CharField(null=True, max_length=254)),
                ("mobile", fields.CharField(null=True, max_length=20)),
                ("stop_hash", fields.BinaryField()),
                ("reference_hash", fields.BinaryField()),
                (
                    "notice",
                    fields.ForeignKeyField(
                        "mesa.Notice",
                        source_field="notice_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="recovery_requests",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="decided_recoveries",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "recovery_requests",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "Somebody wants a new password by personal data; one that waits for each account.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="User",
            name="frozen_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(GRANTS, ""),
    ]
