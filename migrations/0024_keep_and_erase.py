"""
What is kept of people, and for how long: versions of the periods, marks of what was erased, closings of accounts.

Rows of the record stay when they are past their time; what they told of people goes, and `erased_at` says since when.
"""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = """
CREATE INDEX tramites_ended ON tramites (status, sent_at) WHERE status IN ('RESOLVED', 'VOIDED', 'LAPSED');
CREATE INDEX mail_items_unfiled ON mail_items (recorded_at) WHERE tramite_id IS NULL AND erased_at IS NULL;
CREATE INDEX notices_finished ON notices (finished_at) WHERE finished_at IS NOT NULL AND erased_at IS NULL;
CREATE INDEX notices_user ON notices (user_id, created_at) WHERE user_id IS NOT NULL;
CREATE INDEX tasks_user ON tasks (user_id, opened_at) WHERE user_id IS NOT NULL;
CREATE INDEX tasks_tramite ON tasks (tramite_id) WHERE tramite_id IS NOT NULL;
CREATE INDEX uploads_used ON uploads (owner_id, used_at) WHERE used_at IS NOT NULL;
CREATE INDEX identity_claims_user ON identity_claims (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX client_keys_created ON client_keys USING brin (created_at);
CREATE INDEX entries_about ON entries ((detail->>'user'), sequence) WHERE detail->>'user' IS NOT NULL;
CREATE INDEX entries_staff ON entries (actor_id, sequence)
    WHERE actor_id IS NOT NULL AND role NOT IN ('APPLICANT', 'SYSTEM');
CREATE UNIQUE INDEX account_closures_waiting ON account_closures (user_id) WHERE state = 'WAITING';
CREATE INDEX account_closures_user ON account_closures (user_id, asked_at);
CREATE INDEX account_closures_due ON account_closures (due_at) WHERE state = 'WAITING';
"""

UNDO_INDEXES = """
DROP INDEX tramites_ended, mail_items_unfiled, notices_finished, notices_user, tasks_user, tasks_tramite, uploads_used,
    identity_claims_user, client_keys_created, entries_about, entries_staff, account_closures_waiting,
    account_closures_user, account_closures_due;
"""

CHECKS = """
ALTER TABLE account_closures ADD CONSTRAINT account_closures_state CHECK (
    (state = 'WAITING') = (settled_at IS NULL) AND due_at > asked_at);
ALTER TABLE users ADD CONSTRAINT users_closed CHECK (
    closed_at IS NULL OR (identity_number LIKE '-%' AND email = '' AND mobile = '' AND given_names = ''
        AND first_surname = '' AND second_surname = '' AND password_hash = ''));
ALTER TABLE notices ADD CONSTRAINT notices_erased CHECK (erased_at IS NULL OR address IS NULL);
ALTER TABLE receipts ADD CONSTRAINT receipts_erased CHECK ((erased_at IS NULL) = (facts_sha256 IS NULL));
"""

UNDO_CHECKS = """
ALTER TABLE account_closures DROP CONSTRAINT account_closures_state;
ALTER TABLE users DROP CONSTRAINT users_closed;
ALTER TABLE notices DROP CONSTRAINT notices_erased;
ALTER TABLE receipts DROP CONSTRAINT receipts_erased;
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE ON account_closures TO mesa_app;
GRANT SELECT, INSERT ON retention_versions TO mesa_app;
GRANT DELETE ON client_keys, bounced_addresses TO mesa_app;
"""


class Migration(migrations.Migration):
    """Creates the tables and columns, indexes, checks and grants."""

    dependencies = [("mesa", "0023_administration")]

    operations = [
        ops.CreateModel(
            name="AccountClosure",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="closures",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("state", fields.CharField(max_length=20)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "account_closures",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "Somebody wants their account closed; one that waits for each account.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RetentionVersion",
            fields=[
                ("id", fields.IntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("days", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("is_applied", fields.BooleanField()),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "made_by",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="made_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="retention_versions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "retention_versions",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "All periods as of one change, and whether what is past them is erased by itself; the highest `id` holds.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Attachment",
            name="erased_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Content",
            name="erased_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="IdentityClaim",
            name="erased_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="MailItem",
            name="erased_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Notice",
            name="erased_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Receipt",
            name="erased_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Receipt",
            name="facts_sha256",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="RecoveryRequest",
            name="erased_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Task",
            name="erased_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Tramite",
            name="erased_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Upload",
            name="erased_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="User",
            name="closed_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(INDEXES, UNDO_INDEXES),
        ops.RunSQL(CHECKS, UNDO_CHECKS),
        ops.RunSQL(GRANTS, "REVOKE DELETE ON client_keys, bounced_addresses FROM mesa_app;"),
    ]
